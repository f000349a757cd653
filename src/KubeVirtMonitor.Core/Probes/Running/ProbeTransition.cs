namespace KubeVirtMonitor;

/// <summary>A change of state that a result brought about.</summary>
public enum ProbeTransition
{
    /// <summary>The instance became ready.</summary>
    Ready,

    /// <summary>The instance was ready and no longer is.</summary>
    NotReady,

    /// <summary>Kubelet would kill the container. The instance ends; a VM that is to run gets a new one.</summary>
    WouldRestart,
}
