using System.Numerics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace KubeVirtMonitor.Catalog;

/// <summary>Every metric the module knows by name, read once from the data files beside this class.</summary>
internal sealed class MetricCatalog
{
    private static readonly string[] Files = ["common.tsv", "api.tsv", "controller.tsv", "handler.tsv", "operator.tsv"];
    private static readonly Lazy<MetricCatalog> Shared = new(Load);

    private readonly SampleNameTable _names;
    private readonly List<CatalogEntry>[] _entries;
    private readonly MetricDefinition[] _definitions;
    private Dictionary<string, MetricDefinition>? _byName;

    private MetricCatalog(CatalogBuilder builder)
    {
        _names = builder.Names;
        _entries = builder.Entries;
        _definitions = [.. builder.Definitions];
        Array.Sort(_definitions, static (left, right) =>
            left.Component != right.Component ? left.Component.CompareTo(right.Component) : string.CompareOrdinal(left.Name, right.Name));
    }

    /// <summary>The catalogue of this version of the module.</summary>
    /// <exception cref="InvalidDataException">A data file was damaged; tests keep that from being shipped.</exception>
    public static MetricCatalog Default => Shared.Value;

    /// <summary>The KubeVirt minor versions whose names the catalogue knows, oldest first: 1.0 to 1.9.</summary>
    public static IReadOnlyList<KubeVirtVersion> KnownVersions { get; } =
        [new(1, 0), new(1, 1), new(1, 2), new(1, 3), new(1, 4), new(1, 5), new(1, 6), new(1, 7), new(1, 8), new(1, 9)];

    /// <summary>All definitions, ordered by component and name.</summary>
    public IReadOnlyList<MetricDefinition> Definitions => _definitions;

    /// <summary>Finds what a raw sample name means on a component's endpoint.</summary>
    /// <param name="component">The endpoint's component.</param>
    /// <param name="sampleName">The name on the sample line, with <c>_bucket</c>, <c>_sum</c>, <c>_count</c> where the line has them, as UTF-8.</param>
    /// <returns>The entry, or null where the catalogue knows nothing of the name. Of names that changed their meaning, the newest; see <see cref="CatalogEntry.For"/>.</returns>
    public CatalogEntry? Find(ComponentKind component, ReadOnlySpan<byte> sampleName) => _names.Find(sampleName)?[component];

    /// <summary>Finds what a raw sample name means on a component's endpoint in one KubeVirt version.</summary>
    /// <param name="component">The endpoint's component.</param>
    /// <param name="sampleName">The name on the sample line, as UTF-8.</param>
    /// <param name="version">The version; null = the newest meaning.</param>
    /// <returns>The entry, or null where the catalogue knows nothing of the name.</returns>
    public CatalogEntry? Find(ComponentKind component, ReadOnlySpan<byte> sampleName, KubeVirtVersion? version) =>
        Find(component, sampleName)?.For(version);

    /// <summary>Finds a definition by the module's name, ignoring case.</summary>
    /// <param name="name">Such as <c>kubevirt_handler.vmi.cpu_usage_seconds.count</c>.</param>
    /// <returns>The definition, or null.</returns>
    public MetricDefinition? Find(string name)
    {
        if (_byName is not { } byName)
        {
            byName = new Dictionary<string, MetricDefinition>(_definitions.Length, StringComparer.OrdinalIgnoreCase);
            foreach (MetricDefinition definition in _definitions) byName.Add(definition.Name, definition);
            _byName = byName;
        }

        return byName.GetValueOrDefault(name);
    }

    /// <summary>Every sample name that a component's endpoint may carry, in any known version.</summary>
    public IReadOnlyList<CatalogEntry> Entries(ComponentKind component) => _entries[(int)component];

    /// <summary>A bit for each component that serves a name, as a sample or as a family; 0 for unknown names.</summary>
    internal uint ComponentsOf(ReadOnlySpan<byte> name) => _names.Find(name)?.Components ?? 0;

    private static MetricCatalog Load()
    {
        CatalogBuilder builder = new();
        foreach (string file in Files)
        {
            using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(file)
                ?? throw new InvalidDataException($"{file} is missing from the assembly.");
            byte[] data = new byte[stream.Length];
            stream.ReadExactly(data);
            builder.Read(file, data);
        }

        builder.AddOpenMetricsNames();
        return new MetricCatalog(builder);
    }
}

/// <summary>One raw sample name of one component, and what it maps to.</summary>
/// <param name="SampleName">The name on the sample line, such as <c>kubevirt_workqueue_queue_duration_seconds_bucket</c>.</param>
/// <param name="Raw">The raw families with this name, newest first, one per span of versions that treats the value differently; at least one.</param>
/// <param name="Definition">What it maps to.</param>
internal sealed record CatalogEntry(string SampleName, IReadOnlyList<RawMetric> Raw, MetricDefinition Definition)
{
    /// <summary>What the same name meant in other KubeVirt versions, or null. KubeVirt 1.1 has the names of two migration rates the wrong way round.</summary>
    public CatalogEntry? Alternative { get; internal set; }

