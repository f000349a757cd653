using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Exposition;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.Series;

/// <summary>
/// Numbers what tells series apart over time, apart from their name: where they come from, and their tags. Of a scrape that was read, the tags of a label block are looked at once for
/// each table of blocks, which targets that are scraped again keep.
/// </summary>
/// <remarks>
/// The counters of a cluster's machines are told from each other without the pod that serves them, since another one goes on where it stopped. Their increases are told without the node too: those
/// of a machine that has migrated follow each other, while what a counter is on one node says nothing of the one on another.
/// </remarks>
/// <param name="keepsPods">Whether pods are told from each other all the same.</param>
/// <param name="keepsNodes">Whether nodes are told from each other all the same.</param>
internal sealed class SeriesNumbers(bool keepsPods = false, bool keepsNodes = false)
{
    // Of a table that its target has given up, nobody else needs to know; numbers are found again by content.
    private const int MostTables = 10_000;

    private readonly Dictionary<(LabelTable, TagRules), Blocks> _tables = [];
    private readonly Dictionary<(string? Cluster, ComponentKind? Component, string? Address), int> _origins = [];
    private readonly ByteTable _tags = new();
    private readonly ArrayBufferWriter<byte> _content = new();
    private readonly ArrayBufferWriter<byte> _values = new();
    private readonly List<Part> _parts = [];
    private ScrapeContext? _context;
    private int _origin;
    private int? _machineOrigin;
    private Blocks? _blocks;

    /// <summary>The numbers of a sample's origin and of its tags.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="isStateless">Whether its family has the state of the moment in a tag, see <see cref="CounterFacts.IsOfState"/>.</param>
    /// <param name="livesInMachine">Whether the machine counts it, see <see cref="CounterFacts.LivesInMachine"/>.</param>
    [MethodImpl(HotPath.Compile)]
    public (int Origin, int Tags) Of(MetricSample sample, bool isStateless, bool livesInMachine)
    {
        Enter(sample);
        Scope scope = isStateless ? Scope.Stateless : Scope.All;
        int origin = _origin;
        if (livesInMachine && _machineOrigin is { } shared)
        {
            origin = shared;
            scope |= keepsNodes || sample.Interval is null ? Scope.OfNode : Scope.OfNode | Scope.OfCluster;
        }

        if (_blocks is null || sample.Block < 0) return (origin, Number(TagsOf(sample), sample.RawName, scope));
        ref int number = ref _blocks.NumberOf(sample.Block, scope);
        if (number == 0) number = Number(_blocks, _context!.Labels!.Blocks.Get(sample.Block), sample.RawName, scope) + 1;
        return (origin, number - 1);
    }

    /// <summary>The same of what a machine counts, wherever it runs and whoever tells of it; null where machines of one name may be several, since nothing tells of their cluster.</summary>
    /// <param name="sample">The sample.</param>
    public (int Origin, int Tags)? Wherever(MetricSample sample)
    {
        if (sample.Cluster is null && sample is not StoredSample) return null;
        Enter(sample);
        (string?, ComponentKind?, string?) origin = (sample.Cluster, sample.Component, null);
        if (!_origins.TryGetValue(origin, out int shared)) _origins.Add(origin, shared = _origins.Count);
        return (shared, Number(TagsOf(sample), sample.RawName, Scope.OfNode | Scope.OfCluster));
    }

    /// <summary>The tags of a sample, which are not kept for it.</summary>
    public TagSet TagsOf(MetricSample sample)
    {
        Enter(sample);
        if (_context!.FixedTags is { } known) return known;
        return sample.Block < 0 ? _context.Rules!.TargetTags : _blocks!.Builder.Build(_context.Labels!.Blocks.Get(sample.Block));
    }

    private void Enter(MetricSample sample)
    {
        if (sample.Descriptor.Context == _context) return;
        _context = sample.Descriptor.Context;
        // Of files, the path is none of a series: two of them may be two looks at one target.
        string? address = sample.Target.Contains("://", StringComparison.Ordinal) ? sample.Target : null;
        (string?, ComponentKind?, string?) origin = (sample.Cluster, sample.Component, address);
        if (!_origins.TryGetValue(origin, out _origin)) _origins.Add(origin, _origin = _origins.Count);
        _machineOrigin = null;
        if (sample.Cluster is not null && !keepsPods)
        {
            origin = (sample.Cluster, sample.Component, null);
            if (!_origins.TryGetValue(origin, out int shared)) _origins.Add(origin, shared = _origins.Count);
            _machineOrigin = shared;
        }

        _blocks = null;
        if (_context is not { FixedTags: null, Labels: { } table, Rules: { } rules }) return;
        if (_tables.Count == MostTables) _tables.Clear();
        if (!_tables.TryGetValue((table, rules), out _blocks)) _tables.Add((table, rules), _blocks = new Blocks(rules));
    }

