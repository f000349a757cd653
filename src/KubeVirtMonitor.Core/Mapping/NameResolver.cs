using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Exposition;

namespace KubeVirtMonitor.Mapping;

/// <summary>Decides what each name of a scrape means and whether it is wanted, once per name.</summary>
internal sealed class NameResolver(TargetMemory memory, MappingOptions options, ScrapeContext context, FormatRules rules)
{
    private readonly List<SeriesName> _seen = new(memory.NameCount);
    private MetricFamily? _family;

    public VersionTracker Version { get; } = new(options.Version);

    public PhaseCounter Phases { get; } = new();

    /// <summary>Whether a family has samples under names that only OpenMetrics gives them.</summary>
    public bool ShowsOpenMetrics { get; private set; }

    /// <summary>Takes a HELP, TYPE or UNIT line.</summary>
    public void TakeMetadata(ref ExpositionReader reader) => rules.TakeMetadata(ref reader, Enter(reader.Name));

    /// <summary>The state of the name of the sample line a reader is at.</summary>
    public SeriesName Resolve(ref ExpositionReader reader)
    {
        SeriesName name = memory.Name(reader.Name, reader.HasBareName);
        if (name.Scrape == memory.Scrape) return name;
        name.Enter(memory.Scrape);
        _seen.Add(name);
        MetricFamily family = FamilyOf(name.Bytes);
        bool isAsBefore = name.Family == family && name.Type == family.Type;
        name.Family = family;
        CheckLimit();
        name.Type = family.Type;
        name.Entry = context.Component is { } known ? MetricCatalog.Default.Find(known, name.Bytes) : null;
        if (name.Entry is { } entry) Version.Observe(entry);
        name.Descriptor = Describe(name);
        name.Role = RoleOf(name);
        name.SetRule(isAsBefore ? name.Rule : FormatRules.RuleOf(name));
        ShowsOpenMetrics |= name.Bytes.Length != name.Family.Bytes.Length
            && (name.Family.Type == MetricType.Counter || name.Bytes.AsSpan().EndsWith("_created"u8));
        return name;
    }

    /// <summary>The descriptor of a name that was held back, now that all is known that will be; null where it is not wanted after all.</summary>
    public SeriesDescriptor? Settle(SeriesName name)
    {
        if (name.Role != SeriesRole.Hold) return name.Descriptor;
        name.Role = SeriesRole.Emit;
        return name.Descriptor = DescribeMapped(name);
    }

    /// <summary>Reads the KubeVirt version from the labels of <c>kubevirt_info</c>.</summary>
    public void ReadVersion(ReadOnlySpan<byte> block)
    {
        LabelReader labels = new(block);
        while (labels.Read())
        {
            if (labels.Name.SequenceEqual("kubeversion"u8)) Version.State(LabelText.Unescape(labels.Value));
        }
    }

    /// <summary>The rebuilt <c>vmi.phase_count</c>, where it is wanted and the scrape does not have it.</summary>
    public IEnumerable<MetricSample> RebuiltPhases()
    {
        if (RebuiltEntry() is not { } entry || _seen.Exists(name => name.Text == PhaseCounter.RebuiltName)) yield break;
        foreach ((TagSet tags, int count) in Phases.Groups(context.Rules!))
        {
            yield return new MetricSample(DescriptorFactory.RebuiltPhase(context.With(tags), entry), -1, count, 0);
        }
    }

    /// <summary>What the scrape contained.</summary>
    public IReadOnlyList<FamilyObservation> Observations() =>
        _seen.ConvertAll(name => new FamilyObservation(name.Text, name.Family!.Name, TypeText(name.Type), name.Series, name.Entry?.Definition));

    private static string TypeText(MetricType type) => type switch
    {
        MetricType.Counter => "counter",
        MetricType.Gauge => "gauge",
        MetricType.Histogram => "histogram",
        MetricType.Summary => "summary",
        MetricType.Info => "info",
        MetricType.StateSet => "stateset",
        MetricType.GaugeHistogram => "gaugehistogram",
        _ => "untyped",
    };

    private MetricFamily Enter(ReadOnlySpan<byte> name)
    {
        if (_family is { } current && name.SequenceEqual(current.Bytes)) return current;
        _family = memory.Family(name);
        CheckLimit();
        return _family;
    }

    private void CheckLimit()
    {
        if (memory.Met <= options.MaxNames) return;
        throw new ScrapeLimitException(
            nameof(options.MaxNames),
            $"The scrape of {context.Target} has more than {options.MaxNames} names of metrics.");
    }

    private MetricFamily FamilyOf(ReadOnlySpan<byte> sample)
    {
        if (_family is { } current && current.Holds(sample)) return current;
        int cut = sample.LastIndexOf((byte)'_');
        if (cut > 0 && !memory.HasFamily(sample) && memory.HasFamily(sample[..cut]) && memory.Family(sample[..cut]) is var stem && stem.Holds(sample)) return stem;
        return memory.Family(sample);
    }

    private SeriesDescriptor? Describe(SeriesName name)
    {
        if (name.Entry is not null && !options.Raw) return DescribeMapped(name);
        return (options.Raw || options.IncludeUnmapped) && IsWanted(name.Text, name.Text) ? DescriptorFactory.AsServed(context, name) : null;
    }

    private SeriesDescriptor? DescribeMapped(SeriesName name)
    {
        CatalogEntry entry = name.Entry!.For(Version.Version);
        if (options.DocumentedOnly && !entry.Definition.Documented) return null;
        return IsWanted(entry.Definition.Name, name.Text) ? DescriptorFactory.Mapped(context, name, entry, Version.Choose(entry)) : null;
    }

    private bool IsWanted(string moduleName, string rawName) => options.NameFilter?.Invoke(moduleName, rawName) ?? true;

    private SeriesRole RoleOf(SeriesName name)
    {
        if (name.Text == "kubevirt_info") return SeriesRole.Version;
        if (name.Text == "kubevirt_vmi_info" && RebuiltEntry() is not null) return SeriesRole.PhaseSource;
        bool unsettled = !options.Raw && name.Entry is { } entry && !Version.IsSettled(entry);
        if (unsettled && (name.Descriptor is not null || name.Entry!.Alternative is not null)) return SeriesRole.Hold;
        return name.Descriptor is null ? SeriesRole.Skip : SeriesRole.Emit;
    }

    private CatalogEntry? RebuiltEntry()
    {
        if (options.Raw || context.Component != ComponentKind.Controller) return null;
        CatalogEntry? entry = MetricCatalog.Default.Find(ComponentKind.Controller, "kubevirt_vmi_phase_count"u8);
        return entry is not null && IsWanted(entry.Definition.Name, entry.SampleName) ? entry : null;
    }
}
