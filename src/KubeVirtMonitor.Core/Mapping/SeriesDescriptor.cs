using System.Globalization;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Exposition;

namespace KubeVirtMonitor.Mapping;

/// <summary>All that the samples of one name in one scrape have in common.</summary>
internal sealed class SeriesDescriptor
{
    public required ScrapeContext Context { get; set; }

    public required string Name { get; init; }

    public required string RawName { get; init; }

    public required MetricKind Kind { get; init; }

    /// <summary>What the labels say of a machine.</summary>
    public MachineLabels Machine { get; init; }

    public string? Unit { get; init; }

    public string? Description { get; init; }

    public string? Correction { get; init; }

    public bool IsTimestamp { get; init; }

    public double Divisor { get; init; } = 1;

    /// <summary>The time over which the values are increases or rates; null for values as an endpoint has them.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>What it was made from, with the two below: the same again makes the same descriptor.</summary>
    public CatalogEntry? Entry { get; init; }

    public RawMetric? Reading { get; init; }

    public MetricType Type { get; init; }

    /// <summary>The same for another scrape.</summary>
    public SeriesDescriptor For(ScrapeContext context)
    {
        SeriesDescriptor copy = (SeriesDescriptor)MemberwiseClone();
        copy.Context = context;
        return copy;
    }

    /// <summary>The same, with one more thing that was corrected.</summary>
    public SeriesDescriptor With(string correction) => For(Context, Name, Kind, Unit, Interval, Correction is null ? correction : $"{Correction}; {correction}");

    /// <summary>The same for another scrape, under another name.</summary>
    public SeriesDescriptor For(ScrapeContext context, string name, MetricKind kind) => For(context, name, kind, Unit, Interval, Correction);

    /// <summary>The same for values that are increases of counters.</summary>
    /// <param name="interval">The time over which they increased.</param>
    public SeriesDescriptor Increase(TimeSpan interval) => For(Context, Name, MetricKind.Count, Unit, interval, Correction);

    /// <summary>The same for values that are rates of counters, in the unit per second; of a plain number, <c>1/second</c>.</summary>
    /// <param name="interval">The time over which they are the mean.</param>
    public SeriesDescriptor Rate(TimeSpan interval) => For(Context, Name, MetricKind.Gauge, $"{Unit ?? "1"}/second", interval, Correction);

    private SeriesDescriptor For(ScrapeContext context, string name, MetricKind kind, string? unit, TimeSpan? interval, string? correction) => new()
    {
        Context = context,
        Name = name,
        RawName = RawName,
        Kind = kind,
        Machine = Machine,
        Unit = unit,
        Interval = interval,
        Description = Description,
        Correction = correction,
        IsTimestamp = IsTimestamp,
        Divisor = Divisor,
        Entry = Entry,
        Reading = Reading,
        Type = Type,
    };
}

/// <summary>Makes what the samples of one name have in common, from the catalogue and from the scrape's own words.</summary>
internal static class DescriptorFactory
{
    /// <summary>A name the catalogue knows.</summary>
    /// <param name="context">The scrape.</param>
    /// <param name="name">The name, with its descriptor from the scrape before.</param>
    /// <param name="entry">Its entry.</param>
    /// <param name="reading">The reading that applies; null where the KubeVirt version that decides is not known.</param>
    public static SeriesDescriptor Mapped(ScrapeContext context, SeriesName name, CatalogEntry entry, RawMetric? reading)
    {
        if (name.Descriptor is { } known && known.Entry == entry && known.Reading == reading && known.Type == name.Type) return known.For(context);
        MetricDefinition definition = entry.Definition;
        return new SeriesDescriptor
        {
            Context = context,
            Name = definition.Name,
            RawName = entry.SampleName,
            Kind = definition.Kind,
            Machine = MachineFacts.Of(entry.SampleName),
            Unit = definition.Unit,
            Description = definition.Description,
            IsTimestamp = definition.IsTimestamp,
            Divisor = reading?.Divisor ?? 1,
            Correction = Correction(entry, reading, name.Type),
            Entry = entry,
            Reading = reading,
            Type = name.Type,
        };
    }

    /// <summary>A name under which it was served, with the help and type of the scrape.</summary>
    public static SeriesDescriptor AsServed(ScrapeContext context, SeriesName name) => new()
    {
        Context = context,
        Name = name.Text,
        RawName = name.Text,
        Machine = MachineFacts.Of(name.Text),
        Kind = !IsCreation(name) && IsCumulative(name.Text, name.Type) ? MetricKind.Count : MetricKind.Gauge,
        Description = name.Family?.Help,
        IsTimestamp = IsCreation(name),
        Type = name.Type,
    };

