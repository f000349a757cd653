namespace KubeVirtMonitor;

/// <summary>A statistic of the samples of one metric: of all of them, or of one group.</summary>
public sealed class MetricMeasure
{
    /// <summary>The name of the metric, as its samples have it.</summary>
    public required string Name { get; init; }

    /// <summary>What was computed.</summary>
    public required MetricStatistic Statistic { get; init; }

    /// <summary>The quantile, such as 0.95; null for other statistics.</summary>
    public double? Quantile { get; init; }

    /// <summary>The value in <see cref="Unit"/>. Null where there is none, such as the rate of a counter of which only one look exists. NaN and infinities are legal.</summary>
    public required double? Value { get; init; }

    /// <summary>The unit in the singular, such as <c>byte</c> or <c>byte/second</c>; <c>1/second</c> for the rate of a plain number; null for a plain number.</summary>
    public string? Unit { get; init; }

    /// <summary>The cluster of the group; null where samples were not grouped by it, or have none.</summary>
    public string? Cluster { get; init; }

    /// <summary>The namespace of the machines of the group, as <see cref="Cluster"/>.</summary>
    public string? Namespace { get; init; }

    /// <summary>The machine of the group, as <see cref="Cluster"/>.</summary>
    public string? Vmi { get; init; }

    /// <summary>The node of the group, as <see cref="Cluster"/>.</summary>
    public string? Node { get; init; }

    /// <summary>The component of the group, as <see cref="Cluster"/>.</summary>
    public ComponentKind? Component { get; init; }

    /// <summary>The address or the file of the group, as <see cref="Cluster"/>.</summary>
    public string? Target { get; init; }

    /// <summary>The tags by which samples were grouped, with the values of the group; the bound of a bucket and the quantile of a summary are always among them, since values of different ones do not add up.</summary>
    public TagSet Tags { get; init; } = TagSet.Empty;

    /// <summary>Of counters and histograms, what the value is about; null for all others.</summary>
    public MeasureBasis? Basis { get; init; }

    /// <summary>How many samples it was computed from.</summary>
    public required long Samples { get; init; }

    /// <summary>How many series these are of.</summary>
    public required int Series { get; init; }

    /// <summary>When the time it is about begins: that of the first sample, or of the window.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>When that time ends.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>The seconds from <see cref="Start"/> to <see cref="End"/>; null where that is one moment.</summary>
    public double? IntervalSeconds => End > Start ? (End - Start)?.TotalSeconds : null;

    /// <summary>Whether the value is a point in time.</summary>
    internal bool IsTimestamp { get; init; }

    /// <summary>The value as a point in time, for statistics of metrics that hold one; null for all others and for 0, which means never.</summary>
    public DateTimeOffset? Time => IsTimestamp && Value is { } value ? Mapping.UnixTime.FromSeconds(value) : null;

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Statistic}{(Quantile is { } q ? $" {q}" : "")} of {Name}{(GroupText.Length == 0 ? "" : $"{{{GroupText}}}")}: {Value}");

    /// <summary>What the samples of the group share, as <c>key=value</c> pairs.</summary>
    internal string GroupText => string.Join(", ", new[] { ("cluster", Cluster), ("namespace", Namespace), ("vmi", Vmi), ("node", Node), ("component", Component?.ToString()), ("target", Target) }
        .Where(static pair => pair.Item2 is not null).Select(static pair => $"{pair.Item1}={pair.Item2}").Concat(Tags.Select(static tag => $"{tag.Key}={tag.Value}")));
}

/// <summary>What is computed from samples.</summary>
public enum MetricStatistic
{
    /// <summary>The mean of all values.</summary>
    Average,

    /// <summary>The least value; NaN only where there is nothing else.</summary>
    Minimum,

    /// <summary>The greatest value; NaN only where there is nothing else.</summary>
    Maximum,

    /// <summary>The sum of all values. Of several looks, all of them are added; <see cref="Last"/> is the sum of one.</summary>
    Sum,

    /// <summary>How many values there are.</summary>
    Count,

    /// <summary>The newest value of each series, added up; of points in time, the latest.</summary>
    Last,

    /// <summary>How much counters grow per second: of each series, and then added up.</summary>
    Rate,

    /// <summary>How much counters grew: of each series, and then added up.</summary>
    Increase,

    /// <summary>The value below which a part of the values is, or of a histogram of the observations in its buckets.</summary>
    Quantile,
}

/// <summary>What the value of a counter or a histogram is about.</summary>
public enum MeasureBasis
{
    /// <summary>Everything since its component or machine started.</summary>
    SinceStart,

    /// <summary>What happened between the looks, or within the window.</summary>
    Interval,
}
