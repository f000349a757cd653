using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor.Probes;

/// <summary>Writes a probe in the style of the text around it.</summary>
internal static class YamlText
{
    private static readonly HashSet<string> Words = new(StringComparer.OrdinalIgnoreCase) { "y", "n", "yes", "no", "on", "off", "true", "false", "null" };

    /// <summary>Lines in block style.</summary>
    /// <param name="map">What to write.</param>
    /// <param name="column">How far the keys are indented.</param>
    /// <param name="step">How much deeper each level is.</param>
    /// <param name="indentsLists">Whether items of a list are indented below their key.</param>
    public static IEnumerable<string> Block(JsonObject map, int column, int step, bool indentsLists)
    {
        string indent = new(' ', column);
        foreach ((string key, JsonNode? value) in map)
        {
            if (value is JsonObject { Count: > 0 } inner)
            {
                yield return $"{indent}{key}:";
                foreach (string line in Block(inner, column + step, step, indentsLists)) yield return line;
            }
            else if (value is JsonArray { Count: > 0 } list)
            {
                yield return $"{indent}{key}:";
                foreach (string line in Items(list, column + (indentsLists ? step : 0), step, indentsLists)) yield return line;
            }
            else
            {
                yield return $"{indent}{key}: {Scalar(value, quotes: false)}";
            }
        }
    }

    /// <summary>Flow style, which in quotes is JSON.</summary>
    /// <param name="node">What to write.</param>
    /// <param name="quotes">Whether keys and texts always get quotes.</param>
    /// <param name="separator">What stands between key and value.</param>
    /// <param name="lines">How to break lines; null = all on one line.</param>
    public static string Flow(JsonNode? node, bool quotes, string separator, FlowLines? lines)
    {
        (string open, string close, IEnumerable<string> parts) = node switch
        {
            JsonObject { Count: > 0 } map => ("{", "}", map.Select(pair => (quotes ? Quote(pair.Key) : pair.Key) + separator + Flow(pair.Value, quotes, separator, lines?.Deeper))),
            JsonArray { Count: > 0 } list => ("[", "]", list.Select(item => Flow(item, quotes, separator, lines?.Deeper))),
            _ => (Scalar(node, quotes), "", []),
        };
        if (close.Length == 0) return open;
        string comma = separator.EndsWith(' ') ? ", " : ",";
        return lines is null
            ? open + string.Join(comma, parts) + close
            : open + string.Join(',', parts.Select(part => lines.Break + lines.Deeper.Indent + part)) + lines.Break + lines.Indent + close;
    }

    private static IEnumerable<string> Items(JsonArray list, int column, int step, bool indentsLists)
    {
        string indent = new(' ', column);
        foreach (JsonNode? item in list)
        {
            if (item is not JsonObject map)
            {
                yield return $"{indent}- {Scalar(item, quotes: false)}";
                continue;
            }

            bool isFirst = true;
            foreach (string line in Block(map, column + 2, step, indentsLists))
            {
                yield return isFirst ? $"{indent}- {line[(column + 2)..]}" : line;
                isFirst = false;
            }
        }
    }

    private static string Scalar(JsonNode? value, bool quotes) => value switch
    {
        JsonObject => "{}",
        JsonArray => "[]",
        _ => JsonText.Of(value) is { } text ? (!quotes && IsPlain(text) ? text : Quote(text)) : value?.ToJsonString() ?? "null",
    };

    // Quotes too many do no harm, and readers of YAML are not all alike.
    private static bool IsPlain(string text) =>
        text.Length > 0
        && (char.IsAsciiLetter(text[0]) || text[0] == '/')
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or '=' or '?')
        && !Words.Contains(text);

    private static string Quote(string text)
    {
        // Escapes that JSON and YAML 1.1 have in common; of a character beyond 16 bits there is none, so it stands as it is.
        StringBuilder quoted = new("\"");
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value is '"' or '\\') quoted.Append('\\').Append(rune);
            else if (rune.Value is '\n' or '\r' or '\t') quoted.Append('\\').Append(rune.Value switch { '\n' => 'n', '\r' => 'r', _ => 't' });
            else if (Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029 or 0xFEFF or 0xFFFE or 0xFFFF) quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}");
            else quoted.Append(rune);
        }

        return quoted.Append('"').ToString();
    }
}

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

    /// <summary>Where the line after that of an offset starts.</summary>
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
