namespace KubeVirtMonitor.Simulator;

/// <summary>What can be wrong with an endpoint.</summary>
public enum FaultKind
{
    /// <summary>The headers come late.</summary>
    Slow,

    /// <summary>The body trickles, a few bytes every tenth of a second.</summary>
    Trickle,

    /// <summary>The connection breaks within a chunked body.</summary>
    Cut,

    /// <summary>The connection breaks before the announced length is reached.</summary>
    CutLength,

    /// <summary>503, as a virt-handler at its limit answers.</summary>
    Busy,

    /// <summary>An HTML page.</summary>
    Html,

    /// <summary>Random bytes.</summary>
    Binary,

    /// <summary>A line that is very long, among good ones.</summary>
    LongLine,

    /// <summary>A good scrape, followed by series up to a size.</summary>
    Huge,

    /// <summary>A body that never ends.</summary>
    Endless,

    /// <summary>A small body that decompresses to a huge one.</summary>
    GzipBomb,

    /// <summary>The connection is reset in place of an answer.</summary>
    Reset,

    /// <summary>A status code in place of an answer.</summary>
    Status,

    /// <summary>A redirection to another path or host.</summary>
    Redirect,

    /// <summary>The health checks fail; the metrics are fine.</summary>
    Unhealthy,

    /// <summary>The certificate is signed by another authority.</summary>
    OtherAuthority,

    /// <summary>The certificate has expired.</summary>
    Expired,

    /// <summary>The certificate names another host.</summary>
    WrongName,
}
