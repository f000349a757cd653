namespace KubeVirtMonitor.Scraping;

/// <summary>Recognises by its first bytes what cannot be exposition text, so that the error can say what it is.</summary>
internal static class ContentCheck
{
    private const int Examined = 512;

    /// <summary>Checks the beginning of a body, and takes a UTF-8 byte order mark away.</summary>
    /// <returns>How many bytes are left.</returns>
    /// <exception cref="ScrapeException">The content is HTML, JSON, UTF-16 or binary.</exception>
    public static int Begin(Span<byte> start, BodyDescription body)
    {
        if (start is [0xEF, 0xBB, 0xBF, ..])
        {
            start[3..].CopyTo(start);
            start = start[..^3];
        }

        ReadOnlySpan<byte> text = start;
        if (text is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
            throw Refuse(body, "this is UTF-16 text", "Save it as UTF-8, for example with curl -o, or with Out-File -Encoding utf8NoBOM.");
        if (text[..Math.Min(text.Length, Examined)].IndexOfAnyInRange((byte)0, (byte)8) >= 0)
            throw Refuse(body, "this is binary data and no exposition text", $"Check that {body.Where} is a metrics endpoint or a saved scrape, plain or gzip.");
        ReadOnlySpan<byte> trimmed = text.TrimStart(" \t\r\n"u8);
        if (trimmed.StartsWith("<"u8))
            throw Refuse(body, "this is a web page and no exposition text", $"Check the path in {body.Where}, KubeVirt's metrics are at /metrics, and whether a sign-in page answered (-Token).");
        if (trimmed.StartsWith("["u8) || IsJsonObject(trimmed))
            throw Refuse(body, "this is JSON and no exposition text", $"Check the path in {body.Where}, KubeVirt's metrics are at /metrics.");
        return start.Length;
    }

    /// <summary>A body of which not one line could be read.</summary>
    public static ScrapeException Nothing(BodyDescription body, Exposition.ExpositionDefect? first) =>
        Refuse(body, first is null ? "no line of it could be read" : $"no line of it could be read ({first.Reason} at line {first.Line})", $"Check that {body.Where} is a metrics endpoint or a saved scrape.");

    // Exposition text may begin with a brace too: {"name", label="x"} 1. Only JSON has a colon behind the first name.
    private static bool IsJsonObject(ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith("{"u8)) return false;
        text = text[1..].TrimStart(" \t\r\n"u8);
        if (!text.StartsWith("\""u8)) return text.StartsWith("}"u8) && text[1..].TrimStart(" \t\r\n"u8).IsEmpty;
        for (int i = 1; i < text.Length; i++)
        {
            if (text[i] == '\\') i++;
            else if (text[i] == '"') return text[(i + 1)..].TrimStart(" \t\r\n"u8).StartsWith(":"u8);
        }

        return false;
    }

    private static ScrapeException Refuse(BodyDescription body, string what, string advice)
    {
        string type = body.ContentType is { } contentType ? $" (Content-Type {CertificateNames.Clean(contentType)})" : "";
        return new ScrapeException(ScrapeError.NotExposition, body.Target, what + type, advice);
    }
}
