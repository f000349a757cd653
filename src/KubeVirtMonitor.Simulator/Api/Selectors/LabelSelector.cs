namespace KubeVirtMonitor.Simulator.Api;

/// <summary>A label selector: <c>a=b,c!=d,e in (f,g),h notin (i),j,!k</c>.</summary>
internal sealed class LabelSelector
{
    private readonly List<(string Key, bool Wanted, string[]? Values)> _requirements = [];

    private LabelSelector()
    {
    }

    public bool IsEmpty => _requirements.Count == 0;

    /// <summary>Reads a selector.</summary>
    /// <exception cref="ApiException">It is none: 400.</exception>
    public static LabelSelector Parse(string? text)
    {
        LabelSelector selector = new();
        foreach (string part in Split(text ?? "")) selector._requirements.Add(Requirement(part.Trim()));
        return selector;
    }

    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach ((string key, bool wanted, string[]? values) in _requirements)
        {
            bool met = labels.TryGetValue(key, out string? value) && (values is null || values.Contains(value, StringComparer.Ordinal));
            if (met != wanted) return false;
        }

        return true;
    }

    /// <summary>Splits at commas that are not within parentheses.</summary>
    private static IEnumerable<string> Split(string text)
    {
        int depth = 0;
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '(') depth++;
            else if (text[i] == ')') depth--;
            if (text[i] != ',' || depth != 0) continue;
            yield return text[start..i];
            start = i + 1;
        }

        if (depth != 0) throw Unreadable(text);
        if (start < text.Length) yield return text[start..];
    }

    private static (string, bool, string[]?) Requirement(string text)
    {
        string[] words = text.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length > 1 && words[1].StartsWith("in", StringComparison.Ordinal)) return (Key(words[0], text), true, Set(text));
        if (words.Length > 1 && words[1].StartsWith("notin", StringComparison.Ordinal)) return (Key(words[0], text), false, Set(text));
        foreach ((string sign, bool wanted) in new[] { ("!=", false), ("==", true), ("=", true) })
        {
            int at = text.IndexOf(sign, StringComparison.Ordinal);
            if (at <= 0) continue;
            string value = text[(at + sign.Length)..].Trim();
            int other = value.AsSpan().IndexOfAny("=!()");
            if (other >= 0) throw ApiErrors.BadRequest($"found '{value[other]}', expected: ',' or 'end of string'");
            return (Key(text[..at].Trim(), text), wanted, [value]);
        }

        return text.StartsWith('!') ? (Key(text[1..].Trim(), text), false, null) : (Key(text, text), true, null);
    }

    private static string[] Set(string text)
    {
        int open = text.IndexOf('(', StringComparison.Ordinal);
        int close = text.LastIndexOf(')');
        if (open < 0 || close != text.Length - 1) throw Unreadable(text);
        return text[(open + 1)..close].Split(',', StringSplitOptions.TrimEntries);
    }

    private static string Key(string key, string text) =>
        key.Length > 0 && key.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '/') ? key : throw Unreadable(text);

    private static ApiException Unreadable(string text) => ApiErrors.BadRequest($"unable to parse requirement: found '{text}', expected: a key with =, ==, !=, in, notin, or alone");
}
