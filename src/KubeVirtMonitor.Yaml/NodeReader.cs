using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor.Yaml;

/// <summary>Turns the nodes of one document into JSON: follows aliases, merges, and resolves scalars.</summary>
/// <param name="budget">Counts what aliases expand to.</param>
/// <param name="repeated">Receives the keys that a mapping has twice; the last one counts, as it does for kubectl.</param>
internal sealed class NodeReader(NodeBudget budget, List<YamlFormatException> repeated)
{
    private readonly Dictionary<string, Anchored> _anchors = new(StringComparer.Ordinal);

    public JsonNode? Read(YamlNode root) => Read(root, 0, out _);

    private JsonNode? Read(YamlNode node, int depth, out Extent extent)
    {
        if (node.Kind == YamlLayoutKind.Alias) return Expand(node, depth, out extent);
        if (node.Anchor is not null) _anchors[node.Anchor] = Anchored.Open;
        extent = Extent.One;
        JsonNode? value = node.Kind switch
        {
            YamlLayoutKind.Scalar => ScalarResolver.Resolve(node),
            YamlLayoutKind.Sequence => ReadSequence(node, depth, ref extent),
            _ => ReadMapping(node, depth, ref extent),
        };
        if (node.Anchor is not null) _anchors[node.Anchor] = new Anchored(value, extent, IsOpen: false);
        return value;
    }

    private JsonNode? Expand(YamlNode alias, int depth, out Extent extent)
    {
        if (!_anchors.TryGetValue(alias.Text, out Anchored anchored)) throw alias.Start.Error("an alias refers to an anchor that is not defined before it");
        if (anchored.IsOpen) throw alias.Start.Error("an alias is inside the content that it refers to");
        budget.Take(anchored.Extent.Nodes, alias.Start);
        if (depth + anchored.Extent.Height > YamlReader.MaximumDepth) throw alias.Start.Error($"mappings and sequences nest deeper than {YamlReader.MaximumDepth} levels");
        extent = anchored.Extent;
        return anchored.Node?.DeepClone();
    }

    private JsonArray ReadSequence(YamlNode node, int depth, ref Extent extent)
    {
        JsonArray array = [];
        foreach ((_, YamlNode child) in node.Children)
        {
            array.Add(Read(child, depth + 1, out Extent item));
            extent = extent.Around(item);
        }

        return array;
    }

    private JsonObject ReadMapping(YamlNode node, int depth, ref Extent extent)
    {
        JsonObject map = [];
        HashSet<string> own = new(StringComparer.Ordinal);
        foreach ((YamlNode? keyNode, YamlNode child) in node.Children)
        {
            bool isMerge = ScalarResolver.IsMergeKey(keyNode!);
            string key = isMerge ? "" : ReadKey(keyNode!);
            JsonNode? value = Read(child, depth + 1, out Extent inner);
            extent = extent.Around(inner);
            if (isMerge)
            {
                Merge(map, value, child);
                continue;
            }

            if (!own.Add(key)) repeated.Add(keyNode!.Start.Error($"the key '{Shown(key)}' appears twice in one mapping"));
            map[key] = value;
        }

        return map;
    }

    private string ReadKey(YamlNode key)
    {
        if (key.Kind == YamlLayoutKind.Scalar && key.Style == YamlStyle.Plain && ScalarResolver.IsSpecialFloat(key.Text)) return key.Text;
        JsonNode? value = key.Kind is YamlLayoutKind.Scalar or YamlLayoutKind.Alias ? Read(key, 0, out _) : null;
        return ScalarResolver.KeyText(value) ?? throw key.Start.Error("a key must be text, a number or a Boolean");
    }

    // A merge replaces keys that stand above it and yields to those below: what kubectl's reader does, although
    // the merge key's specification would let every key of the mapping win. Within a list of mappings the first wins.
    private static void Merge(JsonObject map, JsonNode? value, YamlNode where)
    {
        IEnumerable<JsonNode?> sources = value is JsonArray list ? list.Reverse() : [value];
        foreach (JsonNode? source in sources)
        {
            if (source is not JsonObject merged) throw where.Start.Error("a merge (<<) needs a mapping or a list of mappings");
            foreach ((string key, JsonNode? item) in merged) map[key] = item?.DeepClone();
        }
    }

    private static string Shown(string key) => key.Length <= 60 ? key : key[..60] + "...";

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
