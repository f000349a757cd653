namespace KubeVirtMonitor.Usage;

/// <summary>Usage of machines, brought together by where they are.</summary>
internal static class UsageGroups
{
    /// <summary>The usage of all machines of a node, a namespace or a cluster, or of each machine, ordered by their names.</summary>
    /// <param name="machines">The machines.</param>
    /// <param name="scope">How they are brought together. Those of several clusters are kept apart.</param>
    public static IReadOnlyList<KubeVirtUsage> By(IReadOnlyList<KubeVirtUsage> machines, UsageScope scope)
    {
        if (scope == UsageScope.Vmi)
            return [.. machines.OrderBy(static usage => usage.Cluster, StringComparer.Ordinal).ThenBy(static usage => usage.Namespace, StringComparer.Ordinal).ThenBy(static usage => usage.Vmi, StringComparer.Ordinal)];
        string? KeyOf(KubeVirtUsage usage) => scope switch
        {
            UsageScope.Node => usage.Node,
            UsageScope.Namespace => usage.Namespace,
            _ => null,
        };
        return [.. machines.GroupBy(usage => (usage.Session, usage.NamedCluster, KeyOf(usage))).Select(group => Join([.. group], scope))
            .OrderBy(static usage => usage.Cluster, StringComparer.Ordinal).ThenBy(KeyOf, StringComparer.Ordinal)];
    }

    /// <summary>The parts of machines, ordered by what they are, by machine and by name.</summary>
    public static IReadOnlyList<KubeVirtUsageDetail> InOrder(IEnumerable<KubeVirtUsageDetail> details) =>
        [.. details.OrderBy(static detail => detail.Kind).ThenBy(static detail => detail.Cluster, StringComparer.Ordinal).ThenBy(static detail => detail.Namespace, StringComparer.Ordinal)
            .ThenBy(static detail => detail.Vmi, StringComparer.Ordinal).ThenBy(static detail => detail.Device.Length * (detail.Kind == UsageDevice.VCpu ? 1 : 0)).ThenBy(static detail => detail.Device, StringComparer.Ordinal)];

    private static KubeVirtUsage Join(KubeVirtUsage[] machines, UsageScope scope) => new(UsageSums.Of(machines.Select(static usage => usage.Sums)))
    {
        Scope = scope,
        Node = scope == UsageScope.Node ? machines[0].Node : null,
        Namespace = scope == UsageScope.Namespace ? machines[0].Namespace : null,
        Session = machines[0].Session,
        NamedCluster = machines[0].NamedCluster,
        Moment = machines[0].Moment,
        Timestamp = machines.Max(static usage => usage.Timestamp),
        Interval = machines.Max(static usage => usage.Interval),
        Refreshed = Array.TrueForAll(machines, static usage => usage.Refreshed is null) ? null : Array.Exists(machines, static usage => usage.Refreshed == true),
        Restarted = Array.Exists(machines, static usage => usage.Restarted),
    };
}
