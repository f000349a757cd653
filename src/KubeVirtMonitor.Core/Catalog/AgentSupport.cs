namespace KubeVirtMonitor;

/// <summary>A check of the Datadog Agent sends a metric, from some KubeVirt version to another.</summary>
/// <param name="Check">The check.</param>
/// <param name="Since">The first KubeVirt version with which it sends it, inclusive; null = the oldest known version.</param>
/// <param name="Until">The first version with which it no longer does, exclusive; null = the newest known version still does.</param>
internal sealed record AgentSupport(AgentCheck Check, KubeVirtVersion? Since, KubeVirtVersion? Until)
{
    /// <summary>Whether the check sends it with a KubeVirt version.</summary>
    public bool AppliesTo(KubeVirtVersion version) => (Since is not { } since || version >= since) && (Until is not { } until || version < until);

    /// <summary>Such as <c>KubeVirt before 1.3.0</c>.</summary>
    public override string ToString() => $"{Check}{(Since is { } since ? $" from {since}" : "")}{(Until is { } until ? $" before {until}" : "")}";
}

/// <summary>Which check of the Datadog Agent scrapes KubeVirt.</summary>
public enum AgentCheck
{
    /// <summary>The generic check openmetrics, with the metrics, names and labels that this module writes into its instances.</summary>
    OpenMetrics,

    /// <summary>The three checks kubevirt_api, kubevirt_controller and kubevirt_handler.</summary>
    KubeVirt,
}
