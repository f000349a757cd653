using System.Collections.ObjectModel;
using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor;

/// <summary>A node of the cluster: what KubeVirt needs of it, and the instances on it.</summary>
public sealed record KubeVirtNode
{
    private Uncompared<ObjectDetail> _detail;

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>Whether its condition Ready is True.</summary>
    public bool Ready { get; init; }

    /// <summary>Whether KubeVirt places machines on it (label <c>kubevirt.io/schedulable</c>), and nobody has cordoned it.</summary>
    public bool Schedulable { get; init; }

    /// <summary>Whether it is cordoned (<c>spec.unschedulable</c>): nothing new is placed on it, as while it is drained.</summary>
    public bool Cordoned { get; init; }

    /// <summary>What is wrong with it, in one line: it is not Ready, is short of something, is cordoned, or KubeVirt places no machines on it; null when nothing is.</summary>
    public string? Problem { get; init; }

    /// <summary>How many machines may use hardware virtualisation at once (allocatable <c>devices.kubevirt.io/kvm</c>); 0 where the node has none, null where virt-handler has not said.</summary>
    public long? KvmDevices { get; init; }

    /// <summary>CPUs that pods may use.</summary>
    public double? Cpus { get; init; }

    /// <summary>CPUs that it has.</summary>
    public double? CpuCapacity { get; init; }

    /// <summary>Memory that pods may use, in bytes.</summary>
    public long? Memory { get; init; }

    /// <summary>Memory that it has, in bytes.</summary>
    public long? MemoryCapacity { get; init; }

    /// <summary>Instances on it that have not ended; null where instances may not be listed.</summary>
    public int? Machines { get; init; }

    /// <summary>The vCPUs of these instances; null where they may not be listed.</summary>
    public long? VCpus { get; init; }

    /// <summary>The memory of their guests in bytes; null where they may not be listed.</summary>
    public long? GuestMemory { get; init; }

    /// <summary>vCPUs for each CPU that pods may use: above 1, CPU is over-committed.</summary>
    public double? CpuOvercommit => VCpus / Cpus;

    /// <summary>Memory of guests for each byte that pods may use: above 1, memory is over-committed.</summary>
    public double? MemoryOvercommit => (double?)GuestMemory / Memory;

    /// <summary>Whether it gives CPUs to machines alone (label <c>kubevirt.io/cpumanager</c>).</summary>
    public bool CpuManager { get; init; }

    /// <summary>When virt-handler last said that it is there (annotation <c>kubevirt.io/heartbeat</c>); null when it never did.</summary>
    public DateTimeOffset? HandlerHeartbeat { get; init; }

    /// <summary>The address inside the cluster; null when it has none.</summary>
    public string? InternalIP { get; init; }

    /// <summary>The version of kubelet, such as <c>v1.32.1</c>.</summary>
    public string? KubeletVersion { get; init; }

    /// <summary>The version of the kernel.</summary>
    public string? KernelVersion { get; init; }

    /// <summary>The operating system as the node names it.</summary>
    public string? OSImage { get; init; }

    /// <summary>The architecture, such as <c>amd64</c>.</summary>
    public string? Architecture { get; init; }

    /// <summary>The conditions, in the order of the object.</summary>
    internal IReadOnlyList<KubeVirtCondition> Conditions { get; init; } = [];

    /// <summary>The taints as kubectl writes them, such as <c>node.kubernetes.io/unschedulable:NoSchedule</c>.</summary>
    public required IReadOnlyList<string> Taints { get; init; }

    /// <summary>The labels.</summary>
    public required ReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>When the object was made; null when it does not say.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>The unique id; null when it does not say.</summary>
    public string? Uid { get; init; }

    /// <summary>The session whose cluster it is of; null when it comes from none.</summary>
    internal KubeVirtSession? Session { get; init; }

    /// <summary>The cluster it is of: the context of the kubeconfig, else the address of the API server; null where it comes from no session.</summary>
    public string? Cluster => Session?.ToString();

    /// <summary>The object as the API gave it, as JSON. Read from the cluster at the first call.</summary>
    /// <exception cref="KubernetesException">It may not be read, it is gone or another one of its name has taken its place, or the session has been closed.</exception>
    public string GetJson() => (_detail.Value ??= new ObjectDetail(Session, Kubernetes.ResourceType.Nodes, null, Name, Uid)).Json();

    /// <inheritdoc/>
    public override string ToString() => Name;
}