    // As of the tags that are made of the block, and without making them.
    [MethodImpl(HotPath.Compile)]
    private int Number(Blocks blocks, ReadOnlySpan<byte> block, string rawName, Scope scope)
    {
        _parts.Clear();
        _values.ResetWrittenCount();
        LabelReader labels = new(block);
        while (labels.Read())
        {
            if (blocks.Rules.DropAbsent && (labels.Value.IsEmpty || labels.Value.SequenceEqual("<none>"u8))) continue;
            if (blocks.KeyOf(labels.Name, _parts.Count) is not { Length: > 0 } key || CounterFacts.IsPassing(rawName, key) || IsOutside(key, scope)) continue;
            if (labels.Value.Contains((byte)'\\')) Add(key, LabelText.Unescape(labels.Value));
            else Add(key, labels.Value);
        }

        foreach ((byte[] key, string value) in blocks.Extra)
        {
            if (!IsOutside(key, scope)) Add(key, value);
        }

        return Number();
    }

    private int Number(TagSet tags, string rawName, Scope scope)
    {
        _parts.Clear();
        _values.ResetWrittenCount();
        foreach ((string name, string value) in tags)
        {
            byte[] key = Encoding.UTF8.GetBytes(name);
            if (!CounterFacts.IsPassing(rawName, key) && !IsOutside(key, scope)) Add(key, value);
        }

        return Number();
    }

    private static bool IsOutside(ReadOnlySpan<byte> key, Scope scope) =>
        ((scope & Scope.OfNode) != 0 && (key.SequenceEqual("endpoint"u8) || key.SequenceEqual("pod_name"u8) || key.SequenceEqual("kube_namespace"u8)))
        || ((scope & Scope.OfCluster) != 0 && (key.SequenceEqual("node"u8) || key.SequenceEqual("kube_node"u8)));

    private void Add(byte[] key, ReadOnlySpan<byte> value)
    {
        _parts.Add(new Part(key, _values.WrittenCount, value.Length));
        _values.Write(value);
    }

    private void Add(byte[] key, string value)
    {
        int start = _values.WrittenCount;
        Encoding.UTF8.GetBytes(value, _values);
        _parts.Add(new Part(key, start, _values.WrittenCount - start));
    }

    // Tags in one order, since files and other servers may have them in another.
    private int Number()
    {
        Span<Part> parts = CollectionsMarshal.AsSpan(_parts);
        for (int i = 1; i < parts.Length; i++)
        {
            for (int at = i; at > 0 && parts[at].Key.AsSpan().SequenceCompareTo(parts[at - 1].Key) < 0; at--) (parts[at - 1], parts[at]) = (parts[at], parts[at - 1]);
        }

        _content.ResetWrittenCount();
        foreach (Part part in parts)
        {
            _content.Write(part.Key);
            _content.Write("\0"u8);
            _content.Write(_values.WrittenSpan.Slice(part.Start, part.Length));
            _content.Write("\0"u8);
        }

        return _tags.FindOrAdd(_content.WrittenSpan, out _);
    }

    // The name of a tag, and where its value is among those of the block.
    private readonly record struct Part(byte[] Key, int Start, int Length);

    // The numbers of the blocks of a table, plus one; 0 = not looked at yet.
    private sealed class Blocks(TagRules rules)
    {
        // A target has a few dozen label names at most; with more, each is made again.
        private const int MostKeys = 256;

        private readonly List<(byte[] Label, byte[] Key)> _keys = [];
        private readonly int[]?[] _numbers = new int[]?[(int)(Scope.Stateless | Scope.OfNode | Scope.OfCluster) + 1];

        public TagRules Rules { get; } = rules;

        public TagBuilder Builder { get; } = new(rules);

