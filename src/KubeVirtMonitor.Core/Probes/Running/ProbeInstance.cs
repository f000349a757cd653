namespace KubeVirtMonitor.Probes.Running;

/// <summary>An instance as far as its probes are concerned.</summary>
internal sealed record ProbeInstance
{
    public required string Name { get; init; }

    public required string Namespace { get; init; }

    public string? Uid { get; init; }

    public string? Phase { get; init; }

    public string? Node { get; init; }

    /// <summary>When it came to the phase Running.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>The first address of its first interface.</summary>
    public string? Address { get; init; }

    public InstanceCondition? Ready { get; init; }

    public InstanceCondition? AgentConnected { get; init; }

    /// <summary>The condition Paused, where it is True.</summary>
    public InstanceCondition? Paused { get; init; }

    /// <summary>Whether a live migration has started and not ended.</summary>
    public bool IsMigrating { get; init; }

    /// <summary>Whether its file systems are frozen.</summary>
    public bool IsFrozen { get; init; }

    /// <summary>Whether the annotation <c>kubevirt.io/pause-guest-agent-probes</c> is on.</summary>
    public bool ProbesArePaused { get; init; }

    /// <summary>Ports that its interfaces declare by name.</summary>
    public required IReadOnlyDictionary<string, int> Ports { get; init; }

    /// <summary>The uids of its pods.</summary>
    public IReadOnlyDictionary<string, string?> ActivePods { get; init; } = new Dictionary<string, string?>();

    /// <summary>The probes of its spec.</summary>
    public required IReadOnlyList<VmiProbe> Probes { get; init; }

    public bool IsRunning => Phase == "Running";
}
