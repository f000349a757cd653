namespace KubeVirtMonitor.Simulator;

/// <summary>A virtual machine instance.</summary>
public sealed record SimulatedVmi
{
    /// <summary>Its name, which is also that of its VM.</summary>
    public required string Name { get; init; }

    /// <summary>Its namespace, <c>ns0</c> to <c>ns4</c> in turn.</summary>
    public required string Namespace { get; init; }

    /// <summary>Its Kubernetes uid.</summary>
    public required Guid Uid { get; init; }

    /// <summary>The node, or null while it is not scheduled.</summary>
    public string? Node { get; init; }

    /// <summary>The phase as the API has it: <c>Running</c>, <c>Scheduling</c>.</summary>
    public required string Phase { get; init; }

    /// <summary>Its number in the cluster, from 0.</summary>
    public required int Ordinal { get; init; }

    /// <summary>The factor in all of its values: 1 + (37 × <see cref="Ordinal"/> + seed) mod 97.</summary>
    public required int Weight { get; init; }

    /// <summary>Its Kubernetes labels; every second instance has more of them, and Windows guests have <c>os</c>.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Virtual CPUs: 1, 2, 4 in turn.</summary>
    public int Cpus => 1 << (Ordinal % 3);

    /// <summary>Guest memory: 2, 3, 4, 5 GiB in turn.</summary>
    public long MemoryBytes => (2L + (Ordinal % 4)) << 30;

    /// <summary>Every third guest is Windows.</summary>
    public bool Windows => Ordinal % 3 == 2;

    /// <summary>Whether balloon statistics and the guest agent answer: not in every tenth instance.</summary>
    public bool AgentConnected => Ordinal % 10 != 7;

    /// <summary>Whether it is being migrated: the instance with number 3 on each node.</summary>
    public bool Migrating { get; init; }

    /// <summary>Whether it can be evicted by a live migration: not every fifth.</summary>
    public bool Evictable => Ordinal % 5 != 4;

    /// <summary>Whether its launcher is older than the installed KubeVirt: every seventh.</summary>
    public bool Outdated => Ordinal % 7 == 6;

    /// <summary>The address of its first interface, from the documentation range of IPv6.</summary>
    public string IPAddress => $"2001:db8::{Ordinal + 1:x}";

    /// <summary>The pod it runs in.</summary>
    public required string LauncherPod { get; init; }
}
