using System.Reflection;

namespace KubeVirtMonitor.Catalog;

/// <summary>Every metric the module knows by name, read once from the data files beside this class.</summary>
public sealed class MetricCatalog
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

    /// <summary>Finds a definition by the module's name, letter case aside.</summary>
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
    /// <param name="component">The component.</param>
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
