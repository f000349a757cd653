namespace KubeVirtMonitor.Simulator;

/// <summary>The numbers of a live migration that are known: so much remains after a time, and it ends when nothing remains.</summary>
/// <param name="Total">Bytes to be moved in all.</param>
/// <param name="Rate">Bytes that are moved each second.</param>
/// <param name="Dirty">Bytes that the guest changes each second, and that have to be moved again. As many as are moved, or more: the migration never ends.</param>
public sealed record KnownTransfer(decimal Total, decimal Rate, decimal Dirty)
{
    /// <summary>How long it takes, or null when it never ends.</summary>
    public TimeSpan? Duration => Rate > Dirty ? TimeSpan.FromTicks((long)Math.Ceiling(Total * TimeSpan.TicksPerSecond / (Rate - Dirty))) : null;

    /// <summary>Bytes that were moved after a time: rate × time.</summary>
    public long Processed(TimeSpan after) => (long)Math.Floor(Rate * after.Ticks / TimeSpan.TicksPerSecond);

    /// <summary>Bytes that remain after a time: total − (rate − dirty) × time, and never more than the total or less than nothing.</summary>
    public long Remaining(TimeSpan after) => (long)Math.Floor(Math.Clamp(Total - ((Rate - Dirty) * after.Ticks / TimeSpan.TicksPerSecond), 0, Total));
}
