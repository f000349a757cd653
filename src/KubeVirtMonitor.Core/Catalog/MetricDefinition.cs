using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor;

/// <summary>The definition of one named metric, which <see cref="MetricSample"/> follows.</summary>
public sealed class MetricDefinition
{
    private IReadOnlyList<string>? _rawNames;
    private IReadOnlyList<AgentSupport>? _agentSupport;
    private IReadOnlyList<string>? _agentChecks;

    internal MetricDefinition(
        string name,
        MetricKind kind,
        string? unit,
        string description,
        ComponentKind component,
        IReadOnlyList<RawMetric> rawMetrics,
        bool documented,
        bool isTimestamp,
        string? derivedFrom = null,
        MetricPresence presence = MetricPresence.Always)
    {
        Name = name;
        Kind = kind;
        Unit = unit;
        Description = description;
        Component = component;
        RawMetrics = TextList.Of(rawMetrics);
        Documented = documented;
        IsTimestamp = isTimestamp;
        DerivedFrom = derivedFrom;
        Presence = presence;
    }

    /// <summary>The module's name, such as <c>kubevirt_handler.vmi.cpu_usage_seconds.count</c>.</summary>
    public string Name { get; }

    /// <summary>Gauge or count. A point in time is a gauge, also where the endpoint types it counter.</summary>
    public MetricKind Kind { get; }

    /// <summary>The unit in the singular (<c>byte</c>, <c>second</c>, <c>request</c>, <c>byte/second</c>), or null for a plain number.</summary>
    public string? Unit { get; }

    /// <summary>One or two sentences in plain English.</summary>
    public string Description { get; }

    /// <summary>The component whose endpoint carries it.</summary>
    public ComponentKind Component { get; }

    /// <summary>The raw families it comes from, newest first, one entry per name and span of KubeVirt versions; empty for what no endpoint carries.</summary>
    internal IReadOnlyList<RawMetric> RawMetrics { get; }

    /// <summary>The raw family names, newest first; empty for what no endpoint carries.</summary>
    public IReadOnlyList<string> RawNames => _rawNames ??= TextList.Of(DistinctNames(RawMetrics));

    /// <summary>The raw family it is computed from in versions that no longer have one of its own, or null. Such a metric has no <see cref="UntilVersion"/>.</summary>
    public string? DerivedFrom { get; }

    /// <summary>The first KubeVirt version that has it, or null when the oldest known version (1.0.0) has it.</summary>
    public KubeVirtVersion? SinceVersion
    {
        get
        {
            KubeVirtVersion? first = null;
            foreach (RawMetric raw in RawMetrics)
            {
                if (raw.Since is not { } since) return null;
                if (first is not { } known || since < known) first = since;
            }

            return first;
        }
    }

    /// <summary>The first KubeVirt version that no longer has it, or null when the newest known version has it.</summary>
    public KubeVirtVersion? UntilVersion
    {
        get
        {
            if (DerivedFrom is not null) return null;
            KubeVirtVersion? last = null;
            foreach (RawMetric raw in RawMetrics)
            {
                if (raw.Until is not { } until) return null;
                if (last is not { } known || until > known) last = until;
            }

            return last;
        }
    }

    /// <summary>True for the 98 metrics that the three Datadog Agent checks document.</summary>
    public bool Documented { get; }

    /// <summary>
    /// The checks of the Datadog Agent that send it, each with the KubeVirt versions where not all: <c>OpenMetrics</c> (the generic check, with the instances
    /// of this module), <c>KubeVirt before 1.3.0</c> (the check of the component). Empty for what none sends.
    /// </summary>
    public IReadOnlyList<string> AgentChecks => _agentChecks ??= TextList.Of(AgentSupport.Select(static support => support.ToString()));

    /// <summary>The same, for comparisons.</summary>
    internal IReadOnlyList<AgentSupport> AgentSupport => _agentSupport ??= AgentArrival.Of(this);

    /// <summary>True where the value is a point in time, in seconds since 1970 (0 = never).</summary>
    public bool IsTimestamp { get; }

    /// <summary>When a healthy endpoint carries it.</summary>
    internal MetricPresence Presence { get; }

    /// <summary>Whether a KubeVirt version has it, on an endpoint or computed; an unknown version (null) may. What no endpoint carries, every version has.</summary>
    internal bool AppliesTo(KubeVirtVersion? version)
    {
        if (RawMetrics.Count == 0 || DerivedFrom is not null) return true;
        foreach (RawMetric raw in RawMetrics)
        {
            if (raw.AppliesTo(version)) return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static string[] DistinctNames(IReadOnlyList<RawMetric> rawMetrics)
    {
        List<string> names = new(rawMetrics.Count);
        foreach (RawMetric raw in rawMetrics)
        {
            if (!names.Contains(raw.Name)) names.Add(raw.Name);
        }

        return [.. names];
    }
}

/// <summary>How the value of a metric behaves over time.</summary>
public enum MetricKind
{
    /// <summary>A value that goes up and down; it is meaningful by itself.</summary>
    Gauge,

    /// <summary>A value that only grows until its process restarts; what matters is its increment or rate.</summary>
    Count,
}

/// <summary>A family name on an endpoint, and the KubeVirt versions that use it.</summary>
/// <param name="Name">The family name, as the TYPE line of the 0.0.4 text format has it.</param>
/// <param name="Type">The type on the TYPE line: <c>counter</c>, <c>gauge</c>, <c>histogram</c>, <c>summary</c>.</param>
/// <param name="Since">The first version with this name, inclusive; null = since the first known version.</param>
/// <param name="Until">The first version without it, exclusive; null = still there.</param>
/// <param name="Divisor">What the raw value is divided by to reach the unit of the definition; 1 when it is right already.</param>
public sealed record RawMetric(string Name, string Type, KubeVirtVersion? Since, KubeVirtVersion? Until, double Divisor)
{
    /// <summary>The name of the family as the Datadog Agent reads it: of a counter without <c>_total</c>, as Python's prometheus_client has it.</summary>
    internal string AgentName => Type == "counter" && Name.EndsWith("_total", StringComparison.Ordinal) ? Name[..^"_total".Length] : Name;

    /// <summary>Whether a KubeVirt version uses this name; an unknown version (null) may.</summary>
    internal bool AppliesTo(KubeVirtVersion? version) =>
        version is not { } v || ((Since is not { } since || v >= since) && (Until is not { } until || v < until));

    /// <inheritdoc/>
    public override string ToString() => Name;
}
