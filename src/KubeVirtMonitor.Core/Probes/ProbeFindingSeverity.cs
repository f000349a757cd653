namespace KubeVirtMonitor;

/// <summary>How much a finding matters.</summary>
public enum ProbeFindingSeverity
{
    /// <summary>It works, and not as it seems to.</summary>
    Warning,

    /// <summary>The cluster refuses it, the machine never starts with it, or the probe can never succeed.</summary>
    Error,
}
