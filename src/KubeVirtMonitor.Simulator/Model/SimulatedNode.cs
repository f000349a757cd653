namespace KubeVirtMonitor.Simulator;

/// <summary>A node of the cluster.</summary>
/// <param name="Name">Its name, such as <c>node01</c>.</param>
/// <param name="Uid">Its Kubernetes uid.</param>
/// <param name="Labels">Its labels.</param>
public sealed record SimulatedNode(string Name, Guid Uid, IReadOnlyDictionary<string, string> Labels);
