namespace KubeVirtMonitor.AgentConfig;

/// <summary>Labels that one family shares with all series of a scrape.</summary>
/// <param name="Family">The family.</param>
/// <param name="Labels">The labels to share; empty = all.</param>
/// <param name="Match">Labels on which a series has to agree to get them; empty = every series gets them.</param>
/// <param name="Values">Only series with one of these values share; empty = all do.</param>
internal sealed record SharedLabelRule(string Family, IReadOnlyList<string> Labels, IReadOnlyList<string> Match, IReadOnlyList<double> Values);
