namespace KubeVirtMonitor.Simulator;

/// <summary>
/// One QEMU process over time: when it began, what it is known to do since when, and how fresh what is told of it is. Its counters begin with it. A machine that is restarted or
/// migrated has another one. Times are ticks since the start of the cluster.
/// </summary>
/// <param name="began">When it began.</param>
/// <param name="anew">Whether it began in the course of the simulation, with counters of zero.</param>
/// <param name="caches">What KubeVirt keeps of it; null = nothing.</param>
/// <param name="ordinal">The number of the machine, which gives its caches a phase of their own.</param>
internal sealed class MachineRun(long began, bool anew, StatisticsCaches? caches, int ordinal)
{
    private readonly Lock _lock = new();
    private readonly List<(long From, MachineLoad Load)> _loads = [(0, MachineLoad.None)];
    private long? _domainAsked;
    private long? _dirtyMeasured;

    /// <summary>When it began.</summary>
    public long Began => began;

    /// <summary>Whether its counters began with zero.</summary>
    public bool Anew => anew;

    /// <summary>Its loads, each with the time from which it holds.</summary>
    public IReadOnlyList<(long From, MachineLoad Load)> Loads
    {
        get
        {
            lock (_lock) return [.. _loads];
        }
    }

    /// <summary>The load that holds at a moment.</summary>
    public MachineLoad LoadAt(long ticks)
    {
        lock (_lock) return _loads.FindLast(load => load.From <= ticks).Load ?? MachineLoad.None;
    }

    /// <summary>Sets the load from a moment on.</summary>
    public void SetLoad(long from, MachineLoad load)
    {
        lock (_lock)
        {
            _loads.RemoveAll(each => each.From >= from);
            _loads.Add((from, load));
        }
    }

    /// <summary>
    /// The moments that a look shows. What comes from inside the guest is brought in steps of its own, whoever looks, and its load is read together with what libvirt tells.
    /// </summary>
    public MachineMoments Look(long now)
    {
        if (caches is null) return new MachineMoments(now, now, now, now, now);
        lock (_lock)
        {
            long domain = DomainAt(now, caches);
            if (_dirtyMeasured is not { } dirty || now - dirty > (StatisticsCaches.Measuring + caches.DirtyRate).Ticks) _dirtyMeasured = dirty = now;
            return new MachineMoments(domain, Step(domain, caches.Balloon), Step(domain, caches.Guest), Step(now, caches.FileSystems), dirty);
        }
    }

    /// <summary>
    /// When libvirt gave what a look shows. virt-launcher asks it again when somebody wants its statistics and the last answer is older than the cache keeps them. It also wants
    /// them itself, in a loop of the same period; but the age of an answer is counted from its end, so that each second turn of the loop finds one that is some milliseconds too young:
    /// while nobody looks, an answer serves for two periods.
    /// </summary>
    private long DomainAt(long now, StatisticsCaches caches)
    {
        long period = caches.Domain.Ticks;
        if (period <= 0) return now;
        long kept = StatisticsCaches.Asking.Ticks + period;
        long first = began + Phase(2 * period);
        long turn = _domainAsked + kept is { } stale && stale >= first ? first + (((stale - first) / period) + 1) * period : first;
        if (turn <= now) _domainAsked = turn + ((now - turn) / (2 * period) * 2 * period);
        if (_domainAsked is not { } asked || now - asked > kept) _domainAsked = asked = now;
        return asked;
    }

    /// <summary>How much later than those of other machines something of this one comes that has a period.</summary>
    private long Phase(long period) => ordinal * StatisticsCaches.PhaseStep.Ticks % period;

    private long Step(long now, TimeSpan period)
    {
        if (period <= TimeSpan.Zero) return now;
        long phase = Phase(period.Ticks);
        long steps = Math.DivRem(now - phase, period.Ticks, out long rest);
        if (rest < 0) steps--;
        return Math.Max(began, phase + (steps * period.Ticks));
    }
}

/// <summary>The moments of which a look shows the values.</summary>
/// <param name="Domain">What libvirt tells: CPU, disks, interfaces, resident memory.</param>
/// <param name="Balloon">What the balloon driver of the guest tells: memory in the guest, swap, faults.</param>
/// <param name="Guest">The load of the guest.</param>
/// <param name="FileSystems">Its file systems.</param>
/// <param name="DirtyRate">The rate at which its memory changes.</param>
internal readonly record struct MachineMoments(long Domain, long Balloon, long Guest, long FileSystems, long DirtyRate);

/// <summary>
/// How long KubeVirt keeps statistics. Sources: TimeDefinedCache with KeepValueUpdated in virt-launcher's manager (5 s in 1.3 and 1.4, 3.25 s since, nothing before), the dirty rate
/// beside it; DefaultMemBalloonStatsPeriod; the intervals of the poller of the guest agent among the options of virt-launcher.
/// </summary>
public sealed record StatisticsCaches
{
    /// <summary>The caches of machine number n begin n times this later.</summary>
    public static readonly TimeSpan PhaseStep = TimeSpan.FromMilliseconds(250);

    /// <summary>How long libvirt takes for an answer; its age is counted from then on, though its values are those of the beginning.</summary>
    public static readonly TimeSpan Asking = TimeSpan.FromMilliseconds(10);

    /// <summary>How long the dirty rate is measured.</summary>
    public static readonly TimeSpan Measuring = TimeSpan.FromSeconds(1);

    /// <summary>What libvirt tells; asked again when somebody looks and it is older than this, and every second time in a loop of this period.</summary>
    public TimeSpan Domain { get; init; } = TimeSpan.FromSeconds(3.25);

    /// <summary>The dirty rate; measured again when somebody looks and it is older than this.</summary>
    public TimeSpan DirtyRate { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The period of the balloon driver.</summary>
    public TimeSpan Balloon { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The period in which the guest is asked for its load.</summary>
    public TimeSpan Guest { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>The period in which it is asked for its file systems.</summary>
    public TimeSpan FileSystems { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>The caches of a release.</summary>
    public static StatisticsCaches Of(SimulatedRelease release)
    {
        ArgumentNullException.ThrowIfNull(release);
        return release.IsV1Dot9 ? new StatisticsCaches() : new StatisticsCaches { Domain = TimeSpan.Zero };
    }
}
