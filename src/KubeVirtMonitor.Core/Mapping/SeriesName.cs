using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Exposition;

namespace KubeVirtMonitor.Mapping;

/// <summary>One sample name of one target: how to read it, and what was seen of it in the current scrape.</summary>
internal sealed class SeriesName(byte[] name)
{
    /// <summary>The name as the scrape has it, escaped.</summary>
    public byte[] Bytes { get; } = name;

    /// <summary>The name as text.</summary>
    public string Text { get; } = LabelText.Unescape(name);

    /// <summary>Whether the bytes may be compared with the start of a line; quoted names stand inside the braces.</summary>
    public bool IsBare { get; init; }

    /// <summary>The scrape for which the members below hold.</summary>
    public long Scrape { get; set; }

    public CatalogEntry? Entry { get; set; }

    public SeriesDescriptor? Descriptor { get; set; }

    public SeriesRole Role { get; set; }

    public MetricFamily? Family { get; set; }

    public MetricType Type { get; set; }

    public long Series { get; set; }
}
