namespace KubeVirtMonitor.Simulator;

/// <summary>A virtual machine: the lasting object, running or not.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Uid">Its Kubernetes uid.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Created">When it was created.</param>
/// <param name="MemoryBytes">Guest memory.</param>
/// <param name="Cpus">Guest CPU cores.</param>
/// <param name="Windows">Whether the guest is Windows, else Fedora.</param>
/// <param name="Status">Its printable status: <c>Running</c>, <c>Starting</c>, <c>Stopped</c>, <c>Migrating</c>.</param>
/// <param name="Ordinal">Its number in the cluster, from 0, counted apart from that of the instances.</param>
public sealed record SimulatedVm(
    string Name,
    string Namespace,
    Guid Uid,
    IReadOnlyDictionary<string, string> Labels,
    DateTimeOffset Created,
    long MemoryBytes,
    int Cpus,
    bool Windows,
    string Status,
    int Ordinal)
{
    /// <summary>Since when it has its status: by default since 8 s after it was created.</summary>
    public DateTimeOffset StatusSince { get; init; } = Created.AddSeconds(8);
}
