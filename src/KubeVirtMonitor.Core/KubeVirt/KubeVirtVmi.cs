using System.Collections.ObjectModel;

namespace KubeVirtMonitor;

/// <summary>A virtual machine instance: a VM that is running, is about to run, or has just ended.</summary>
public sealed class KubeVirtVmi
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>How far its life has come: <c>Pending</c>, <c>Scheduling</c>, <c>Scheduled</c>, <c>Running</c>, <c>Succeeded</c>, <c>Failed</c>, <c>Unknown</c>; null until KubeVirt says something.</summary>
    public string? Phase { get; init; }

    /// <summary>The node it runs on; null while it has none.</summary>
    public string? Node { get; init; }

    /// <summary>The addresses of all its interfaces, without repetitions, in the order of the object.</summary>
    public required IReadOnlyList<string> IPAddresses { get; init; }

    /// <summary>What the guest agent says of the operating system, such as <c>Fedora Linux 42</c>; null without a guest agent.</summary>
    public string? GuestOS { get; init; }

    /// <summary>Whether its condition Ready is True.</summary>
    public bool Ready { get; init; }

    /// <summary>Whether its condition Paused is True.</summary>
    public bool Paused { get; init; }

    /// <summary>Whether the guest agent is connected.</summary>
    public bool AgentConnected { get; init; }

    /// <summary>Whether it can be migrated while it runs; null until KubeVirt knows.</summary>
    public bool? LiveMigratable { get; init; }

    /// <summary>The labels of the instance.</summary>
    public required ReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>When the object was made: the last start of its VM; null when it does not say.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>When it came to the phase Running; null when it never did.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>The VM it belongs to; null for an instance without a VM.</summary>
    public string? VM { get; init; }

    /// <summary>The unique id; null when it does not say.</summary>
    public string? Uid { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Name}";
}
