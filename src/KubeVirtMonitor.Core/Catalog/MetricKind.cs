namespace KubeVirtMonitor;

/// <summary>How the value of a metric behaves over time.</summary>
public enum MetricKind
{
    /// <summary>A value that goes up and down; it is meaningful by itself.</summary>
    Gauge,

    /// <summary>A value that only grows until its process restarts; what matters is its increment or rate.</summary>
    Count,
}
