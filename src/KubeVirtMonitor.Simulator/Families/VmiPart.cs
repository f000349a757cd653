namespace KubeVirtMonitor.Simulator;

/// <summary>A part of an instance that has a series of its own: a drive, an interface, a virtual CPU, a file system.</summary>
/// <param name="Vmi">The instance.</param>
/// <param name="Index">The number of the part, from 0.</param>
/// <param name="Run">Its process, where that is more than the documented functions of whole seconds.</param>
internal readonly record struct VmiPart(SimulatedVmi Vmi, int Index, MachineRun? Run = null)
{
    /// <summary>The weight of the instance.</summary>
    public long W => Vmi.Weight;

    /// <summary>Drives: the root disk (1) works ten times as much as the cloud-init disk (0) and those that were plugged in.</summary>
    public long D => Vmi.Weight * (Index == 1 ? 10L : 1L);

    /// <summary>The name of the drive.</summary>
    public string Drive => Vmi.Drives[Index];

    /// <summary>Whether its counters began with zero in the course of the simulation.</summary>
    public bool BeganAnew => Run!.Anew || Plugged > Run.Began;

    /// <summary>When its counters began, in ticks since the start of the cluster.</summary>
    public long Began => Math.Max(Run!.Began, Plugged);

    private long Plugged { get; init; }

    /// <summary>The same part as a drive, which may have been plugged in.</summary>
    public VmiPart AsDrive() => Index >= 2 ? this with { Plugged = Vmi.PluggedDisks[Index - 2].Plugged } : this;

    /// <summary>The times until a moment in which one load held.</summary>
    public IEnumerable<(long From, long To, MachineLoad Load)> Spans(long ticks)
    {
        IReadOnlyList<(long From, MachineLoad Load)> loads = Run!.Loads;
        for (int i = 0; i < loads.Count; i++)
        {
            long from = Math.Max(loads[i].From, Began);
            long to = Math.Min(i + 1 < loads.Count ? loads[i + 1].From : ticks, ticks);
            if (to > from) yield return (from, to, loads[i].Load);
        }
    }
}
