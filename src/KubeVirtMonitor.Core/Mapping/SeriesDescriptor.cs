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

    public string? Unit { get; init; }

    public string? Description { get; init; }

    public string? Correction { get; init; }

    public bool IsTimestamp { get; init; }

    public double Divisor { get; init; } = 1;

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
    public SeriesDescriptor With(string correction) => For(Context, Name, Kind, Correction is null ? correction : $"{Correction}; {correction}");

    /// <summary>The same for another scrape, under another name.</summary>
    public SeriesDescriptor For(ScrapeContext context, string name, MetricKind kind) => For(context, name, kind, Correction);

    private SeriesDescriptor For(ScrapeContext context, string name, MetricKind kind, string? correction) => new()
    {
        Context = context,
        Name = name,
        RawName = RawName,
        Kind = kind,
        Unit = Unit,
        Description = Description,
        Correction = correction,
        IsTimestamp = IsTimestamp,
        Divisor = Divisor,
        Entry = Entry,
        Reading = Reading,
        Type = Type,
    };
}
