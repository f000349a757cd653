using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>The resource types of the Kubernetes API that KubeVirt uses.</summary>
internal static class KubeVirtResources
{
    /// <summary>Installations of KubeVirt.</summary>
    public static ResourceType Installations { get; } = new("kubevirt.io", "v1", "kubevirts");

    /// <summary>Virtual machines.</summary>
    public static ResourceType VirtualMachines { get; } = new("kubevirt.io", "v1", "virtualmachines");

    /// <summary>Virtual machine instances.</summary>
    public static ResourceType Instances { get; } = new("kubevirt.io", "v1", "virtualmachineinstances");

    /// <summary>Instance types for all namespaces.</summary>
    public static ResourceType ClusterInstanceTypes { get; } = new("instancetype.kubevirt.io", "v1beta1", "virtualmachineclusterinstancetypes", IsNamespaced: false);

    /// <summary>Instance types of a namespace.</summary>
    public static ResourceType InstanceTypes { get; } = new("instancetype.kubevirt.io", "v1beta1", "virtualmachineinstancetypes");

    /// <summary>Leases, which tell who leads.</summary>
    public static ResourceType Leases { get; } = new("coordination.k8s.io", "v1", "leases");
}
