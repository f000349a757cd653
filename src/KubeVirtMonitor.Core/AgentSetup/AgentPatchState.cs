namespace KubeVirtMonitor;

/// <summary>How a point of a test came out.</summary>
public enum AgentPatchState
{
    /// <summary>As it should be.</summary>
    Passed,

    /// <summary>It works, and is not as it should be.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Failed,

    /// <summary>It could not be looked at.</summary>
    Skipped,
}
