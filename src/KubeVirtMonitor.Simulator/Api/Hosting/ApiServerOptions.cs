namespace KubeVirtMonitor.Simulator.Api;

/// <summary>How the API server behaves.</summary>
public sealed record ApiServerOptions
{
    /// <summary>The version that <c>/version</c> tells.</summary>
    public string KubernetesVersion { get; init; } = "v1.32.4";

    /// <summary>The port; 0 = any free one.</summary>
    public int Port { get; init; }

    /// <summary>The folder for the kubeconfig and what belongs to it; null = a temporary one that goes when the server goes.</summary>
    public string? Folder { get; init; }

    /// <summary>The pause between bookmarks of a watch.</summary>
    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a rotating token is good.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The namespace of a Datadog Agent in the cluster; null = there is none.</summary>
    public string? AgentNamespace { get; init; }

    /// <summary>What admission webhooks are to a real cluster.</summary>
    public IReadOnlyList<IAdmissionRule> Admission { get; init; } = [new VmiUpdateRule()];
}
