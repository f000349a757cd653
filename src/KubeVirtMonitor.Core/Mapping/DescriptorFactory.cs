using System.Globalization;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Exposition;

namespace KubeVirtMonitor.Mapping;

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
        Kind = IsCumulative(name.Text, name.Type) ? MetricKind.Count : MetricKind.Gauge,
        Description = name.Family?.Help,
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
                $"not corrected: KubeVirt before {scaled.Until?.Major}.{scaled.Until?.Minor} reports {scaled.Divisor:0} times the value, and the version is neither given nor in the scrape");
        }

        if (!raw.Divisor.Equals(1d)) return string.Create(CultureInfo.InvariantCulture, $"divided by {raw.Divisor:0}: {entry.SampleName} is in milliseconds");
        if (entry.Definition.IsTimestamp && type == MetricType.Counter) return "a time, not a count: typed counter by the endpoint";
        return null;
    }
}
