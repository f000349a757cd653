using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Probes;

/// <summary>Sets or removes a key of a mapping in block style.</summary>
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

/// <summary>Sets or removes a key of a mapping in flow style, such as JSON's.</summary>
/// <param name="map">The mapping.</param>
internal sealed class FlowEdit(string text, YamlLayout map)
{
    private readonly YamlLayout? _firstKey = map.Children.Count == 0 ? null : map.Children[0].Key;

    public TextEdit Set(string key, string neighbour, JsonObject value)
    {
        bool quotes = _firstKey is null || text[_firstKey.Start] == '"';
        string separator = !quotes || _firstKey is null || text[_firstKey.End..map.Children[0].Value.Start].EndsWith(' ') ? ": " : ":";
        FlowLines? lines = Lines();
        int index = map.IndexOf(key);
        if (index >= 0)
        {
            YamlLayout old = map.Children[index].Value;
            bool spread = old.Kind == YamlLayoutKind.Scalar || text.AsSpan(old.Start, old.End - old.Start).ContainsAny('\r', '\n');
            // A value that is not written at all has the colon right before it.
            string blank = old.Start == old.End ? " " : "";
            return new TextEdit(old.Start, old.End, blank + YamlText.Flow(value, quotes, separator, spread ? lines : null));
        }

        string entry = (quotes ? $"\"{key}\"" : key) + separator + YamlText.Flow(value, quotes, separator, lines);
        if (_firstKey is null) return new TextEdit(map.End - 1, map.End - 1, entry);
        int beside = map.IndexOf(neighbour);
        int at = map.Children[beside < 0 ? map.Children.Count - 1 : beside].Value.End;
        return new TextEdit(at, at, (lines is null ? (separator.EndsWith(' ') ? ", " : ",") : "," + lines.Break + lines.Indent) + entry);
    }

    public TextEdit Remove(string key)
    {
        int index = map.IndexOf(key);
        (YamlLayout? name, YamlLayout value) = map.Children[index];
        if (index + 1 < map.Children.Count) return new TextEdit(name!.Start, map.Children[index + 1].Key!.Start, "");
        return index > 0
            ? new TextEdit(map.Children[index - 1].Value.End, value.End, "")
            : new TextEdit(name!.Start, value.End, "");
    }

    private FlowLines? Lines()
    {
        if (_firstKey is null || !TextLines.IsFirstOnLine(text, _firstKey.Start)) return null;
        string indent = TextLines.Indent(text, _firstKey.Start);
        string outer = TextLines.Indent(text, map.Start);
        string unit = indent.Length > outer.Length && indent.StartsWith(outer, StringComparison.Ordinal) ? indent[outer.Length..] : "  ";
        return new FlowLines(TextLines.BreakOf(text), indent, unit);
    }
}

/// <summary>How flow style is spread over lines.</summary>
/// <param name="Break">The line break.</param>
/// <param name="Indent">The blanks before the closing bracket.</param>
/// <param name="Unit">What each level adds to them.</param>
internal sealed record FlowLines(string Break, string Indent, string Unit)
{
    public FlowLines Deeper => this with { Indent = Indent + Unit };
}

/// <summary>One replacement in a text.</summary>
/// <param name="Start">Where it starts.</param>
/// <param name="End">Where what is replaced ends.</param>
/// <param name="Text">What takes its place.</param>
internal sealed record TextEdit(int Start, int End, string Text)
{
    public string Apply(string text) => string.Concat(text.AsSpan(0, Start), Text, text.AsSpan(End));
}
