namespace KubeVirtMonitor.Probes.Running;

/// <summary>One run of a probe, before any threshold is looked at.</summary>
internal sealed record ProbeAttempt
{
    /// <summary>How it ended.</summary>
    public required ProbeOutcome Outcome { get; init; }

    /// <summary>What there is to say, in kubelet's words where kubelet has some.</summary>
    public required string Message { get; init; }

    /// <summary>The HTTP status.</summary>
    public int? StatusCode { get; init; }

    /// <summary>The exit code of virt-probe.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Bytes of the body, or of the output, that were read.</summary>
    public long? Bytes { get; init; }

    /// <summary>From the start to the answer.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>The way that was taken.</summary>
    public ProbeRoute Route { get; init; }
}
