namespace KubeVirtMonitor.Simulator;

/// <summary>Everything that a scrape of a pod consists of but the time: the families with their series, sorted by name.</summary>
internal sealed class ScrapePlan
{
    private ScrapePlan(IEnumerable<MetricFamily> families, IReadOnlyList<ReportedVmi> machines, IReadOnlyList<MigrationQueue> queues)
    {
        Families = [.. families.Where(family => family.Count > 0).OrderBy(family => family.Name, StringComparer.Ordinal)];
        _followed = machines.Any(static machine => machine.Run is not null) ? machines : [];
        Queues = queues;
    }

    private readonly IReadOnlyList<ReportedVmi> _followed;

    public IReadOnlyList<MetricFamily> Families { get; }

    /// <summary>The migrations that are told of.</summary>
    public IReadOnlyList<MigrationQueue> Queues { get; }

    public static ScrapePlan For(SimulatedCluster cluster, SimulatedPod pod)
    {
        (IReadOnlyList<ReportedVmi> machines, IReadOnlyList<MigrationQueue> queues) = pod.Component == ComponentKind.Handler ? cluster.Reported(pod) : ([], []);
        IEnumerable<MetricFamily> own = pod.Component switch
        {
            ComponentKind.Api => ApiFamilies.For(cluster, pod),
            ComponentKind.Controller => ControllerFamilies.For(cluster, pod),
            ComponentKind.Handler => HandlerFamilies.For(cluster, pod, machines, queues),
            ComponentKind.Operator => OperatorFamilies.For(cluster, pod),
            _ => throw new ArgumentOutOfRangeException(nameof(pod), pod.Component, null),
        };
        IEnumerable<MetricFamily> process = [.. GoRuntimeFamilies.For(cluster), .. ClientFamilies.For(cluster.Release), .. WorkQueueFamilies.For(pod.Component)];
        if (pod.Began is { } began) process = GoRuntimeFamilies.Restarted(process, cluster, began);
        return new ScrapePlan(process.Select(family => ClientFamilies.WithErrors(family, cluster.Faults.ErrorsOf(pod))).Concat(own), machines, queues);
    }

    /// <summary>What a look at a moment shows of the machines.</summary>
    public MachineMoments[] Look(long now) => [.. _followed.Select(machine => machine.Run?.Look(now) ?? default)];
}
