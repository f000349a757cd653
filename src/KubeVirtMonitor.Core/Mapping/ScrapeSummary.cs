using KubeVirtMonitor.Exposition;

namespace KubeVirtMonitor.Mapping;

/// <summary>What one reading of one scrape amounted to.</summary>
public sealed record ScrapeSummary
{
    /// <summary>The address or the file.</summary>
    public required string Target { get; init; }

    /// <summary>Bytes of exposition text, uncompressed.</summary>
    public long Bytes { get; init; }

    /// <summary>Sample lines, wanted or not.</summary>
    public long Series { get; init; }

    /// <summary>Samples handed on.</summary>
    public long Samples { get; init; }

    /// <summary>Defects found in what was read.</summary>
    public long Defects { get; init; }

    /// <summary>The format it was read as.</summary>
    public ExpositionFormat Format { get; init; }

    /// <summary>The component, given or recognised; null where neither.</summary>
    public ComponentKind? Component { get; init; }

    /// <summary>The KubeVirt version, where it is known.</summary>
    public KubeVirtVersion? Version { get; init; }

    /// <summary>How the version is known.</summary>
    public VersionSource VersionSource { get; init; }

    /// <summary>Every sample name that occurred, in order of appearance.</summary>
    public IReadOnlyList<FamilyObservation> Families { get; init; } = [];
}
