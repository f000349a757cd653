using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor.Yaml;

/// <summary>Finds where the nodes of a text are.</summary>
internal sealed class YamlLayoutReader : IYamlLayoutReader
{
    /// <inheritdoc/>
    public IReadOnlyList<YamlLayout?> ReadAll(string text) =>
        [.. YamlStream.Read(text).Select(document => document.Root is { } root ? Layout(root, text, 0) : null)];

    private static YamlLayout Layout(YamlNode node, string text, int floor)
    {
        int start = Math.Max(floor, node.Start.Index);
        if (node.Kind == YamlLayoutKind.Scalar)
        {
            // A value that is not there is where its key ends, and the next token may be lines below.
            bool isEmpty = node.Start.Index == node.End;
            return new YamlLayout { Kind = node.Kind, Text = node.Text, Anchor = node.Anchor, Start = isEmpty ? floor : start, End = isEmpty ? floor : EndOf(node, text, start) };
        }

        if (node.Kind == YamlLayoutKind.Alias) return new YamlLayout { Kind = node.Kind, Text = node.Text, Start = start, End = node.End };
        List<(YamlLayout? Key, YamlLayout Value)> children = [];
        int end = start;
        foreach ((YamlNode? keyNode, YamlNode child) in node.Children)
        {
            YamlLayout? key = keyNode is null ? null : Layout(keyNode, text, end);
            YamlLayout value = Layout(child, text, key is null ? end : AfterColon(text, key.End));
            end = value.End;
            children.Add((key, value));
        }

        return new YamlLayout { Kind = node.Kind, IsFlow = node.IsFlow, Anchor = node.Anchor, Start = start, End = node.IsFlow ? node.End : end, Children = children };
    }

    private static int AfterColon(string text, int keyEnd)
    {
        int at = keyEnd;
        while (at < text.Length && text[at] is ' ' or '\t') at++;
        return at < text.Length && text[at] == ':' ? at + 1 : keyEnd;
    }

    // Block text ends, for the reader, where the next token may start; here it ends with its last line of content.
    private static int EndOf(YamlNode scalar, string text, int start)
    {
        int end = Math.Min(scalar.End, text.Length);
        if (scalar.Style != YamlStyle.Block) return end;
        int header = text.IndexOfAny(['\r', '\n'], start);
        bool keepsBlankLines = header >= 0 && text.AsSpan(start, header - start).Contains('+');
        while (end > start && text[end - 1] is ' ' or '\t') end--;
        if (keepsBlankLines) return end > start && text[end - 1] == '\n' ? end - (end > 1 && text[end - 2] == '\r' ? 2 : 1) : end;
        while (end > start && char.IsWhiteSpace(text[end - 1])) end--;
        return end;
    }
}
