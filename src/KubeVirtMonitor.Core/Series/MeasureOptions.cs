namespace KubeVirtMonitor.Series;

/// <summary>What is measured.</summary>
internal sealed record MeasureOptions
{
    /// <summary>What is computed; null = by kind: the rate of counters, the quantiles of histograms, the latest of points in time, and average, minimum and maximum of all others.</summary>
    public IReadOnlyList<MetricStatistic>? Statistics { get; init; }

    /// <summary>The quantiles.</summary>
    public IReadOnlyList<double> Quantiles { get; init; } = DefaultQuantiles;

    /// <summary>By what samples are grouped, next to their name: properties of samples, and names of tags. Case does not count.</summary>
    public IReadOnlyList<string> By { get; init; } = [];

    /// <summary>The length of the window, whose rates are extrapolated as Prometheus does it; null = from the first sample to the last, without extrapolation.</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>Where the window ends; null = at the newest sample.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>The quantiles where none are named.</summary>
    public static IReadOnlyList<double> DefaultQuantiles { get; } = [0.5, 0.95, 0.99];
}
