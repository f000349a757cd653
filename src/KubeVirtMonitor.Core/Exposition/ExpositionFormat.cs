namespace KubeVirtMonitor.Exposition;

/// <summary>The text formats that Prometheus endpoints speak.</summary>
public enum ExpositionFormat
{
    /// <summary>Not known yet: decided by looking at the content.</summary>
    Unknown,

    /// <summary>Prometheus text format 0.0.4 (and 1.0.0, which adds quoted UTF-8 names); timestamps in milliseconds.</summary>
    PrometheusText,

    /// <summary>OpenMetrics 1.0; timestamps in seconds, a closing <c># EOF</c>.</summary>
    OpenMetrics,
}
