namespace KubeVirtMonitor;

/// <summary>One run of a probe, and what kubelet would make of it.</summary>
public sealed class ProbeResult
{
    /// <summary>The instance.</summary>
    public required string Name { get; init; }

    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>What the probe decides; null for a probe that was given without saying so, which is counted as readiness.</summary>
    public ProbeRole? Probe { get; init; }

    /// <summary>How it asks.</summary>
    public required ProbeKind Kind { get; init; }

    /// <summary>The probe itself.</summary>
    public required VmiProbe Definition { get; init; }

    /// <summary>Whether kubelet would count a success.</summary>
    public bool Success => Outcome is ProbeOutcome.Success or ProbeOutcome.Suppressed;

    /// <summary>Whether failures do not count at present: KubeVirt turns those of a guest agent ping into successes during a migration or a pause.</summary>
    public bool Suppressed => Outcome == ProbeOutcome.Suppressed;

    /// <summary>How it ended.</summary>
    public required ProbeOutcome Outcome { get; init; }

    /// <summary>Seconds from the start of the probe to its answer; by Exec with the way through the API server.</summary>
    public required double LatencySeconds { get; init; }

    /// <summary>The HTTP status; null without one.</summary>
    public int? StatusCode { get; init; }

    /// <summary>The exit code of virt-probe, which for an exec probe is that of the command; null without one.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Bytes of the body or the output that were read, 10 KiB at most; null without any.</summary>
    public long? Bytes { get; init; }

    /// <summary>The answer or the error, in kubelet's words where it has some.</summary>
    public required string Message { get; init; }

    /// <summary>The way that was taken.</summary>
    public required ProbeRoute Route { get; init; }

    /// <summary>The state after it, counted from the first run here: a readiness probe starts as not ready, a liveness probe as live.</summary>
    public required ProbeState State { get; init; }

    /// <summary>The state that it changed to; null when the state stayed.</summary>
    public ProbeState? Transition { get; init; }

    /// <summary>How many equal results in a row there are with it.</summary>
    public required int Run { get; init; }

    /// <summary>How many of them it takes.</summary>
    public required int Threshold { get; init; }

    /// <summary>What kubelet would conclude, in words.</summary>
    public required string Verdict { get; init; }

    /// <summary>When the probe started.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>What the cluster itself holds of the instance.</summary>
    public required ProbeClusterState ClusterState { get; init; }

    /// <summary>Where this result and the cluster disagree, in words; null where they do not.</summary>
    public string? Disagreement { get; init; }

    /// <summary>The session whose cluster the instance is of.</summary>
    internal KubeVirtSession? Session { get; init; }

    /// <summary>The cluster it is of: the context of the kubeconfig, else the address of the API server; null where it comes from no session.</summary>
    public string? Cluster => Session?.ToString();

    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Name} {Definition}: {(Success ? "success" : "failure")} ({Message})";
}

/// <summary>The state of a container for kubelet after the runs of a probe so far.</summary>
public enum ProbeState
{
    /// <summary>Readiness: no traffic. A readiness probe starts here.</summary>
    NotReady,

    /// <summary>Readiness: traffic.</summary>
    Ready,

    /// <summary>Liveness: all is well. A liveness probe starts here.</summary>
    Live,

    /// <summary>Liveness: the container would be killed, and with it the instance.</summary>
    WouldRestart,
}

/// <summary>The outcome of one run of a probe, as kubelet classifies it.</summary>
public enum ProbeOutcome
{
    /// <summary>A success.</summary>
    Success,

    /// <summary>A failure.</summary>
    Failure,

    /// <summary>A failure because there was no answer within the timeout.</summary>
    Timeout,

    /// <summary>A failure that KubeVirt turns into a success: kubelet sees a success.</summary>
    Suppressed,

    /// <summary>The probe could not be run, so kubelet throws the result away: it counts for nothing.</summary>
    Discarded,
}

/// <summary>An event of the cluster about a probe.</summary>
public sealed class ProbeEvent
{
    /// <summary><c>Unhealthy</c> (of kubelet, about the pod) or <c>GuestAgentPingFailed</c> (of virt-launcher, about the instance).</summary>
    public required string Reason { get; init; }

    /// <summary>What it says.</summary>
    public required string Message { get; init; }

    /// <summary>How often it was seen.</summary>
    public required int Count { get; init; }

    /// <summary>When it was last seen; null when it does not say.</summary>
    public DateTimeOffset? LastSeen { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Reason}: {Message}";
}

/// <summary>The route to an instance.</summary>
public enum ProbeRoute
{
    /// <summary>Direct where the addresses of instances can be reached, else PortForward.</summary>
    Auto,

    /// <summary>To the address of the instance, as kubelet does it.</summary>
    Direct,

    /// <summary>Through KubeVirt's port-forward: API server, virt-api, instance. Works from everywhere with the permission <c>get virtualmachineinstances/portforward</c> of subresources.kubevirt.io.</summary>
    PortForward,

    /// <summary>By a command in virt-launcher's container <c>compute</c>: the way of guest agent ping and exec, and theirs alone. Takes the permission <c>pods/exec</c>.</summary>
    Exec,
}