    /// <summary>The meaning of the name in a KubeVirt version; the newest one where the version is unknown (null) or fits none.</summary>
    public CatalogEntry For(KubeVirtVersion? version)
    {
        for (CatalogEntry? entry = Alternative is null ? null : this; entry is not null; entry = entry.Alternative)
        {
            for (int i = 0; i < entry.Raw.Count; i++)
            {
                if (entry.Raw[i].AppliesTo(version)) return entry;
            }
        }

        return this;
    }

    /// <summary>The treatment of the value in a KubeVirt version; the newest one where the version is unknown (null) or fits none.</summary>
    public RawMetric RawFor(KubeVirtVersion? version)
    {
        for (int i = 0; i < Raw.Count; i++)
        {
            if (Raw[i].AppliesTo(version)) return Raw[i];
        }

        return Raw[0];
    }
}

/// <summary>A hash table from names in UTF-8 to what each component means by them; a look-up allocates nothing.</summary>
internal sealed class SampleNameTable
{
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    // The names of all data files need about 900 slots; a table of twice that never grows while it is filled.
    private Record?[] _slots = new Record?[2048];
    private int _count;

    /// <summary>What is known of a name, or null.</summary>
    public Record? Find(ReadOnlySpan<byte> name)
    {
        uint hash = Hash(name);
        Record?[] slots = _slots;
        for (int i = (int)hash & (slots.Length - 1); slots[i] is { } record; i = (i + 1) & (slots.Length - 1))
        {
            if (record.Hash == hash && name.SequenceEqual(record.Name)) return record;
        }

        return null;
    }

    /// <summary>What is known of a name, noted now where it is new.</summary>
    public Record GetOrAdd(string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        if (Find(bytes) is { } known) return known;
        if (_count * 2 >= _slots.Length) Grow();
        Record record = new(bytes, Hash(bytes));
        Put(record);
        _count++;
        return record;
    }

    private void Grow()
    {
        Record?[] old = _slots;
        _slots = new Record?[old.Length * 2];
        foreach (Record? record in old)
        {
            if (record is not null) Put(record);
        }
    }

    private void Put(Record record)
    {
        int i = (int)record.Hash & (_slots.Length - 1);
        while (_slots[i] is not null) i = (i + 1) & (_slots.Length - 1);
        _slots[i] = record;
    }

    private static uint Hash(ReadOnlySpan<byte> name)
    {
        ulong hash = (ulong)name.Length * Multiplier;
        while (name.Length >= sizeof(ulong))
        {
            hash = Mix(hash, MemoryMarshal.Read<ulong>(name));
            name = name[sizeof(ulong)..];
        }

        ulong tail = 0;
        foreach (byte b in name) tail = (tail << 8) | b;
        hash = Mix(hash, tail);
        return (uint)(hash >> 32);
    }

    private static ulong Mix(ulong hash, ulong block) => BitOperations.RotateLeft((hash ^ block) * Multiplier, 29);

    /// <summary>A name, and its meaning on each component.</summary>
    internal sealed class Record(byte[] name, uint hash)
    {
        private readonly CatalogEntry?[] _entries = new CatalogEntry?[4];

        public byte[] Name { get; } = name;

        public uint Hash { get; } = hash;

        /// <summary>A bit for each component that serves the name, as a sample or as a family.</summary>
        public uint Components { get; private set; }

        /// <summary>The meaning of the sample on a component, or null.</summary>
        public CatalogEntry? this[ComponentKind component] => (uint)component < (uint)_entries.Length ? _entries[(int)component] : null;

        /// <summary>Notes that a component serves the name.</summary>
        public void Serve(ComponentKind component) => Components |= 1u << (int)component;

        /// <summary>Notes what the sample means on a component, in front of what it meant in older versions.</summary>
        public void Set(ComponentKind component, CatalogEntry entry)
        {
            Serve(component);
            ref CatalogEntry? known = ref _entries[(int)component];
            if (known is null || entry.Raw[0].Until is null)
            {
                entry.Alternative = known;
                known = entry;
            }
            else
            {
                entry.Alternative = known.Alternative;
                known.Alternative = entry;
            }
        }

        /// <summary>Notes what the sample means on a component, unless something is known already.</summary>
        public void SetWhereUnknown(ComponentKind component, CatalogEntry entry)
        {
            if (_entries[(int)component] is not null) return;
            Serve(component);
            _entries[(int)component] = entry;
        }
    }
}
