using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor;

/// <summary>A pod of KubeVirt itself: virt-api, virt-controller, virt-handler or virt-operator.</summary>
public sealed record KubeVirtComponent
{
    private Uncompared<ObjectDetail> _detail;
    private Uncompared<IReadOnlyList<(string? Name, int Number)>> _ports;

    /// <summary>The name of the pod.</summary>
    public required string Name { get; init; }

    /// <summary>Which component it is.</summary>
    public required ComponentKind Component { get; init; }

    /// <summary>The namespace KubeVirt is installed in.</summary>
    public required string Namespace { get; init; }

    /// <summary>The node it runs on; null while it has none.</summary>
    public string? Node { get; init; }

    /// <summary>Its address inside the cluster; null while it has none.</summary>
    public string? PodIP { get; init; }

    /// <summary>The port of its metrics: the container port named <c>metrics</c>, else 8443.</summary>
    public required int Port { get; init; }

    /// <summary>The ports of its container.</summary>
    internal IReadOnlyList<(string? Name, int Number)> Ports
    {
        get => _ports.Value ?? [];
        init => _ports.Value = value;
    }

    /// <summary>Whether its condition Ready is True.</summary>
    public bool Ready { get; init; }

    /// <summary>Why it is not Ready and since when, as a sentence: what Kubernetes says of its containers, or else of the pod; null where it is Ready.</summary>
    public string? ReadyNote { get; init; }

    /// <summary>Whether it holds the lease of its component. Null for components that have no leader, and where the lease does not tell, see <see cref="LeadingNote"/>.</summary>
    public bool? Leading { get; init; }

    /// <summary>Why it is not known who leads, or that nobody does, as a sentence; null where a replica leads, and for components that have no leader.</summary>
    public string? LeadingNote { get; init; }

    /// <summary>The KubeVirt version it is of, as its label or image says it, such as <c>v1.9.0</c>; null when neither does.</summary>
    public string? Version { get; init; }

    /// <summary>The address of its metrics inside the cluster; null while it has no address.</summary>
    public Uri? MetricsUri => UriOf(ComponentFacts.MetricsPath);

    /// <summary>The address that tells of its health inside the cluster: <c>/healthz</c>, and of virt-operator, which has none, <c>/metrics</c>; null while it has no address.</summary>
    public Uri? HealthUri => UriOf(ComponentFacts.HealthPathOf(Component));

    /// <summary>The address on which it says whether it leads; null where there is none.</summary>
    internal Uri? LeaderUri => ComponentFacts.LeaderPathOf(Component) is { } path ? UriOf(path) : null;

    /// <summary>The session that found it, by which it is asked.</summary>
    internal KubeVirtSession? Session { get; init; }

    /// <summary>The cluster it is of: the context of the kubeconfig, else the address of the API server; null where it comes from no session.</summary>
    public string? Cluster => Session?.ToString();

    /// <summary>The unique id of the pod; null when it does not say.</summary>
    public string? Uid { get; init; }

    /// <summary>The pod as the API gave it, as JSON. Read from the cluster at the first call.</summary>
    /// <exception cref="KubernetesException">It may not be read, it is gone or another one of its name has taken its place, or the session has been closed.</exception>
    public string GetJson() => (_detail.Value ??= new ObjectDetail(Session, Kubernetes.ResourceType.Pods, Namespace, Name, Uid)).Json();

    /// <inheritdoc/>
    public override string ToString() => Name;

    private Uri? UriOf(string path) => PodIP is null ? null : new UriBuilder(Uri.UriSchemeHttps, PodIP, Port, path).Uri;
}

/// <summary>The route to a component.</summary>
public enum ComponentRoute
{
    /// <summary>
    /// The first of Direct and PortForward that leads to a Ready pod, both verified; ApiServerProxy, with a warning, only where pods cannot be reached
    /// directly and tunnels are forbidden. Never for a certificate that does not hold.
    /// </summary>
    Auto,

    /// <summary>To the address of the pod. TLS is verified against ConfigMap <c>kubevirt-ca</c>. Works where pod addresses can be reached, such as inside the cluster.</summary>
    Direct,

    /// <summary>Through the API server to the pod's proxy path. Works from everywhere with the permission <c>get pods/proxy</c>; the API server doesn't verify the certificate of the pod.</summary>
    ApiServerProxy,

    /// <summary>Through a tunnel of the API server. Works from everywhere with the permission <c>pods/portforward</c> (get, and since Kubernetes 1.35 create); TLS is verified against ConfigMap <c>kubevirt-ca</c>, end to end.</summary>
    PortForward,
}
