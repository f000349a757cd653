namespace KubeVirtMonitor.Probes;

/// <summary>Lines of a text by offsets into it.</summary>
internal static class TextLines
{
    /// <summary>Where the line of an offset starts.</summary>
    public static int LineStart(string text, int at)
    {
        while (at > 0 && text[at - 1] is not ('\n' or '\r')) at--;
        return at;
    }

    /// <summary>Where the line of an offset ends: its line break, or the end of the text.</summary>
    public static int LineEnd(string text, int at)
    {
        while (at < text.Length && text[at] is not ('\n' or '\r')) at++;
        return at;
    }

    /// <summary>Where the line behind that of an offset starts.</summary>
    public static int NextLine(string text, int at)
    {
        int end = LineEnd(text, at);
        return end + BreakAt(text, end).Length;
    }

    /// <summary>How lines of the text break, by the first that does.</summary>
    public static string BreakOf(string text) => BreakAt(text, LineEnd(text, 0)) is { Length: > 0 } found ? found : "\n";

    /// <summary>The blanks that the line of an offset starts with.</summary>
    public static string Indent(string text, int at)
    {
        int start = LineStart(text, at);
        int end = start;
        while (end < text.Length && text[end] is ' ' or '\t') end++;
        return text[start..end];
    }

    /// <summary>Whether nothing but blanks stand before an offset on its line.</summary>
    public static bool IsFirstOnLine(string text, int at) => LineStart(text, at) + Indent(text, at).Length == at;

    /// <summary>The number of the line of an offset, from 1.</summary>
    public static int Number(string text, int at)
    {
        int line = 1;
        for (int start = NextLine(text, 0); start <= at && start < text.Length; start = NextLine(text, start)) line++;
        return line;
    }

    private static string BreakAt(string text, int at) =>
        at >= text.Length ? "" : text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? "\r\n" : text[at].ToString();
}
