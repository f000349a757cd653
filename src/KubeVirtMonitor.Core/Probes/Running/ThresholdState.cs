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
        ProbeTransition? transition = reached == State ? null : reached switch
        {
            ProbeState.Ready => ProbeTransition.Ready,
            ProbeState.NotReady => ProbeTransition.NotReady,
            _ => ProbeTransition.WouldRestart,
        };
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
