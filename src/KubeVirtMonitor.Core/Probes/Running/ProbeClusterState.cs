using KubeVirtMonitor.Text;

namespace KubeVirtMonitor;

/// <summary>What the cluster reports about an instance and its probes. KubeVirt's API has no state of probes; this is inferred from other fields and events.</summary>
public sealed class ProbeClusterState
{
    /// <summary>The condition Ready of the instance, which virt-controller copies from the pod; null when it is Unknown or absent.</summary>
    public bool? Ready { get; init; }

    /// <summary>The reason of that condition, such as <c>ContainersNotReady</c>.</summary>
    public string? ReadyReason { get; init; }

    /// <summary>What that condition says in words.</summary>
    public string? ReadyMessage { get; init; }

    /// <summary>The condition AgentConnected of the instance.</summary>
    public bool AgentConnected { get; init; }

    /// <summary>The launcher pod; null when it was not asked for, could not be looked up, or there is none.</summary>
    public string? Pod { get; init; }

    /// <summary>The condition Ready of the pod.</summary>
    public bool? PodReady { get; init; }

    /// <summary>Whether the container <c>compute</c> is ready by its own probe.</summary>
    public bool? ContainerReady { get; init; }

    /// <summary>How often the container was restarted. KubeVirt's pods never restart one, so more than 0 is strange.</summary>
    public int? RestartCount { get; init; }

    /// <summary>Events about the probes of this pod and this instance, the latest first; null when they were not asked for, or could not be looked up.</summary>
    public IReadOnlyList<ProbeEvent>? Events { get; init => field = value is null ? null : TextList.Of(value); }

    /// <summary>What of it could not be looked up and why, such as for a missing permission, as sentences; empty where all could.</summary>
    public IReadOnlyList<string> Notes { get; init => field = TextList.Of(value); } = TextList.Of<string>([]);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{(Ready switch { true => "ready", false => $"not ready{(ReadyReason is null ? "" : $" ({ReadyReason})")}", null => "unknown" })}{(AgentConnected ? ", agent connected" : "")}";
}
