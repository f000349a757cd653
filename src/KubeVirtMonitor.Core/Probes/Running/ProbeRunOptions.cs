namespace KubeVirtMonitor;

/// <summary>How probes are run.</summary>
public sealed record ProbeRunOptions
{
    /// <summary>The way to the ports of instances.</summary>
    public ProbeRoute Route { get; init; } = ProbeRoute.Auto;

    /// <summary>How many times each probe is run; null = until it is ended. More than once follows initial delay and period.</summary>
    public int? Count { get; init; } = 1;

    /// <summary>How many probes run at the same time.</summary>
    public int ThrottleLimit { get; init; } = 32;

    /// <summary>Whether pods and events are asked as well.</summary>
    public bool IncludeCluster { get; init; }

    /// <summary>Whether only results that change a state are passed on.</summary>
    public bool TransitionsOnly { get; init; }
}
