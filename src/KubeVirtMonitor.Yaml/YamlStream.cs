using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.Yaml;

/// <summary>The documents of a text, each read separately, so that a defect in one does not affect the others.</summary>
internal static class YamlStream
{
    /// <summary>Reads each document: its nodes as they are written, which are null where it cannot be read, and their value.</summary>
    public static IReadOnlyList<(YamlNode? Root, YamlDocument Value)> Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<(YamlNode?, YamlDocument)> documents = [];
        if (text.Length > YamlReader.MaximumLength)
        {
            YamlFormatException error = new($"the text has {text.Length} characters; the limit is {YamlReader.MaximumLength}", 1, 1);
            return [(null, new YamlDocument { Line = 1, Start = 0, End = text.Length, Error = error })];
        }

        NodeBudget budget = new(YamlReader.MaximumNodes);
        bool isJson = text.AsSpan().TrimStart(" \t\r\n\uFEFF").StartsWith("{");
        foreach ((int start, int end, int line) in Parts(text)) ReadPart(text, start, end, line, isJson, budget, documents);
        return documents;
    }

    private static void ReadPart(string text, int start, int end, int line, bool isJson, NodeBudget budget, List<(YamlNode?, YamlDocument)> documents)
    {
        int first = line;
        try
        {
            CheckCharacters(text, start, end, line);
            YamlParser parser = new(new YamlScanner(text, start, end, line, isJson), budget, isJson);
            while (parser.ReadDocument() is { } root)
            {
                first = root.Start.Line;
                List<YamlFormatException> repeated = [];
                documents.Add((root, new YamlDocument { Line = first + 1, Start = start, End = end, Root = new NodeReader(budget, repeated).Read(root), Repeated = repeated }));
            }
        }
        catch (YamlFormatException error)
        {
            documents.Add((null, new YamlDocument { Line = first + 1, Start = start, End = end, Error = error }));
        }
    }

    /// <summary>
    /// The parts between the lines that hold --- alone, as kubectl cuts them, and after those that start with "...". What comes before a --- and has comments and
    /// directives only belongs to the document after it.
    /// </summary>
    private static IEnumerable<(int Start, int End, int Line)> Parts(string text)
    {
        int start = text.StartsWith('\uFEFF') ? 1 : 0;
        int startLine = 0;
        int line = 0;
        bool hasContent = false;
        for (int at = start; at < text.Length; line++)
        {
            int next = NextLine(text, at);
            bool separates = IsMarker(text, at, next, "---") && FirstOf(text, at + 3, next) is '\0' or '#';
            if (separates && hasContent)
            {
                yield return (start, at, startLine);
                (start, startLine) = (at, line);
            }

            if (separates) hasContent = true;
            else if (IsMarker(text, at, next, "...") && hasContent)
            {
                yield return (start, next, startLine);
                (start, startLine, hasContent) = (next, line + 1, false);
            }
            else hasContent |= FirstOf(text, at, next) is not ('\0' or '#' or '%');
            at = next;
        }

        if (start < text.Length) yield return (start, text.Length, startLine);
    }

    private static bool IsMarker(string text, int at, int end, string marker) =>
        text.AsSpan(at, end - at).StartsWith(marker) && (at + 3 == end || char.IsWhiteSpace(text[at + 3]));

    /// <summary>The first character that is no blank; NUL where there is none.</summary>
    private static char FirstOf(string text, int at, int end) => text.AsSpan(at, end - at).TrimStart() is { IsEmpty: false } rest ? rest[0] : '\0';

    private static int NextLine(string text, int at)
    {
        int end = text.AsSpan(at).IndexOfAny("\r\n\u0085\u2028\u2029");
        if (end < 0) return text.Length;
        end += at;
        return end + (text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? 2 : 1);
    }

    private static void CheckCharacters(string text, int start, int end, int line)
    {
        int lineStart = start;
        for (int at = start; at < end; at++)
        {
            char c = text[at];
            if (c is '\n' or '\u0085' or '\u2028' or '\u2029' || (c == '\r' && (at + 1 == end || text[at + 1] != '\n')))
            {
                line++;
                lineStart = at + 1;
                continue;
            }

            bool isPair = char.IsHighSurrogate(c) && at + 1 < end && char.IsLowSurrogate(text[at + 1]);
            if (c is '\t' or '\r' or >= ' ' and <= '~' or >= '\u00a0' and < '\ud800' or >= '\ue000' and <= '\ufffd' || isPair)
            {
                if (isPair) at++;
                continue;
            }

            throw new YamlFormatException($"the character U+{(int)c:X4} is not allowed in YAML; check that the file is text in UTF-8", line + 1, at - lineStart + 1);
        }
    }
}
