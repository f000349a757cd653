namespace KubeVirtMonitor.Mapping;

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