        /// <summary>The tags of the target.</summary>
        public (byte[] Key, string Value)[] Extra { get; } = [.. rules.Extra.Select(static tag => (Encoding.UTF8.GetBytes(tag.Key), tag.Value))];

        /// <summary>The name of the tag of a label; empty where a tag of the target takes its place.</summary>
        /// <param name="label">The name of the label.</param>
        /// <param name="likely">Where it may be among those that are known.</param>
        public byte[] KeyOf(ReadOnlySpan<byte> label, int likely)
        {
            if (likely < _keys.Count && label.SequenceEqual(_keys[likely].Label)) return _keys[likely].Key;
            foreach ((byte[] known, byte[] its) in _keys)
            {
                if (label.SequenceEqual(known)) return its;
            }

            string name = Rules.Rename(LabelText.Unescape(label));
            byte[] key = Rules.IsReplaced(name) ? [] : Encoding.UTF8.GetBytes(name);
            if (_keys.Count < MostKeys) _keys.Add((label.ToArray(), key));
            return key;
        }

        public ref int NumberOf(int block, Scope scope)
        {
            ref int[]? numbers = ref _numbers[(int)scope];
            if (numbers is null || block >= numbers.Length) Array.Resize(ref numbers, Math.Max(block + 1, Math.Max((numbers?.Length ?? 0) * 2, 64)));
            return ref numbers[block];
        }
    }

    // Which tags do not tell series apart.
    [Flags]
    private enum Scope
    {
        All = 0,
        Stateless = 1,
        OfNode = 2,
        OfCluster = 4,
    }
}

/// <summary>A property of samples or a tag by which they are grouped.</summary>
/// <param name="Property">The property.</param>
/// <param name="Name">Its name, or that of the tag as the caller has it.</param>
internal readonly record struct GroupKey(GroupProperty Property, string Name)
{
    /// <summary>The names of the properties.</summary>
    public static IReadOnlyList<string> Properties { get; } = [.. Enum.GetNames<GroupProperty>().Where(static name => name != nameof(GroupProperty.Tag))];

    /// <summary>The key that a name stands for. Case does not count; what is no property is a tag.</summary>
    public static GroupKey Of(string name)
    {
        if (name.Equals("VM", StringComparison.OrdinalIgnoreCase)) return new GroupKey(GroupProperty.Vmi, nameof(GroupProperty.Vmi));
        foreach (GroupProperty property in Enum.GetValues<GroupProperty>())
        {
            if (property != GroupProperty.Tag && name.Equals($"{property}", StringComparison.OrdinalIgnoreCase)) return new GroupKey(property, $"{property}");
        }

        return new GroupKey(GroupProperty.Tag, name);
    }

    /// <summary>Whether it is a tag.</summary>
    public bool Is(string tag) => Property == GroupProperty.Tag && Name.Equals(tag, StringComparison.OrdinalIgnoreCase);

    /// <summary>The value of a sample; null where it has none.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="tags">Its tags.</param>
    /// <param name="name">The name as the sample has it, in its case.</param>
    public string? Read(MetricSample sample, TagSet tags, out string name)
    {
        name = Name;
        switch (Property)
        {
            case GroupProperty.Vmi: return sample.Vmi;
            case GroupProperty.Namespace: return sample.Namespace;
            case GroupProperty.Node: return sample.Node;
            case GroupProperty.Cluster: return sample.Cluster;
            case GroupProperty.Component: return sample.Component?.ToString();
            case GroupProperty.Target: return sample.Target;
            case GroupProperty.Name: return sample.Name;
        }

        if (tags.TryGetValue(Name, out string? value)) return value;
        foreach ((string key, string other) in tags)
        {
            if (!key.Equals(Name, StringComparison.OrdinalIgnoreCase)) continue;
            name = key;
            return other;
        }

        return null;
    }
}

/// <summary>What samples are grouped by.</summary>
internal enum GroupProperty
{
    /// <summary>The machine.</summary>
    Vmi,

    /// <summary>Its namespace.</summary>
    Namespace,

    /// <summary>The node.</summary>
    Node,

    /// <summary>The cluster.</summary>
    Cluster,

    /// <summary>The component that served it.</summary>
    Component,

    /// <summary>The address or the file.</summary>
    Target,

    /// <summary>The name, by which samples are always grouped.</summary>
    Name,

    /// <summary>A tag.</summary>
    Tag,
}
