using System.Text;

namespace KubeVirtMonitor.Scraping;

/// <summary>Recognises by its first bytes what cannot be exposition text, so that the error can say what it is.</summary>
internal static class ContentCheck
{
    private const int Examined = 512;

    /// <summary>Checks the beginning of a body, and takes a UTF-8 byte order mark away.</summary>
    /// <returns>How many bytes are left.</returns>
    /// <exception cref="ScrapeException">The content is HTML, JSON or binary.</exception>
    public static int Begin(Span<byte> start, BodyDescription body)
    {
        if (start is [0xEF, 0xBB, 0xBF, ..])
        {
            start[3..].CopyTo(start);
            start = start[..^3];
        }

        ReadOnlySpan<byte> text = start;
        if (IsBinary(text[..Math.Min(text.Length, Examined)]))
            throw Refuse(body, "this is binary data and not a scrape");
        ReadOnlySpan<byte> trimmed = text.TrimStart(" \t\r\n"u8);
        if (trimmed.StartsWith("<"u8))
            throw Refuse(body, "this is a web page and not a scrape");
        if (trimmed.StartsWith("["u8) || IsJsonObject(trimmed))
            throw Refuse(body, "this is JSON and not a scrape");
        return start.Length;
    }

    /// <summary>The encoding of text that is UTF-16, as some shells write it on Windows, with or without its mark; null for all others.</summary>
    /// <param name="start">The first bytes.</param>
    public static Encoding? WideEncoding(ReadOnlySpan<byte> start)
    {
        if (start is [0xFF, 0xFE, 0, 0, ..]) return null;
        if (start is [0xFF, 0xFE, ..] or [not 0, 0, not 0, 0, ..]) return Encoding.Unicode;
        return start is [0xFE, 0xFF, ..] or [0, not 0, 0, not 0, ..] ? Encoding.BigEndianUnicode : null;
    }

    // Exposition text may have such characters too, in the comments: nothing is made of them.
    private static bool IsBinary(ReadOnlySpan<byte> text)
    {
        while (text.IndexOfAnyInRange((byte)0, (byte)8) is var found and >= 0)
        {
            int line = text[..found].LastIndexOf((byte)'\n') + 1;
            if (text[line] != '#') return true;
            int end = text[found..].IndexOf((byte)'\n');
            if (end < 0) return false;
            text = text[(found + end + 1)..];
        }

        return false;
    }

    /// <summary>A body of which not one line could be read.</summary>
    public static ScrapeException Nothing(BodyDescription body, ExpositionDefect? first) =>
        Refuse(body, first is null ? "no line of it could be read" : $"no line of it could be read ({first.Reason} at line {first.Line})");

    // Exposition text may begin with a brace too: {"name", label="x"} 1. Only JSON has a colon after the first name.
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

    private static ScrapeException Refuse(BodyDescription body, string what)
    {
        string type = body.ContentType is { } contentType ? $" (Content-Type {contentType()})" : "";
        return new ScrapeException(ScrapeError.NotExposition, body.Target, what + type) { Setting = body.Setting };
    }
}
