using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Exposition;

namespace KubeVirtMonitor.Mapping;

/// <summary>Determines the meaning of each name in a scrape and whether it is wanted, once per name.</summary>
internal sealed class NameResolver(TargetMemory memory, MappingOptions options, ScrapeContext context, FormatRules rules)
{
    private readonly List<SeriesName> _seen = new(memory.NameCount);
    private MetricFamily? _family;

    public VersionTracker Version { get; } = new(options.Version, options.IsVersionCertain);

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
            MachineIdentity place = new(null, null, tags.GetValueOrDefault("node"));
            yield return new MetricSample(DescriptorFactory.RebuiltPhase(context.With(tags, place), entry), -1, count, 0);
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
        return (options.Raw || options.IncludeUnmapped) && IsWanted(name.Text, name.Text) && MayBeOfMachine(name.Text) ? DescriptorFactory.AsServed(context, name) : null;
    }

    private SeriesDescriptor? DescribeMapped(SeriesName name)
    {
        CatalogEntry entry = name.Entry!.For(Version.Version);
        if (options.Documented && !entry.Definition.Documented) return null;
        return IsWanted(entry.Definition.Name, name.Text) && MayBeOfMachine(name.Text) ? DescriptorFactory.Mapped(context, name, entry, Version.Choose(entry)) : null;
    }

    private bool IsWanted(string moduleName, string rawName) => options.NameFilter?.Invoke(moduleName, rawName) ?? true;

    // What names no machine is of one place for the whole scrape, so that its lines need not be looked at.
    private bool MayBeOfMachine(string rawName) =>
        options.MachineFilter is not { } filter || MachineFacts.Of(rawName) != MachineLabels.None || filter(new MachineIdentity(null, null, context.Origin?.Node ?? context.Node));

    private SeriesRole RoleOf(SeriesName name)
    {
        if (name.Text == "kubevirt_info") return SeriesRole.Version;
        if (name.Text == "kubevirt_vmi_info" && RebuiltEntry() is not null) return SeriesRole.PhaseSource;
        if (name.Text == "process_start_time_seconds") return SeriesRole.ProcessStart;
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

/// <summary>A family of one target: what the HELP and TYPE lines of the current scrape say of it.</summary>
internal sealed class MetricFamily(byte[] name)
{
    private byte[] _help = [];
    private string? _helpText;

    /// <summary>The name as the scrape has it, escaped.</summary>
    public byte[] Bytes { get; } = name;

    /// <summary>The name as text.</summary>
    public string Name { get; } = LabelText.Unescape(name);

    /// <summary>The type; untyped without a TYPE line.</summary>
    public MetricType Type { get; private set; }

    /// <summary>The help as text; null without a HELP line.</summary>
    public string? Help => _help.Length == 0 ? null : _helpText ??= LabelText.Unescape(_help);

    /// <summary>The scrape for which type and help hold.</summary>
    public long Scrape { get; private set; }

    /// <summary>Whether lines of other families came after samples of this one.</summary>
    public bool IsLeft { get; set; }

    /// <summary>Whether there are samples of it.</summary>
    public bool HasSamples { get; set; }

    /// <summary>Whether some of its samples are not looked at, so that nothing is known of it as a whole.</summary>
    public bool IsSkipped { get; set; }

    /// <summary>What has been reported of it once, and is not again.</summary>
    public bool IsReported { get; set; }

    private bool IsTyped { get; set; }

    private bool HasHelp { get; set; }

    private bool HasUnit { get; set; }

    /// <summary>Forgets what an earlier scrape said, except for the help, which seldom changes.</summary>
    /// <returns>Whether the family is new in the scrape.</returns>
    public bool Enter(long scrape)
    {
        if (Scrape == scrape) return false;
        Scrape = scrape;
        Type = MetricType.Untyped;
        IsTyped = HasHelp = HasUnit = IsLeft = HasSamples = IsSkipped = IsReported = false;
        return true;
    }

    /// <summary>Takes the text of a HELP line.</summary>
    /// <returns>False when the scrape has said one already, which stays.</returns>
    public bool SetHelp(ReadOnlySpan<byte> text)
    {
        if (HasHelp) return false;
        HasHelp = true;
        if (text.SequenceEqual(_help)) return true;
        _help = text.ToArray();
        _helpText = null;
        return true;
    }

    /// <summary>Takes a UNIT line.</summary>
    /// <returns>False when the scrape has said one already.</returns>
    public bool SetUnit() => !HasUnit && (HasUnit = true);

    /// <summary>Takes the type of a TYPE line.</summary>
    /// <returns>False when the scrape has said one already, which stays.</returns>
    public bool SetType(MetricType type)
    {
        if (IsTyped) return false;
        Type = type;
        return IsTyped = true;
    }

    /// <summary>Whether samples of a name belong to the family.</summary>
    public bool Holds(ReadOnlySpan<byte> sample) =>
        sample.StartsWith(Bytes) && (sample.Length == Bytes.Length || IsSuffix(sample[Bytes.Length..]));

    private bool IsSuffix(ReadOnlySpan<byte> suffix)
    {
        bool created = suffix.SequenceEqual("_created"u8);
        bool sum = suffix.SequenceEqual("_sum"u8) || suffix.SequenceEqual("_count"u8);
        return Type switch
        {
            MetricType.Histogram => created || sum || suffix.SequenceEqual("_bucket"u8),
            MetricType.Summary => created || sum,
            MetricType.Counter => created || suffix.SequenceEqual("_total"u8),
            MetricType.GaugeHistogram => suffix.SequenceEqual("_bucket"u8) || suffix.SequenceEqual("_gsum"u8) || suffix.SequenceEqual("_gcount"u8),
            MetricType.Info => suffix.SequenceEqual("_info"u8),
            _ => false,
        };
    }
}

/// <summary>Takes the name of a sample apart, as the Datadog Agent does.</summary>
internal static class SampleFamily
{
    /// <summary>The family, of a counter without <c>_total</c>, and what the Agent appends to the metric's name for the sample: <c>.count</c>, <c>.bucket</c> and their like, or nothing.</summary>
    /// <param name="rawName">The name on the endpoint.</param>
    /// <param name="type">The type of the family.</param>
    public static (string Family, string Suffix) Of(string rawName, MetricType type) => type switch
    {
        MetricType.Counter => (Cut(rawName, "_total") ?? rawName, ".count"),
        MetricType.Histogram when Cut(rawName, "_bucket") is { } family => (family, ".bucket"),
        MetricType.Histogram or MetricType.Summary when Cut(rawName, "_sum") is { } family => (family, ".sum"),
        MetricType.Histogram or MetricType.Summary when Cut(rawName, "_count") is { } family => (family, ".count"),
        MetricType.Summary => (rawName, ".quantile"),
        _ => (rawName, ""),
    };

    private static string? Cut(string name, string end) => name.EndsWith(end, StringComparison.Ordinal) ? name[..^end.Length] : null;
}
