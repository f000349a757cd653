namespace KubeVirtMonitor;

/// <summary>What to probe.</summary>
public sealed record ProbeRunTarget
{
    /// <summary>The namespace of the instance.</summary>
    public required string Namespace { get; init; }

    /// <summary>The instance.</summary>
    public required string Name { get; init; }

    /// <summary>The probes; null = those of its spec.</summary>
    public IReadOnlyList<VmiProbe>? Probes { get; init; }

    /// <summary>Which probes of its spec, null = all of them; what given probes decide that do not say so themselves.</summary>
    public ProbeRole? Role { get; init; }

    /// <summary>Whether there is a probe to run, as far as is known before the instance has been asked.</summary>
    public bool HasProbe => Probes is { Count: > 0 } || Instance?.Probes.Any(probe => Role is null || probe.Role == Role) != false;

    internal Probes.Running.ProbeInstance? Instance { get; init; }
}
