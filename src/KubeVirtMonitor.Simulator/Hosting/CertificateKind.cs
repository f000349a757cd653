namespace KubeVirtMonitor.Simulator;

/// <summary>Which certificate an endpoint shows.</summary>
public enum CertificateKind
{
    /// <summary>A right one.</summary>
    Right,

    /// <summary>One with the right names, signed by another authority.</summary>
    OtherAuthority,

    /// <summary>One that expired an hour ago.</summary>
    Expired,

    /// <summary>One that names another host.</summary>
    WrongName,
}
