using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Probes;

/// <summary>Sets or removes a key of a mapping in block style.</summary>
/// <param name="text">The text.</param>
/// <param name="map">The mapping, which has at least one key.</param>
/// <param name="parent">The mapping it is in.</param>
/// <param name="root">The document, whose habits are followed.</param>
internal sealed class BlockEdit(string text, YamlLayout map, YamlLayout parent, YamlLayout root)
{
    private readonly string _break = TextLines.BreakOf(text);
    private readonly int _column = Column(text, map);

    public TextEdit Set(string key, string neighbour, JsonObject value)
    {
        int index = map.IndexOf(key);
        if (index >= 0) return Replace(map.Children[index].Key!, map.Children[index].Value, value);
        int beside = map.IndexOf(neighbour);
        int at = TextLines.LineEnd(text, map.Children[beside < 0 ? map.Children.Count - 1 : beside].Value.End);
        return new TextEdit(at, at, $"{_break}{new string(' ', _column)}{key}:{Body(value, _column + Step())}");
    }

    public TextEdit Remove(string key)
    {
        (YamlLayout? name, YamlLayout value) = map.Children[map.IndexOf(key)];
        int start = TextLines.LineStart(text, name!.Start);
        int end = TextLines.NextLine(text, value.End);
        // The last line may have no break of its own, and then the one before it goes.
        if (end == TextLines.LineEnd(text, value.End) && start > 0) start -= text[start - 1] == '\n' && start > 1 && text[start - 2] == '\r' ? 2 : 1;
        return new TextEdit(start, end, "");
    }

    private TextEdit Replace(YamlLayout key, YamlLayout old, JsonObject value)
    {
        if (old.IsFlow)
        {
            bool quotes = old.Children.Count > 0 && old.Children[0].Key is { } first && text[first.Start] == '"';
            return new TextEdit(old.Start, old.End, YamlText.Flow(value, quotes, ": ", null));
        }

        if (old.Kind == YamlLayoutKind.Mapping)
            return new TextEdit(TextLines.LineEnd(text, key.End), TextLines.LineEnd(text, old.End), Body(value, Column(text, old)));
        int colon = text.IndexOf(':', key.End) + 1;
        int end = TextLines.LineEnd(text, old.End);
        return new TextEdit(colon, end, text[old.End..end].TrimEnd() + Body(value, _column + Step()));
    }

    private string Body(JsonObject value, int column) =>
        string.Concat(YamlText.Block(value, column, Step(), IndentsLists(root)).Select(line => _break + line));

    // How much deeper this mapping's own mappings are, or else how much deeper it is itself.
    private int Step()
    {
        foreach ((_, YamlLayout value) in map.Children)
        {
            if (value is { Kind: YamlLayoutKind.Mapping, IsFlow: false } && Column(text, value) > _column) return Column(text, value) - _column;
        }

        return Math.Max(1, _column - Column(text, parent));
    }

    private bool IndentsLists(YamlLayout node)
    {
        Stack<YamlLayout> open = new([node]);
        while (open.TryPop(out YamlLayout? next))
        {
            foreach ((YamlLayout? key, YamlLayout value) in next.Children)
            {
                if (key is not null && value is { Kind: YamlLayoutKind.Sequence, IsFlow: false }) return Offset(text, value.Start) > Offset(text, key.Start);
                open.Push(value);
            }
        }

        return false;
    }

    private static int Column(string text, YamlLayout map) => Offset(text, map.Children[0].Key!.Start);

    private static int Offset(string text, int at) => at - TextLines.LineStart(text, at);
}
