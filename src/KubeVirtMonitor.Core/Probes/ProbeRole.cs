namespace KubeVirtMonitor;

/// <summary>What a probe decides.</summary>
public enum ProbeRole
{
    /// <summary><c>readinessProbe</c>: whether the machine receives traffic.</summary>
    Readiness,

    /// <summary><c>livenessProbe</c>: whether the machine is ended.</summary>
    Liveness,
}
