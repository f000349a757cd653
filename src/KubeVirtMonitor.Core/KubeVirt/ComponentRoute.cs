namespace KubeVirtMonitor;

/// <summary>The way from here to a component.</summary>
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
