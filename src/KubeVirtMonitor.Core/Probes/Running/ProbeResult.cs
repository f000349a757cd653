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

    /// <summary>From the start of the probe to its answer; by Exec with the way through the API server.</summary>
    public required TimeSpan Latency { get; init; }

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

    /// <summary>What it changed; null when the state stayed.</summary>
    public ProbeTransition? Transition { get; init; }

    /// <summary>How many equal results in a row there are with it.</summary>
    public required int Run { get; init; }

    /// <summary>How many of them it takes.</summary>
    public required int Threshold { get; init; }

    /// <summary>What kubelet would conclude, in words.</summary>
    public required string Verdict { get; init; }

    /// <summary>When the probe started.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>What the cluster itself holds of the instance.</summary>
    public required ProbeClusterState Cluster { get; init; }

    /// <summary>Where this result and the cluster disagree, in words; null where they do not.</summary>
    public string? Disagreement { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Name} {Definition}: {(Success ? "success" : "failure")} ({Message})";
}
