namespace KubeVirtMonitor.Mapping;

/// <summary>All that the samples of one scrape have in common.</summary>
internal sealed class ScrapeContext
{
    public required string Target { get; init; }

    public required DateTimeOffset Timestamp { get; init; }

    public ComponentKind? Component { get; init; }

    public double? IntervalSeconds { get; init; }

    /// <summary>The tags of the context's only sample, where it was made and not read.</summary>
    public TagSet? FixedTags { get; init; }

    public LabelTable? Labels { get; init; }

    public TagRules? Rules { get; init; }

    /// <summary>The same scrape, for a sample with tags of its own.</summary>
    public ScrapeContext With(TagSet tags) =>
        new() { Target = Target, Timestamp = Timestamp, Component = Component, IntervalSeconds = IntervalSeconds, FixedTags = tags };

    public TagSet GetTags(int labels) => FixedTags ?? (labels < 0 ? Rules!.TargetTags : Labels!.GetTags(labels, Rules!));
}
