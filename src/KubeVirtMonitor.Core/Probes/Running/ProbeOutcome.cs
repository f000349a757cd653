namespace KubeVirtMonitor;

/// <summary>How one run of a probe ended, as kubelet sorts it.</summary>
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
