namespace KubeVirtMonitor.Catalog;

/// <summary>
/// Which documented metrics the checks of the Datadog Agent send. Seen by running their code (kubevirt_* 1.0.0 to 2.0.1, base 37.0.0 to 37.19.0):
/// the three KubeVirt checks know one name of each family, that of KubeVirt 1.1 and 1.2, and name a sample by the type on the endpoint;
/// the generic check knows what <see cref="AgentMapping"/> tells it.
/// </summary>
internal static class AgentArrival
{
    // The documented families have the same names and types in 1.1 and 1.2.
    private static readonly KubeVirtVersion KnownToTheChecks = new(1, 2);

    /// <summary>The checks that send a metric, and with which KubeVirt versions; empty for what is not documented.</summary>
    public static IReadOnlyList<AgentSupport> Of(MetricDefinition definition)
    {
        if (!definition.Documented) return [];
        if (definition.RawMetrics.Count == 0) return [new AgentSupport(AgentCheck.KubeVirt, null, null)];
        AgentSupport? generic = definition.DerivedFrom is null
            ? Span(AgentCheck.OpenMetrics, definition.RawMetrics.Where(raw => AgentMapping.IsSent(definition, raw)))
            : new AgentSupport(AgentCheck.OpenMetrics, definition.SinceVersion, definition.UntilVersion);
        RawMetric[] known = [.. definition.RawMetrics.Where(raw => raw.AppliesTo(KnownToTheChecks))];
        AgentSupport? own = Span(AgentCheck.KubeVirt, definition.RawMetrics.Where(raw => Array.Exists(known, other => other.AgentName == raw.AgentName && other.Type == raw.Type)));
        return [.. new[] { generic, own }.OfType<AgentSupport>()];
    }

    /// <summary>Whether a check sends a metric with a KubeVirt version.</summary>
    public static bool IsSent(MetricDefinition definition, AgentCheck check, KubeVirtVersion version) =>
        definition.AgentSupport.Any(support => support.Check == check && support.AppliesTo(version));

    /// <summary>The documented metrics that a component has in a KubeVirt version and that its own check (kubevirt_api, kubevirt_controller, kubevirt_handler) never sends.</summary>
    /// <param name="component">The component.</param>
    /// <param name="version">The KubeVirt version; null = the newest known.</param>
    public static IReadOnlyList<MetricDefinition> NeverSent(ComponentKind component, KubeVirtVersion? version)
    {
        KubeVirtVersion installed = version ?? MetricCatalog.KnownVersions[^1];
        return
        [
            .. MetricCatalog.Default.Definitions.Where(definition =>
                definition.Component == component && definition.Documented && definition.AppliesTo(installed) && !IsSent(definition, AgentCheck.KubeVirt, installed)),
        ];
    }

    /// <summary>The documented metrics of a component that a KubeVirt version exports in another unit than theirs under a name that both checks send. They cannot divide.</summary>
    /// <param name="component">The component.</param>
    /// <param name="version">The KubeVirt version; null = not known, and none.</param>
    public static IReadOnlyList<MetricDefinition> InAnotherUnit(ComponentKind component, KubeVirtVersion? version) =>
    [
        .. MetricCatalog.Default.Definitions.Where(definition =>
            version is { } installed && definition.Component == component && definition.Documented && definition.RawMetrics.Any(raw => raw.AppliesTo(installed) && raw.Divisor != 1 && AgentMapping.IsSent(definition, raw))),
    ];

    // The names of a documented family follow each other without a gap.
    private static AgentSupport? Span(AgentCheck check, IEnumerable<RawMetric> sent)
    {
        RawMetric[] all = [.. sent];
        return all.Length == 0
            ? null
            : new AgentSupport(
                check,
                Array.Exists(all, raw => raw.Since is null) ? null : all.Min(raw => raw.Since),
                Array.Exists(all, raw => raw.Until is null) ? null : all.Max(raw => raw.Until));
    }
}
