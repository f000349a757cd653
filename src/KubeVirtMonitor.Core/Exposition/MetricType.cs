namespace KubeVirtMonitor.Exposition;

/// <summary>The types of the TYPE lines of both formats.</summary>
public enum MetricType
{
    /// <summary>No TYPE line, or <c>untyped</c> (0.0.4), <c>unknown</c> (OpenMetrics).</summary>
    Untyped,

    /// <summary>A counter.</summary>
    Counter,

    /// <summary>A gauge.</summary>
    Gauge,

    /// <summary>A histogram: <c>_bucket</c>, <c>_sum</c>, <c>_count</c>.</summary>
    Histogram,

    /// <summary>A summary: quantiles, <c>_sum</c>, <c>_count</c>.</summary>
    Summary,

    /// <summary>OpenMetrics: labels of a thing, always 1.</summary>
    Info,

    /// <summary>OpenMetrics: one series per state.</summary>
    StateSet,

    /// <summary>OpenMetrics: a histogram whose buckets also go down.</summary>
    GaugeHistogram,
}
