namespace KubeVirtMonitor.Exposition;

/// <summary>Tells the two text formats apart before a scrape is read, by its Content-Type or its end. Where neither tells, <see cref="ExpositionReader"/> finds out from the lines.</summary>
internal static class FormatDetector
{
    /// <summary>Reads a Content-Type header, such as <c>text/plain; version=0.0.4; charset=utf-8; escaping=underscores</c>.</summary>
    /// <returns>Unknown where the type is missing or says nothing of either format.</returns>
    public static ExpositionFormat FromContentType(string? contentType)
    {
        ReadOnlySpan<char> type = contentType.AsSpan();
        int parameters = type.IndexOf(';');
        if (parameters >= 0) type = type[..parameters];
        type = type.Trim();
        if (type.Equals("application/openmetrics-text", StringComparison.OrdinalIgnoreCase)) return ExpositionFormat.OpenMetrics;
        bool versioned = contentType?.Contains("version=0.0.4", StringComparison.OrdinalIgnoreCase) == true
            || contentType?.Contains("version=1.0.0", StringComparison.OrdinalIgnoreCase) == true;
        return versioned && type.Equals("text/plain", StringComparison.OrdinalIgnoreCase) ? ExpositionFormat.PrometheusText : ExpositionFormat.Unknown;
    }

    /// <summary>Whether the last line is OpenMetrics' <c># EOF</c>.</summary>
    /// <param name="tail">The last bytes of a scrape; 64 are enough, unless more blanks follow.</param>
    public static bool EndsWithEof(ReadOnlySpan<byte> tail)
    {
        ReadOnlySpan<byte> text = tail.TrimEnd(" \t\r\n"u8);
        return text.EndsWith("# EOF"u8) && (text.Length == 5 || text[^6] == '\n');
    }
}

/// <summary>The text formats that Prometheus endpoints speak.</summary>
internal enum ExpositionFormat
{
    /// <summary>Not known yet: decided by looking at the content.</summary>
    Unknown,

    /// <summary>Prometheus text format 0.0.4 (and 1.0.0, which adds quoted UTF-8 names); timestamps in milliseconds.</summary>
    PrometheusText,

    /// <summary>OpenMetrics 1.0; timestamps in seconds, a closing <c># EOF</c>.</summary>
    OpenMetrics,
}

/// <summary>The types of the TYPE lines of both formats.</summary>
internal enum MetricType
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
