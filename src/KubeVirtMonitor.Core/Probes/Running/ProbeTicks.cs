namespace KubeVirtMonitor.Probes.Running;

/// <summary>
/// When kubelet probes. Its worker looks once per period, from the start of the container here (its own ticks may lie up to a period later), and probes when
/// the initial delay is over in whole seconds. A probe that outlasts a tick is followed by the next at once; further ticks that it outlasts are lost, as with
/// any ticker of Go.
/// </summary>
internal sealed class ProbeTicks(TimeSpan initialDelay, TimeSpan period)
{
    private TimeSpan _tick = First(initialDelay, period);

    /// <summary>The offset of the next probe from the start of the container.</summary>
    public TimeSpan Next { get; private set; } = First(initialDelay, period);

    /// <summary>A probe has been run.</summary>
    /// <param name="ended">When it ended, as an offset from the start of the container.</param>
    public void Done(TimeSpan ended)
    {
        TimeSpan next = _tick + period;
        if (next >= ended)
        {
            (_tick, Next) = (next, next);
            return;
        }

        // One tick waits in the channel, the others found it full.
        Next = ended;
        _tick = TimeSpan.FromTicks(ended.Ticks / period.Ticks * period.Ticks);
    }

    private static TimeSpan First(TimeSpan delay, TimeSpan period) =>
        delay <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromTicks((delay.Ticks + period.Ticks - 1) / period.Ticks * period.Ticks);
}
