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

/// <summary>What a reader does with the lines of a name.</summary>
internal enum SeriesRole
{
    /// <summary>Counts them and passes over.</summary>
    Skip,

    /// <summary>Hands a sample on for each.</summary>
    Emit,

    /// <summary>Keeps them back until the KubeVirt version is known, since it decides what the values mean.</summary>
    Hold,

    /// <summary>Reads the KubeVirt version from their labels.</summary>
    Version,

    /// <summary>Counts instances per phase with them, and hands them on where they are wanted.</summary>
    PhaseSource,
}

/// <summary>What the values of a name have to be, by the type of its family.</summary>
internal enum SeriesRule
{
    /// <summary>Anything.</summary>
    None,

    /// <summary>At least 0: it counts.</summary>
    Counter,

    /// <summary>1: it says what its labels say.</summary>
    Info,

    /// <summary>0 or 1, with the state in a label of the family's name.</summary>
    State,

    /// <summary>A value at a quantile, which is a label.</summary>
    Quantile,

    /// <summary>The sum of a summary: in OpenMetrics at least 0.</summary>
    Sum,

    /// <summary>A bucket of a histogram, with its bound in the label <c>le</c>.</summary>
    Bucket,

    /// <summary>The count of a histogram.</summary>
    HistogramCount,

    /// <summary>The sum of a histogram.</summary>
    HistogramSum,
}
