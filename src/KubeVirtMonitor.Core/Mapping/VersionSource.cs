namespace KubeVirtMonitor.Mapping;

/// <summary>How the KubeVirt version of a scrape is known.</summary>
public enum VersionSource
{
    /// <summary>Not known at all.</summary>
    None,

    /// <summary>The scrape says so (<c>kubevirt_info</c>).</summary>
    Scrape,

    /// <summary>The user says so.</summary>
    User,

    /// <summary>Inferred from which names are present: the lowest version that has them all.</summary>
    Inferred,
}
