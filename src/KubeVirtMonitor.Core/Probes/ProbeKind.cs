namespace KubeVirtMonitor;

/// <summary>How a probe asks: one of the four handlers of KubeVirt's <c>v1.Probe</c>.</summary>
public enum ProbeKind
{
    /// <summary><c>httpGet</c>: kubelet sends a GET to the virt-launcher pod; a status of 200 to 399 is a success.</summary>
    HttpGet,

    /// <summary><c>tcpSocket</c>: kubelet opens a connection to the virt-launcher pod.</summary>
    TcpSocket,

    /// <summary><c>guestAgentPing</c>: virt-launcher pings the guest agent.</summary>
    GuestAgentPing,

    /// <summary><c>exec</c>: the guest agent runs a command in the guest; exit code 0 is a success.</summary>
    Exec,
}
