using KubeVirtMonitor.Catalog;

namespace KubeVirtMonitor.Mapping;

/// <summary>A sample that was saved as its properties and read again, with what tells what it is of.</summary>
internal sealed record SavedSample
{
    /// <inheritdoc cref="MetricSample.Name"/>
    public required string Name { get; init; }

    /// <inheritdoc cref="MetricSample.Value"/>
    public required double Value { get; init; }

    /// <inheritdoc cref="MetricSample.Kind"/>
    public MetricKind Kind { get; init; }

    /// <inheritdoc cref="MetricSample.Unit"/>
    public string? Unit { get; init; }

    /// <inheritdoc cref="MetricSample.Tags"/>
    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = [];

    /// <inheritdoc cref="MetricSample.Timestamp"/>
    public required DateTimeOffset Timestamp { get; init; }

    /// <inheritdoc cref="MetricSample.Interval"/>
    public TimeSpan? Interval { get; init; }

    /// <inheritdoc cref="MetricSample.Namespace"/>
    public string? Namespace { get; init; }

    /// <inheritdoc cref="MetricSample.Vmi"/>
    public string? Vmi { get; init; }

    /// <inheritdoc cref="MetricSample.Node"/>
    public string? Node { get; init; }

    /// <inheritdoc cref="MetricSample.Cluster"/>
    public string? Cluster { get; init; }

    /// <inheritdoc cref="MetricSample.Component"/>
    public ComponentKind? Component { get; init; }

    /// <inheritdoc cref="MetricSample.Target"/>
    public string Target { get; init; } = "";

    /// <inheritdoc cref="MetricSample.RawName"/>
    public string? RawName { get; init; }

    /// <summary>The sample.</summary>
    public MetricSample ToSample()
    {
        MetricDefinition? definition = MetricCatalog.Default.Find(Name);
        SeriesDescriptor descriptor = new()
        {
            Context = new ScrapeContext { Target = Target, Timestamp = Timestamp, Component = Component, FixedTags = new TagSet(Tags), Machine = new MachineIdentity(Namespace, Vmi, Node), Cluster = Cluster },
            Name = Name,
            RawName = RawName ?? Name,
            Kind = Kind,
            Unit = Unit,
            Description = definition?.Description,
            IsTimestamp = definition?.IsTimestamp == true,
            Interval = Interval,
        };
        return new MetricSample(descriptor, -1, Value, 0);
    }
}
