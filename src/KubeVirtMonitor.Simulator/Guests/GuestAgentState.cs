namespace KubeVirtMonitor.Simulator.Guests;

/// <summary>How the guest agent of a guest is.</summary>
public enum GuestAgentState
{
    /// <summary>It answers.</summary>
    Answering,

    /// <summary>It is connected and says nothing: libvirt's ERR_AGENT_UNRESPONSIVE.</summary>
    Silent,

    /// <summary>There is none: libvirt's ERR_AGENT_UNRESPONSIVE as well.</summary>
    Absent,
}
