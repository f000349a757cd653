namespace KubeVirtMonitor;

/// <summary>A context of a kubeconfig: which cluster, as which user, in which namespace.</summary>
/// <param name="Name">The name of the context.</param>
/// <param name="Cluster">The name of the cluster entry.</param>
/// <param name="User">The name of the user entry; empty when the context names none.</param>
/// <param name="Namespace">The namespace; null when the context names none.</param>
/// <param name="IsCurrent">Whether it is the current context.</param>
/// <param name="File">The file it comes from.</param>
public sealed record KubeConfigContext(string Name, string Cluster, string User, string? Namespace, bool IsCurrent, string File);
