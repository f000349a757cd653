namespace KubeVirtMonitor.Simulator;

/// <summary>A pod of KubeVirt itself.</summary>
/// <param name="Name">Pod name, such as <c>virt-handler-x7k2p</c>.</param>
/// <param name="Namespace">The install namespace.</param>
/// <param name="Node">The node it runs on.</param>
/// <param name="Uid">Its Kubernetes uid.</param>
/// <param name="Labels">Its labels, among them <c>kubevirt.io</c> and <c>prometheus.kubevirt.io</c>.</param>
/// <param name="Component">Which component it is.</param>
/// <param name="Index">Its number among the pods of the component, from 0; for a virt-handler also the number of its node.</param>
/// <param name="Leading">Whether it leads. Exactly one virt-controller and one virt-operator do.</param>
public sealed record SimulatedPod(
    string Name,
    string Namespace,
    string Node,
    Guid Uid,
    IReadOnlyDictionary<string, string> Labels,
    ComponentKind Component,
    int Index,
    bool Leading)
{
    /// <summary>Whether it leads; another one does once it is gone.</summary>
    public bool Leading { get; internal set; } = Leading;

    /// <summary>When its process began, in ticks since the start of the cluster; null = before it.</summary>
    internal long? Began { get; init; }

    /// <summary>The component and its number, such as <c>handler/0</c>; what faults are addressed to.</summary>
    public string Id => $"{ComponentName}/{Index}";

    /// <summary>The label that tells of which template of its workload it is: <c>pod-template-hash</c>, or <c>controller-revision-hash</c> of a virt-handler.</summary>
    public string RevisionLabel => Component == ComponentKind.Handler ? "controller-revision-hash" : "pod-template-hash";

    /// <summary>The short component name: <c>api</c>, <c>controller</c>, <c>handler</c>, <c>operator</c>.</summary>
    public string ComponentName => NameOf(Component);

    /// <summary>The short name of a component.</summary>
    public static string NameOf(ComponentKind component) => component switch
    {
        ComponentKind.Api => "api",
        ComponentKind.Controller => "controller",
        ComponentKind.Handler => "handler",
        ComponentKind.Operator => "operator",
        _ => throw new ArgumentOutOfRangeException(nameof(component), component, null),
    };
}
