using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KubeVirtMonitor.Yaml;

/// <summary>Turns the parser's events of one document into JSON nodes. The parser stands on the node to read, and after reading on its last event.</summary>
internal sealed class NodeReader(Parser parser, NodeBudget budget)
{
    private readonly Dictionary<AnchorName, Anchored> _anchors = [];

    public JsonNode? Read() => Read(0, out _);

    private JsonNode? Read(int depth, out Extent extent)
    {
        ParsingEvent current = parser.Current!;
        CheckDepth(depth, current);
        if (current is AnchorAlias alias) return Expand(alias, depth, out extent);
        budget.Take(1, current.Start);
        AnchorName anchor = ((NodeEvent)current).Anchor;
        if (!anchor.IsEmpty) _anchors[anchor] = Anchored.Open;
        JsonNode? node;
        (node, extent) = current switch
        {
            Scalar scalar => (ScalarResolver.Resolve(scalar), Extent.One),
            SequenceStart => ReadSequence(depth),
            MappingStart => ReadMapping(depth),
            _ => throw Error(current, "this cannot be read as YAML"),
        };
        if (!anchor.IsEmpty) _anchors[anchor] = new Anchored(node, extent, IsOpen: false);
        return node;
    }

    private JsonNode? Expand(AnchorAlias alias, int depth, out Extent extent)
    {
        if (!_anchors.TryGetValue(alias.Value, out Anchored anchored)) throw Error(alias, "an alias names an anchor that does not exist above it");
        if (anchored.IsOpen) throw Error(alias, "an alias stands inside of what it names");
        budget.Take(anchored.Extent.Nodes, alias.Start);
        CheckDepth(depth + anchored.Extent.Height, alias);
        extent = anchored.Extent;
        return anchored.Node?.DeepClone();
    }

    private (JsonNode Node, Extent Extent) ReadSequence(int depth)
    {
        JsonArray array = [];
        Extent extent = Extent.One;
        while (Next() is not SequenceEnd)
        {
            array.Add(Read(depth + 1, out Extent item));
            extent = extent.Around(item);
        }

        return (array, extent);
    }

    private (JsonNode Node, Extent Extent) ReadMapping(int depth)
    {
        JsonObject map = [];
        HashSet<string> own = new(StringComparer.Ordinal);
        Extent extent = Extent.One;
        while (Next() is not MappingEnd)
        {
            ParsingEvent keyEvent = parser.Current!;
            bool merge = keyEvent is Scalar scalar && ScalarResolver.IsMergeKey(scalar);
            string key = merge ? "" : ReadKey(keyEvent);
            ParsingEvent valueEvent = Next();
            JsonNode? value = Read(depth + 1, out Extent inner);
            extent = extent.Around(inner);
            if (merge) Merge(map, value, valueEvent);
            else if (!own.Add(key)) throw Error(keyEvent, $"the key '{Shown(key)}' appears twice in one mapping");
            else map[key] = value;
        }

        return (map, extent);
    }

    private string ReadKey(ParsingEvent keyEvent)
    {
        JsonNode? key = keyEvent is Scalar or AnchorAlias ? Read(0, out _) : null;
        return ScalarResolver.KeyText(key) ?? throw Error(keyEvent, "a key has to be a word, a number or a truth value");
    }

    // A merge replaces keys that stand above it and yields to those below: what kubectl's reader does, although
    // the merge key's specification would let every key of the mapping win. Within a list of mappings the first wins.
    private static void Merge(JsonObject map, JsonNode? value, ParsingEvent where)
    {
        IEnumerable<JsonNode?> sources = value is JsonArray list ? list.Reverse() : [value];
        foreach (JsonNode? source in sources)
        {
            if (source is not JsonObject merged) throw Error(where, "a merge (<<) needs a mapping or a list of mappings");
            foreach ((string key, JsonNode? item) in merged) map[key] = item?.DeepClone();
        }
    }

    private ParsingEvent Next()
    {
        do
        {
            parser.MoveNext();
        }
        while (parser.Current is Comment);
        return parser.Current!;
    }

    private static string Shown(string key) => key.Length <= 60 ? key : key[..60] + "...";

    private static YamlFormatException Error(ParsingEvent where, string what) => new(what, where.Start.Line, where.Start.Column);

    private static void CheckDepth(int depth, ParsingEvent where)
    {
        if (depth > YamlReader.MaximumDepth)
            throw Error(where, $"mappings and sequences nest deeper than {YamlReader.MaximumDepth} levels");
    }

    private readonly record struct Anchored(JsonNode? Node, Extent Extent, bool IsOpen)
    {
        public static readonly Anchored Open = new(null, default, IsOpen: true);
    }

    private readonly record struct Extent(int Nodes, int Height)
    {
        public static readonly Extent One = new(1, 0);

        public Extent Around(Extent inner) => new(Nodes + inner.Nodes, Math.Max(Height, inner.Height + 1));
    }
}
