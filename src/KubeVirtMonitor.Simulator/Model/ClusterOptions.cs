namespace KubeVirtMonitor.Simulator;

/// <summary>What a simulated cluster is made of.</summary>
public sealed record ClusterOptions
{
    /// <summary>The KubeVirt version: 1.0, 1.2 or 1.9.</summary>
    public KubeVirtVersion Version { get; init; } = new(1, 9);

    /// <summary>Nodes, each with one virt-handler.</summary>
    public int Handlers { get; init; } = 2;

    /// <summary>Running machine instances on each node.</summary>
    public int VmisPerHandler { get; init; } = 5;

    /// <summary>Changes every <see cref="SimulatedVmi.Weight"/>, and with it every value.</summary>
    public int Seed { get; init; }

    /// <summary>The install namespace, which is part of the names on the certificates.</summary>
    public string Namespace { get; init; } = "kubevirt";

    /// <summary>What machines are known to do; a later one is over an earlier one. Their values are functions of the exact time, not of whole seconds.</summary>
    public IReadOnlyList<KnownLoad> Loads { get; init; } = [];

    /// <summary>What happens, with times since the start of the cluster.</summary>
    public IReadOnlyList<ClusterEvent> Events { get; init; } = [];

    /// <summary>A cluster in which nothing is wrong until an event says so: no instance waits for a node, is being migrated, cannot be migrated or is outdated, so that none of KubeVirt's alerts fires.</summary>
    public bool Calm { get; init; }

    /// <summary>All values are functions of the exact time, not of whole seconds.</summary>
    public bool Live { get; init; }

    /// <summary>Statistics of machines are as fresh as KubeVirt's caches let them be, see <see cref="StatisticsCaches"/>; all machines have exact times then.</summary>
    public bool Caches { get; init; }

    /// <summary>The clock that moves the values; tests bring their own.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        if (Handlers is < 0 or > 100_000) throw new ArgumentOutOfRangeException(nameof(Handlers), Handlers, "The number of handlers must be 0 to 100000.");
        if (VmisPerHandler is < 0 or > 1_000_000) throw new ArgumentOutOfRangeException(nameof(VmisPerHandler), VmisPerHandler, "The number of VMIs per handler must be 0 to 1000000.");
        if ((long)Handlers * VmisPerHandler > 10_000_000) throw new ArgumentOutOfRangeException(nameof(VmisPerHandler), VmisPerHandler, "The cluster would have more than 10000000 VMIs.");
        if (string.IsNullOrWhiteSpace(Namespace)) throw new ArgumentException("The namespace must not be empty.", nameof(Namespace));
    }
}
