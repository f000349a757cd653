namespace KubeVirtMonitor.Probes.Running;

/// <summary>
/// The thresholds of one probe of one container, as <c>worker.doProbe</c> of kubelet's prober counts them: equal results in a row are counted, and the
/// state changes when their number reaches the threshold of their kind. A readiness probe starts as a failure, a liveness probe as a success.
/// </summary>
/// <param name="role">What the probe decides; null counts as readiness.</param>
/// <param name="successThreshold">Successes in a row it takes, at least 1.</param>
/// <param name="failureThreshold">Failures in a row it takes, at least 1.</param>
internal sealed class ThresholdState(ProbeRole? role, int successThreshold, int failureThreshold)
{
    private bool? _last;
    private int _run;

    /// <summary>The state at present.</summary>
    public ProbeState State { get; private set; } = Initial(role);

    /// <summary>Whether kubelet asks no more until there is a new container.</summary>
    public bool IsOnHold => State == ProbeState.WouldRestart;

    /// <summary>Takes a result.</summary>
    /// <exception cref="InvalidOperationException">It is on hold.</exception>
    public ProbeStep Take(ProbeOutcome outcome)
    {
        if (IsOnHold) throw new InvalidOperationException("After a liveness failure nothing is probed until there is a new container.");
        if (outcome == ProbeOutcome.Discarded) return new ProbeStep(State, null, 0, 0);
        bool isSuccess = outcome is ProbeOutcome.Success or ProbeOutcome.Suppressed;
        _run = _last == isSuccess ? _run + 1 : 1;
        _last = isSuccess;
        (int run, int threshold) = (_run, isSuccess ? successThreshold : failureThreshold);
        if (run < threshold) return new ProbeStep(State, null, run, threshold);
        ProbeState reached = role == ProbeRole.Liveness
            ? isSuccess ? ProbeState.Live : ProbeState.WouldRestart
            : isSuccess ? ProbeState.Ready : ProbeState.NotReady;
        ProbeState? transition = reached == State ? null : reached;
        State = reached;
        if (IsOnHold) _run = 0;
        return new ProbeStep(State, transition, run, threshold);
    }

    /// <summary>
    /// There is a new container, in a new pod: virt-launcher pods are never restarted in place (restartPolicy Never), so nothing of the count is left.
    /// </summary>
    public void Reset()
    {
        _last = null;
        _run = 0;
        State = Initial(role);
    }

    private static ProbeState Initial(ProbeRole? role) => role == ProbeRole.Liveness ? ProbeState.Live : ProbeState.NotReady;
}

/// <summary>The effect of a result on the state.</summary>
/// <param name="State">The state after it.</param>
/// <param name="Transition">The state that it changed to; null when the state stayed.</param>
/// <param name="Run">How many equal results in a row there are with it; 0 for one that was thrown away.</param>
/// <param name="Threshold">How many of them it takes.</param>
internal readonly record struct ProbeStep(ProbeState State, ProbeState? Transition, int Run, int Threshold);

/// <summary>The five numbers of a probe as they are on the virt-launcher pod.</summary>
internal sealed record ProbeNumbers
{
    /// <summary>From the start of the container to the first probe; not negative.</summary>
    public required TimeSpan InitialDelay { get; init; }

    /// <summary>From one probe to the next.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>The longest a probe may take.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Successes in a row it takes.</summary>
    public required int SuccessThreshold { get; init; }

    /// <summary>Failures in a row it takes.</summary>
    public required int FailureThreshold { get; init; }

    /// <summary>The numbers of a probe of an instance: ten seconds more of initial delay, and a second more of timeout where virt-launcher stands between.</summary>
    public static ProbeNumbers OnPod(VmiProbe probe) => new()
    {
        InitialDelay = Max(TimeSpan.Zero, TimeSpan.FromSeconds(ProbeFacts.StartupDelay + (double)probe.InitialDelaySeconds)),
        Period = TimeSpan.FromSeconds(probe.PeriodSeconds),
        Timeout = TimeSpan.FromSeconds((double)probe.TimeoutSeconds + (probe.Kind is ProbeKind.GuestAgentPing or ProbeKind.Exec ? ProbeFacts.AgentDelay : 0)),
        SuccessThreshold = probe.SuccessThreshold,
        FailureThreshold = probe.FailureThreshold,
    };

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}

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
