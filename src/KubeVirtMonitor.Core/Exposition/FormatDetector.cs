
namespace KubeVirtMonitor.Exposition;

/// <summary>Tells the two text formats apart, by Content-Type where there is one, else by what only one of them can contain.</summary>
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

    /// <summary>Looks at the start of a scrape, or at all of it.</summary>
    /// <param name="data">The bytes at hand.</param>
    /// <param name="isWhole">Whether they are the whole scrape.</param>
    /// <returns>OpenMetrics for a closing <c># EOF</c>, a UNIT line, a type that only OpenMetrics has, or an exemplar; else the Prometheus text format.</returns>
    public static ExpositionFormat FromContent(ReadOnlySpan<byte> data, bool isWhole)
    {
        if (isWhole && EndsWithEof(data)) return ExpositionFormat.OpenMetrics;
        ReadOnlySpan<byte> rest = data;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
            if (line.StartsWith("# UNIT "u8) || (line.StartsWith("# TYPE "u8) && HasNewType(line))) return ExpositionFormat.OpenMetrics;
            if (!line.StartsWith("#"u8) && line.IndexOf("} "u8) is var brace and >= 0 && line[brace..].IndexOf(" # {"u8) >= 0) return ExpositionFormat.OpenMetrics;
            rest = end < 0 ? default : rest[(end + 1)..];
        }

        return ExpositionFormat.PrometheusText;
    }

    /// <summary>Whether the last line is OpenMetrics' <c># EOF</c>.</summary>
    /// <param name="tail">The last bytes of a scrape; 16 are enough.</param>
    public static bool EndsWithEof(ReadOnlySpan<byte> tail)
    {
        ReadOnlySpan<byte> text = tail.TrimEnd("\r\n"u8);
        return text.EndsWith("# EOF"u8) && (text.Length == 5 || text[^6] == '\n');
    }

    private static bool HasNewType(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> text = line.TrimEnd(" \t\r"u8);
        return text.EndsWith(" unknown"u8) || text.EndsWith(" info"u8) || text.EndsWith(" stateset"u8) || text.EndsWith(" gaugehistogram"u8);
    }
}
