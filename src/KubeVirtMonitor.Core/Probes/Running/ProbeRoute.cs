namespace KubeVirtMonitor;

/// <summary>The way from here to an instance.</summary>
public enum ProbeRoute
{
    /// <summary>Direct where the addresses of instances can be reached, else PortForward.</summary>
    Auto,

    /// <summary>To the address of the instance, as kubelet does it.</summary>
    Direct,

    /// <summary>Through KubeVirt's port-forward: API server, virt-api, instance. Works from everywhere with the permission <c>get virtualmachineinstances/portforward</c> of subresources.kubevirt.io.</summary>
    PortForward,

    /// <summary>By a command in virt-launcher's container <c>compute</c>: the way of guest agent ping and exec, and theirs alone. Takes the permission <c>pods/exec</c>.</summary>
    Exec,
}
