using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor;

/// <summary>One difference between two scrapes, or between a scrape and what a KubeVirt version serves.</summary>
public sealed class MetricDifference
{
    /// <summary>The module's name; the raw name for what the catalogue does not know.</summary>
    public required string Name { get; init; }

    /// <summary>What differs.</summary>
    public required MetricChange Change { get; init; }

    /// <summary>The tags of the series; null where the difference is one of the metric as a whole.</summary>
    public TagSet? Tags { get; init; }

    /// <summary>The value of the reference, in <see cref="Unit"/>; null where it has none.</summary>
    public double? Reference { get; init; }

    /// <summary>The value that it is compared with, in <see cref="Unit"/>; null where there is none.</summary>
    public double? Difference { get; init; }

    /// <summary><see cref="Difference"/> less <see cref="Reference"/>; null where either is missing.</summary>
    public double? Delta => Difference - Reference;

    /// <summary><see cref="Difference"/> divided by <see cref="Reference"/>; null where either is missing, or the reference is 0.</summary>
    public double? Ratio => Reference is 0 ? null : Difference / Reference;

    /// <summary>How far the value moved, as a part of the larger of the two: 0 for equal values, 1 from or to 0, 2 from one sign to the other; null where either is missing.</summary>
    public double? Movement => Reference is { } from && Difference is { } to ? MetricComparison.Movement(from, to) : null;

    /// <summary>Gauge or count.</summary>
    public required MetricKind Kind { get; init; }

    /// <summary>The unit in the singular, or null.</summary>
    public string? Unit { get; init; }

    /// <summary>What the endpoint of the reference has: its type for <see cref="MetricChange.Kind"/>, its unit for <see cref="MetricChange.Unit"/>, and else the raw name; null where it has nothing.</summary>
    public string? From { get; init; }

    /// <summary>What the endpoint that it is compared with has, as <see cref="From"/>.</summary>
    public string? To { get; init; }

    /// <summary>How many series the reference has: of the name, or of those that are compared as one; null for a version, which has none.</summary>
    public long? ReferenceSeries { get; init; }

    /// <summary>How many series it is compared with, as <see cref="ReferenceSeries"/>.</summary>
    public long? DifferenceSeries { get; init; }

    /// <summary>Whether the values are points in time.</summary>
    internal bool IsTimestamp { get; init; }

    /// <summary>One of its values as a point in time.</summary>
    internal static DateTimeOffset? TimeOf(double value) => UnixTime.FromSeconds(value);

    /// <inheritdoc/>
    public override string ToString() => $"{Change}: {Name}{(Tags is { Count: > 0 } ? $"{{{Tags}}}" : "")} {(Reference is null && Difference is null ? $"{From} -> {To}" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Reference} -> {Difference}"))}";
}

/// <summary>What differs, in order of weight.</summary>
public enum MetricChange
{
    /// <summary>Only the reference has it: the metric, or one of its series.</summary>
    Removed,

    /// <summary>The reference does not have it: the metric, or one of its series.</summary>
    Added,

    /// <summary>A gauge on one side and a count on the other, or another type on the endpoint.</summary>
    Kind,

    /// <summary>Another unit on the endpoint. The values are in the same unit.</summary>
    Unit,

    /// <summary>Another name on the endpoint.</summary>
    Renamed,

    /// <summary>A count that is lower: its process was restarted, or it is another process.</summary>
    Reset,

    /// <summary>A gauge with another value, or a count that is the sum of another number of series.</summary>
    Value,

    /// <summary>A count that is higher, as counts are after some time.</summary>
    Grown,

    /// <summary>The same value.</summary>
    Equal,
}
