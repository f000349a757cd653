namespace KubeVirtMonitor;

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
