namespace KubeVirtMonitor;

/// <summary>
/// Constants of KubeVirt's components: names, ports and paths. Source: KubeVirt at the tags v1.0.0 to v1.9.0
/// (<c>pkg/virt-operator/resource/generate/components</c>, <c>pkg/virt-api/api.go</c>, <c>pkg/virt-controller/watch/application.go</c>,
/// <c>cmd/virt-handler</c>, <c>pkg/virt-operator/application.go</c>), which say the same in all of these versions.
/// </summary>
internal static class ComponentFacts
{
    /// <summary>The label of a pod that names its component.</summary>
    public const string Label = "kubevirt.io";

    /// <summary>The label selector of the pods of components.</summary>
    public static string Selector(IEnumerable<ComponentKind> kinds) => $"{Label} in ({string.Join(',', kinds.Distinct().Order().Select(NameOf))})";

    /// <summary>The name of the container port that serves metrics and health.</summary>
    public const string PortName = "metrics";

    /// <summary>The number of that port where a pod does not tell it.</summary>
    public const int UsualPort = 8443;

    /// <summary>The ConfigMap of the install namespace with the authorities that issue the certificates of the components.</summary>
    public const string AuthorityConfigMap = "kubevirt-ca";

    /// <summary>Its key with the certificates, in PEM.</summary>
    public const string AuthorityKey = "ca-bundle";

    private const string Metrics = "metrics";

    private static readonly string[] Names = ["virt-api", "virt-controller", "virt-handler", "virt-operator"];

    /// <summary>The name of a component, such as <c>virt-handler</c>: that of its executable, its label, its service, and the lease of its leader.</summary>
    public static string NameOf(ComponentKind component) =>
        (int)component >= 0 && (int)component < Names.Length ? Names[(int)component] : throw new ArgumentOutOfRangeException(nameof(component), component, null);

    /// <summary>The name of the Datadog Agent's check of a component, which its metrics begin with: <c>kubevirt_handler</c>.</summary>
    /// <param name="component">The component.</param>
    public static string CheckNameOf(ComponentKind component) => NameOf(component).Replace("virt-", "kubevirt_", StringComparison.Ordinal);

    /// <summary>The component of a name; null when it is none.</summary>
    public static ComponentKind? KindOf(string? name) => Array.IndexOf(Names, name) is >= 0 and int index ? (ComponentKind)index : null;

    /// <summary>Whether one replica of it leads, and holds a lease of its name for it.</summary>
    public static bool HasLeader(ComponentKind component) => component is ComponentKind.Controller or ComponentKind.Operator;

    /// <summary>The path of its metrics, without the first slash.</summary>
    public static string MetricsPath => Metrics;

    /// <summary>
    /// The path that tells of its health, without the first slash: <c>healthz</c>, and <c>metrics</c> of virt-operator, which has no health
    /// endpoint and whose own probes ask that path.
    /// </summary>
    public static string HealthPathOf(ComponentKind component) => component == ComponentKind.Operator ? Metrics : "healthz";

    /// <summary>The path on which a replica tells whether it leads, without the first slash; null where there is none.</summary>
    public static string? LeaderPathOf(ComponentKind component) => component == ComponentKind.Controller ? "leader" : null;

    /// <summary>The name a component's certificate carries in an installation, and the others it may carry instead. They are those of services, and no addresses.</summary>
    /// <param name="inNamespace">The install namespace.</param>
    public static (string Name, string[] Others) CertificateNamesOf(ComponentKind component, string inNamespace)
    {
        string name = $"{NameOf(component)}.{inNamespace}.svc";
        // virt-operator issues its own certificate in the name of the service of its webhook.
        return (name, component == ComponentKind.Operator ? [$"kubevirt-operator-webhook.{inNamespace}.svc"] : []);
    }
}

/// <summary>The KubeVirt component an endpoint, a metric or a sample belongs to.</summary>
public enum ComponentKind
{
    /// <summary>virt-api: admission, subresources, and the source of the VM and VMI counts.</summary>
    Api,

    /// <summary>virt-controller: the cluster-wide controllers of VMs, VMIs and migrations.</summary>
    Controller,

    /// <summary>virt-handler: the agent on each node, with the metrics of the machines that run there.</summary>
    Handler,

    /// <summary>virt-operator: installs and upgrades the others.</summary>
    Operator,
}
