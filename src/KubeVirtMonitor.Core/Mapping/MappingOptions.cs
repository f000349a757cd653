namespace KubeVirtMonitor.Mapping;

/// <summary>What a reader should keep and how it should name it.</summary>
internal sealed record MappingOptions
{
    /// <summary>Keeps what it is true for, asked once per name with the module's name and the raw name; null keeps all.</summary>
    public Func<string, string, bool>? NameFilter { get; init; }

    /// <summary>Keeps what it is true for, asked once per distinct label set; null keeps all.</summary>
    public Func<TagSet, bool>? TagFilter { get; init; }

    /// <summary>Keeps what it is true for, asked once per distinct label set of families that name machines, and once per name of the others; null keeps all.</summary>
    public Func<MachineIdentity, bool>? MachineFilter { get; init; }

    /// <summary>Also keeps what the catalogue does not know, under its raw name.</summary>
    public bool IncludeUnmapped { get; init; }

    /// <summary>Keeps only the metrics that the three Agent checks document.</summary>
    public bool Documented { get; init; }

    /// <summary>Everything as the endpoint has it: raw names, raw labels, raw values.</summary>
    public bool Raw { get; init; }

    /// <summary>The KubeVirt version, where the user knows it; the scrape's own word goes before it.</summary>
    public KubeVirtVersion? Version { get; init; }

    /// <summary>Whether <see cref="Version"/> is known for certain, so that nothing waits for what the scrape says itself.</summary>
    public bool IsVersionCertain { get; init; }

    /// <summary>Longest line in bytes; a longer one is a defect and is skipped.</summary>
    public int MaxLineLength { get; init; } = 1 << 20;

    /// <summary>Most labels on a series; a series with more is a defect and is skipped.</summary>
    public int MaxLabels { get; init; } = 256;

    /// <summary>Most names of samples, and most families, in one scrape; one more ends it with <see cref="ScrapeLimitException"/>. A component serves a few hundred.</summary>
    public int MaxNames { get; init; } = 100_000;

    /// <summary>Takes a last line without line end for a whole one, also where nothing proves that the body is whole.</summary>
    public bool AllowMissingFinalNewline { get; init; }

    /// <summary>Most series in one scrape; one more ends it with <see cref="ScrapeLimitException"/>.</summary>
    public long MaxSeries { get; init; } = 10_000_000;
}
