namespace KubeVirtMonitor.Simulator;

/// <summary>A part of an instance that has a series of its own: a drive, an interface, a virtual CPU, a file system.</summary>
/// <param name="Vmi">The instance.</param>
/// <param name="Index">The number of the part, from 0.</param>
internal readonly record struct VmiPart(SimulatedVmi Vmi, int Index)
{
    /// <summary>The weight of the instance.</summary>
    public long W => Vmi.Weight;

    /// <summary>Drives: the root disk (1) works ten times as much as the cloud-init disk (0).</summary>
    public long D => Vmi.Weight * (Index == 1 ? 10L : 1L);
}
