namespace KubeVirtMonitor;

/// <summary>What kubelet holds of a container by the probe it has run so far.</summary>
public enum ProbeState
{
    /// <summary>Readiness: no traffic. A readiness probe starts here.</summary>
    NotReady,

    /// <summary>Readiness: traffic.</summary>
    Ready,

    /// <summary>Liveness: all is well. A liveness probe starts here.</summary>
    Live,

    /// <summary>Liveness: the container would be killed, and with it the instance.</summary>
    WouldRestart,
}
