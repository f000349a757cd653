using System.Text.RegularExpressions;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Which labels of a series become tags, and under which names.</summary>
internal sealed record LabelRules
{
    /// <summary>Labels that exclude their series: always where the pattern is null, else where it is found in the value.</summary>
    public IReadOnlyDictionary<string, Regex?> ExcludeSeries { get; init; } = new Dictionary<string, Regex?>();

    public IReadOnlySet<string> Excluded { get; init; } = new HashSet<string>();

    public IReadOnlySet<string> Included { get; init; } = new HashSet<string>();

    public IReadOnlyDictionary<string, string> Renames { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<SharedLabelRule> Shared { get; init; } = [];

    public string? HostnameLabel { get; init; }

    public string? HostnameFormat { get; init; }

    public bool WithEndpoint { get; init; } = true;

    public bool ChangeNothing =>
        ExcludeSeries.Count == 0 && Excluded.Count == 0 && Included.Count == 0 && Renames.Count == 0 && Shared.Count == 0 && HostnameLabel is null && WithEndpoint;

    public bool ExcludesSeries(string label, string value) => ExcludeSeries.TryGetValue(label, out Regex? pattern) && pattern?.IsMatch(value) != false;

    public bool IsTag(string label) =>
        !Excluded.Contains(label) && (Included.Count == 0 || Included.Contains(label) || label is "upper_bound" or "lower_bound" or "quantile");
}

/// <summary>Labels that one family shares with all series of a scrape.</summary>
/// <param name="Family">The family.</param>
/// <param name="Labels">The labels to share; empty = all.</param>
/// <param name="Match">Labels on which a series has to agree to get them; empty = every series gets them.</param>
/// <param name="Values">Only series with one of these values share; empty = all do.</param>
internal sealed record SharedLabelRule(string Family, IReadOnlyList<string> Labels, IReadOnlyList<string> Match, IReadOnlyList<double> Values);
