namespace KubeVirtMonitor;

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