    /// <summary>The number of instances per phase, where it is counted and not read.</summary>
    public static SeriesDescriptor RebuiltPhase(ScrapeContext context, CatalogEntry entry) => new()
    {
        Context = context,
        Name = entry.Definition.Name,
        RawName = "kubevirt_vmi_info",
        Kind = entry.Definition.Kind,
        Unit = entry.Definition.Unit,
        Description = entry.Definition.Description,
        Correction = "rebuilt: the number of series of kubevirt_vmi_info with these tags, since the endpoint has no kubevirt_vmi_phase_count",
    };

    // What OpenMetrics has beside the values of a counter, a histogram or a summary: when the series began.
    private static bool IsCreation(SeriesName name) =>
        name.Type is MetricType.Counter or MetricType.Histogram or MetricType.Summary && name.Text.EndsWith("_created", StringComparison.Ordinal) && name.Family?.Bytes.Length < name.Bytes.Length;

    private static bool IsCumulative(string name, MetricType type) => type switch
    {
        MetricType.Counter => true,
        MetricType.Histogram => true,
        MetricType.Summary => name.EndsWith("_sum", StringComparison.Ordinal) || name.EndsWith("_count", StringComparison.Ordinal),
        _ => false,
    };

    private static string? Correction(CatalogEntry entry, RawMetric? raw, MetricType type)
    {
        if (raw is null)
        {
            RawMetric scaled = entry.Raw.First(other => !other.Divisor.Equals(1d));
            return string.Create(
                CultureInfo.InvariantCulture,
                $"not corrected: KubeVirt before {scaled.Until?.Major}.{scaled.Until?.Minor} reports {scaled.Divisor:0} times the value, and the version is neither specified nor in the scrape");
        }

        if (!raw.Divisor.Equals(1d)) return string.Create(CultureInfo.InvariantCulture, $"divided by {raw.Divisor:0}: {entry.SampleName} is in milliseconds");
        if (entry.Definition.IsTimestamp && type == MetricType.Counter) return "a time, not a count: typed counter by the endpoint";
        return null;
    }
}

/// <summary>All that the samples of one scrape have in common.</summary>
internal sealed class ScrapeContext
{
    public required string Target { get; init; }

    public required DateTimeOffset Timestamp { get; init; }

    public ComponentKind? Component { get; init; }

    /// <summary>The cluster it is of; null = none, or not known.</summary>
    public SampleOrigin? Origin { get; init; }

    /// <summary>The cluster as a saved sample names it; null = that of <see cref="Origin"/>.</summary>
    public string? Cluster { get; init; }

    /// <summary>The node of the pod, where it is known and that of <see cref="Origin"/> is not.</summary>
    public string? Node { get; init; }

    /// <summary>The tags of the context's only sample, where it was made and not read.</summary>
    public TagSet? FixedTags { get; init; }

    /// <summary>The machine of that sample, where it has no labels.</summary>
    public MachineIdentity Machine { get; init; }

    /// <summary>The pod that it is of; null where that is not known.</summary>
    public string? PodName { get; init; }

    public LabelTable? Labels { get; init; }

    public TagRules? Rules { get; init; }

    /// <summary>The same scrape, for a sample with tags of its own.</summary>
    /// <param name="tags">Its tags.</param>
    /// <param name="machine">Its machine, where it has no labels; null = that of the context.</param>
    public ScrapeContext With(TagSet tags, MachineIdentity? machine = null) =>
        new() { Target = Target, Timestamp = Timestamp, Component = Component, Origin = Origin, Cluster = Cluster, Node = Node, PodName = PodName, Labels = Labels, FixedTags = tags, Machine = machine ?? Machine };

    /// <summary>The machine of a sample.</summary>
    /// <param name="block">Its labels; -1 = none.</param>
    /// <param name="labels">What they say.</param>
    public MachineIdentity ReadMachine(int block, MachineLabels labels) =>
        block < 0 && FixedTags is not null ? Machine : MachineIdentity.Read(block < 0 ? default : Labels!.Blocks.Get(block), labels, Origin?.Node ?? Node);

    public TagSet GetTags(int labels) => FixedTags ?? (labels < 0 ? Rules!.TargetTags : Labels!.GetTags(labels, Rules!));
}
