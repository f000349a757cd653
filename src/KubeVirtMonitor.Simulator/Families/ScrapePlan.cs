namespace KubeVirtMonitor.Simulator;

/// <summary>Everything that a scrape of a pod consists of but the time: the families with their series, sorted by name.</summary>
internal sealed class ScrapePlan
{
    private ScrapePlan(IEnumerable<MetricFamily> families) =>
        Families = [.. families.Where(family => family.Count > 0).OrderBy(family => family.Name, StringComparer.Ordinal)];

    public IReadOnlyList<MetricFamily> Families { get; }

    public static ScrapePlan For(SimulatedCluster cluster, SimulatedPod pod)
    {
        IEnumerable<MetricFamily> own = pod.Component switch
        {
            ComponentKind.Api => ApiFamilies.For(cluster),
            ComponentKind.Controller => ControllerFamilies.For(cluster, pod),
            ComponentKind.Handler => HandlerFamilies.For(cluster, pod),
            ComponentKind.Operator => OperatorFamilies.For(cluster, pod),
            _ => throw new ArgumentOutOfRangeException(nameof(pod), pod.Component, null),
        };
        return new ScrapePlan([.. GoRuntimeFamilies.For(cluster), .. ClientFamilies.For(cluster.Release), .. WorkQueueFamilies.For(pod.Component), .. own]);
    }
}
