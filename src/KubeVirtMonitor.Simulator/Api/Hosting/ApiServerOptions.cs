using KubeVirtMonitor.Simulator.Datadog;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>How the API server behaves.</summary>
public sealed record ApiServerOptions
{
    /// <summary>The version that <c>/version</c> tells.</summary>
    public string KubernetesVersion { get; init; } = VersionDocument.Default;

    /// <summary>The port; 0 = any free one.</summary>
    public int Port { get; init; }

    /// <summary>The folder for the kubeconfig and what belongs to it; null = a temporary one that goes when the server goes.</summary>
    public string? Folder { get; init; }

    /// <summary>The pause between bookmarks of a watch.</summary>
    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a list of a version that is still to come waits for it.</summary>
    public TimeSpan FutureVersionWait { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a rotating token is good.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a pod that is replaced stays in each phase: terminating, pending, running without being ready.</summary>
    public TimeSpan PodStep { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The namespace of a Datadog Agent in the cluster; null = there is none.</summary>
    public string? AgentNamespace { get; init; }

    /// <summary>How that Agent is.</summary>
    public AgentOptions Agent { get; init; } = new();

    /// <summary>Whether the HyperConverged operator installed KubeVirt, and keeps its resource; then that is named <c>kubevirt-kubevirt-hyperconverged</c>.</summary>
    public bool HyperConverged { get; init; }

    /// <summary>Whether there are also nodes, and in the namespace <c>kinds</c> machines, of every kind that a real cluster has.</summary>
    public bool EveryKind { get; init; }

    /// <summary>Monitoring in the cluster, whose services lead to a server outside; null = there is none.</summary>
    public MonitoringOptions? Monitoring { get; init; }

    /// <summary>Whether the cluster has kube-state-metrics.</summary>
    public bool KubeState { get; init; }

    /// <summary>Whether it tells the labels of nodes, as in OpenShift; without a list that allows them it does not.</summary>
    public bool KubeStateNodeLabels { get; init; }

    /// <summary>What admission webhooks are to a real cluster; KubeVirt's own are always there and come first.</summary>
    public IReadOnlyList<IAdmissionRule> Admission { get; init; } = [];
}
