namespace KubeVirtMonitor;

/// <summary>What became of a KubeVirt resource.</summary>
public enum AgentPatchAction
{
    /// <summary>It was as it should be.</summary>
    Unchanged,

    /// <summary>The patches were put in.</summary>
    Installed,

    /// <summary>The patches were taken out.</summary>
    Removed,

    /// <summary>Nothing: a HyperConverged resource writes it, and would undo the change. <see cref="AgentPatchChange.Document"/> is what to apply instead.</summary>
    Managed,
}
