using KubeVirtMonitor.Text;

namespace KubeVirtMonitor;

/// <summary>A change that was made to a cluster, or would be. Where only the authorities are renewed, it is of their ConfigMap.</summary>
public sealed record AgentPatchChange
{
    /// <summary>The name of the KubeVirt resource, or of the ConfigMap.</summary>
    public required string Name { get; init; }

    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The unique id of the KubeVirt resource.</summary>
    public string? Uid { get; init; }

    /// <summary>What was done.</summary>
    public required AgentPatchAction Action { get; init; }

    /// <summary>The difference: a line for each thing, with + for what comes, - for what goes, and a blank for what stays.</summary>
    public required string Difference { get; init; }

    /// <summary>The workloads whose pods are restarted by it, with the pods or their number, such as <c>DaemonSet virt-handler (100 pods)</c>, since their annotations change.</summary>
    public IReadOnlyList<string> Restarts { get; init => field = TextList.Of(value); } = TextList.Of<string>([]);

    /// <summary>What should be known beyond that.</summary>
    public IReadOnlyList<string> Warnings { get; init => field = TextList.Of(value); } = TextList.Of<string>([]);

    /// <summary>The patch; null where none was given.</summary>
    public AgentPatch? Patch { get; init; }

    /// <summary>For a managed KubeVirt: the change of the HyperConverged resource's annotations that does the same, for <c>kubectl patch --type merge</c>, as text or as a file.</summary>
    public string? Document { get; init; }

    /// <summary>The session.</summary>
    internal KubeVirtSession? Session { get; init; }

    /// <summary>The cluster it is of: the context of the kubeconfig, else the address of the API server; null where it comes from no session.</summary>
    public string? Cluster => Session?.ToString();

    /// <summary>How often it was tried, since others changed the resource at the same time.</summary>
    public int Attempts { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Action}: {(Uid is null ? "ConfigMap" : "KubeVirt")} {Namespace}/{Name}";
}

/// <summary>What happened to a KubeVirt resource.</summary>
public enum AgentPatchAction
{
    /// <summary>It was as it should be.</summary>
    Unchanged,

    /// <summary>The patches were put in.</summary>
    Installed,

    /// <summary>The patches were taken out.</summary>
    Removed,

    /// <summary>Nothing: a HyperConverged resource writes it, and would undo the change. <see cref="AgentPatchChange.Document"/> is what to apply instead.</summary>
    Managed,
}
