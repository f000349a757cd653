namespace KubeVirtMonitor.Simulator;

/// <summary>The work queues of a component.</summary>
internal static class WorkQueueFamilies
{
    public static string[] QueuesOf(ComponentKind component) => component switch
    {
        ComponentKind.Controller =>
        [
            "virt-controller-disruption-budget", "virt-controller-evacuation", "virt-controller-migration", "virt-controller-node",
            "virt-controller-pool", "virt-controller-replicaset", "virt-controller-vm", "virt-controller-vmi", "virt-controller-workload-update",
        ],
        ComponentKind.Handler => ["virt-handler-node-labeller", "virt-handler-vm"],
        ComponentKind.Operator => ["virt-operator-certs", "virt-operator-kubevirt"],
        _ => [],
    };

    public static IEnumerable<MetricFamily> For(ComponentKind component)
    {
        string[] queues = QueuesOf(component);
        if (queues.Length == 0) return [];
        FamilyBuilder adds = new("kubevirt_workqueue_adds_total", "Items that were added to a queue.", "counter");
        FamilyBuilder depth = new("kubevirt_workqueue_depth", "Items in a queue.", "gauge");
        FamilyBuilder longest = new("kubevirt_workqueue_longest_running_processor_seconds", "How long the longest work on an item of a queue has taken so far.", "gauge");
        FamilyBuilder wait = new("kubevirt_workqueue_queue_duration_seconds", "How long items wait in a queue.", "histogram");
        FamilyBuilder retries = new("kubevirt_workqueue_retries_total", "Items that were put back into a queue.", "counter");
        FamilyBuilder unfinished = new("kubevirt_workqueue_unfinished_work_seconds", "Work in progress that no duration counts yet.", "gauge");
        FamilyBuilder work = new("kubevirt_workqueue_work_duration_seconds", "How long the work on an item of a queue takes.", "histogram");
        for (int i = 0; i < queues.Length; i++)
        {
            (string, string) name = ("name", queues[i]);
            long weight = i + 1;
            adds.Add(SeriesValue.Growing(800 * weight, weight), name);
            depth.Add(SeriesValue.Wandering(0, i % 2), name);
            longest.Add(SeriesValue.Fixed(0), name);
            wait.AddHistogram(HistogramShape.WorkQueue, 800 * weight, weight, 208_317, name);
            retries.Add(SeriesValue.Growing(4 * weight, 1) with { Divisor = 10 }, name);
            unfinished.Add(SeriesValue.Fixed(0), name);
            work.AddHistogram(HistogramShape.WorkQueue, 800 * weight, weight, 11_229_429, name);
        }

        return [adds.Build(), depth.Build(), longest.Build(), wait.Build(), retries.Build(), unfinished.Build(), work.Build()];
    }
}
