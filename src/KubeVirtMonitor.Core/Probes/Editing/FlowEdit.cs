using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Probes;

/// <summary>Sets or removes a key of a mapping in flow style, such as JSON's.</summary>
/// <param name="text">The text.</param>
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
