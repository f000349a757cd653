namespace KubeVirtMonitor;

/// <summary>What a session is told when it is opened.</summary>
public sealed record KubeVirtSessionOptions
{
    /// <summary>The namespace KubeVirt is installed in; null = that of the one KubeVirt resource of the cluster.</summary>
    public string? InstallNamespace { get; init; }

    /// <summary>The way to the components.</summary>
    public ComponentRoute Route { get; init; } = ComponentRoute.Auto;

    /// <summary>The clock; null = that of the system.</summary>
    public TimeProvider? Time { get; init; }
}
