namespace KubeVirtMonitor.Simulator;

/// <summary>Which label sets the families of a machine instance have.</summary>
internal enum VmiShape
{
    /// <summary>One series per instance.</summary>
    Instance,

    /// <summary>One per drive.</summary>
    Drive,

    /// <summary>One per interface.</summary>
    Interface,

    /// <summary>One per interface and direction.</summary>
    Direction,

    /// <summary>One per virtual CPU.</summary>
    Vcpu,

    /// <summary>One per virtual CPU, with the state that it is in.</summary>
    VcpuState,

    /// <summary>One per file system.</summary>
    FileSystem,

    /// <summary>One per instance, with a label for each pair of virtual and physical CPU (KubeVirt 1.0).</summary>
    Affinity,
}
