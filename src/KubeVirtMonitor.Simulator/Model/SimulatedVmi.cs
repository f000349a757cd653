namespace KubeVirtMonitor.Simulator;

/// <summary>A virtual machine instance.</summary>
public sealed record SimulatedVmi
{
    /// <summary>The disk that the guest runs from.</summary>
    public const string RootDisk = "rootdisk";

    private readonly DateTimeOffset? _started;
    private readonly bool? _agentConnected;
    private readonly bool? _hasBalloon;
    private readonly bool? _evictable;
    private readonly bool? _outdated;

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

    /// <summary>When it began to run: by default 8 s after it was created.</summary>
    public DateTimeOffset Started
    {
        get => _started ?? Created.AddSeconds(8);
        init => _started = value;
    }

    /// <summary>Whether it is being started again.</summary>
    internal bool IsStarting => Phase == "Scheduling" && _started is not null;

    /// <summary>Virtual CPUs: 1, 2, 4 in turn.</summary>
    public int Cpus => 1 << (Ordinal % 3);

    /// <summary>Guest memory: 2, 3, 4, 5 GiB in turn.</summary>
    public long MemoryBytes => (2L + (Ordinal % 4)) << 30;

    /// <summary>Every third guest is Windows.</summary>
    public bool Windows => Ordinal % 3 == 2;

    /// <summary>Whether the guest agent answers: by default not in every tenth instance, the one with a 7 at the end. Without it there are no file systems and no load.</summary>
    public bool AgentConnected
    {
        get => _agentConnected ?? Ordinal % 10 != 7;
        init => _agentConnected = value;
    }

    /// <summary>Whether the guest has a balloon device with a driver: by default where the guest agent answers. Without it there are no statistics from inside the guest.</summary>
    public bool HasBalloon
    {
        get => _hasBalloon ?? Ordinal % 10 != 7;
        init => _hasBalloon = value;
    }

    /// <summary>The memory that the guest sees.</summary>
    internal long AvailableBytes => MemoryBytes - (200L << 20);

    /// <summary>Its disks in order, those that were plugged in while it ran at the end.</summary>
    public IReadOnlyList<string> Drives => PluggedDisks.Count == 0 ? FirstDrives : [.. FirstDrives, .. PluggedDisks.Select(static disk => disk.Name)];

    /// <summary>The disks that were plugged in while it ran.</summary>
    internal IReadOnlyList<PluggedDisk> PluggedDisks { get; init; } = [];

    /// <summary>The last migration that an event began, or null.</summary>
    internal SimulatedMigration? Migration { get; init; }

    private static readonly string[] FirstDrives = ["cloudinitdisk", RootDisk];

    /// <summary>Whether it is being migrated: the instance with number 3 on each node.</summary>
    public bool Migrating { get; init; }

    /// <summary>Whether it can be evicted by a live migration: not every fifth.</summary>
    public bool Evictable
    {
        get => _evictable ?? Ordinal % 5 != 4;
        init => _evictable = value;
    }

    /// <summary>Whether its launcher is older than the installed KubeVirt: every seventh.</summary>
    public bool Outdated
    {
        get => _outdated ?? Ordinal % 7 == 6;
        init => _outdated = value;
    }

    /// <summary>The address of its first interface, from the documentation range of IPv6.</summary>
    public string IPAddress => $"2001:db8::{Ordinal + 1:x}";

    /// <summary>The pod it runs in.</summary>
    public required string LauncherPod { get; init; }
}

/// <summary>A disk that was plugged in while the machine ran.</summary>
/// <param name="Name">The name of its volume.</param>
/// <param name="Plugged">When, in ticks since the start of the cluster.</param>
internal sealed record PluggedDisk(string Name, long Plugged);
