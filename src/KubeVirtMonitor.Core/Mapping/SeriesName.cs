using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Exposition;

namespace KubeVirtMonitor.Mapping;

/// <summary>One sample name of one target: how to read it, and what was seen of it in the current scrape.</summary>
internal sealed class SeriesName(byte[] name) : SeriesRuns
{
    /// <summary>The name as the scrape has it, escaped.</summary>
    public byte[] Bytes { get; } = name;

    /// <summary>The name as text.</summary>
    public string Text { get; } = LabelText.Unescape(name);

    /// <summary>Whether the bytes may be compared with the start of a line; quoted names stand inside the braces.</summary>
    public bool IsBare { get; init; }

    /// <summary>The scrape for which the members below hold.</summary>
    public long Scrape { get; private set; }

    public CatalogEntry? Entry { get; set; }

    public SeriesDescriptor? Descriptor { get; set; }

    public SeriesRole Role { get; set; }

    public MetricFamily? Family { get; set; }

    public MetricType Type { get; set; }

    public long Series { get; set; }

    /// <summary>How many of these had a timestamp.</summary>
    public long Stamped { get; set; }

    /// <summary>What the values of the name have to be, by the type of its family.</summary>
    public SeriesRule Rule { get; private set; }

    /// <summary>Values from here on are handed on without a look at the rule or the role; NaN where none is.</summary>
    public double Unquestioned { get; private set; }

    /// <summary>Starts a scrape.</summary>
    public void Enter(long scrape)
    {
        Scrape = scrape;
        Series = Stamped = 0;
        ClearRuns();
    }

    /// <summary>Sets the rule of the name for the scrape; its role is known.</summary>
    public void SetRule(SeriesRule rule)
    {
        Rule = rule;
        Unquestioned = rule switch
        {
            _ when Role != SeriesRole.Emit => double.NaN,
            SeriesRule.None => double.NegativeInfinity,
            SeriesRule.Counter => 0,
            _ => double.NaN,
        };
    }
}
