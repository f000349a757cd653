namespace KubeVirtMonitor.Exposition;

/// <summary>Tells the two text formats apart before a scrape is read, by its Content-Type or its end. Where neither tells, <see cref="ExpositionReader"/> finds out from the lines.</summary>
public static class FormatDetector
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
