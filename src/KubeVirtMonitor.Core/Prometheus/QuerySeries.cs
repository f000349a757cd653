namespace KubeVirtMonitor.Prometheus;

/// <summary>One series of an answer: its labels and its points. Used again for the next series, so nothing of it may be kept but the labels' texts.</summary>
internal sealed class QuerySeries
{
    /// <summary>The labels in the order of the answer, <c>__name__</c> among them where the expression kept it.</summary>
    public List<KeyValuePair<string, string>> Labels { get; } = [];

    /// <summary>The points, the oldest first. A scalar and a vector have one.</summary>
    public ReadOnlyMemory<QueryPoint> Points { get; set; }

    /// <summary>The text that an expression of type <c>string</c> gives, whose point has NaN; else null.</summary>
    public string? Text { get; set; }

    /// <summary>The value of a label; null where the series has none of the name.</summary>
    public string? this[string label]
    {
        get
        {
            foreach ((string name, string value) in Labels)
            {
                if (name == label) return value;
            }

            return null;
        }
    }
}

/// <summary>How a query went, beside its series.</summary>
internal sealed record QueryOutcome
{
    /// <summary><c>vector</c>, <c>matrix</c>, <c>scalar</c> or <c>string</c>.</summary>
    public required string ResultType { get; init; }

    /// <summary>Series in the answer.</summary>
    public long Series { get; init; }

    /// <summary>Points in the answer.</summary>
    public long Points { get; init; }

    /// <summary>Points that are native histograms, and are left out.</summary>
    public long Histograms { get; init; }

    /// <summary>Whether the server says that parts are missing.</summary>
    public bool IsPartial { get; init; }

    /// <summary>What the server warns of, safe to be shown.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>What the server remarks, safe to be shown.</summary>
    public IReadOnlyList<string> Infos { get; init; } = [];
}
