namespace KubeVirtMonitor;

/// <summary>What figures of usage are about.</summary>
public enum UsageTopic
{
    /// <summary>CPU: used, ready, load.</summary>
    Cpu,

    /// <summary>Memory: used, caches, balloon, swap.</summary>
    Memory,

    /// <summary>Disks: operations, throughput, latency, file systems.</summary>
    Disk,

    /// <summary>Network: throughput, packets, errors and drops.</summary>
    Network,

    /// <summary>Migrations: progress, what is left, pace.</summary>
    Migration,
}
