namespace KubeVirtMonitor.Mapping;

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
