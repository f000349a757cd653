namespace KubeVirtMonitor.Simulator.Api;

/// <summary>What goes wrong with a request to the API server.</summary>
public enum ApiFaultKind
{
    /// <summary>401, as with a token that has expired.</summary>
    Unauthorized,

    /// <summary>403 with the words of RBAC.</summary>
    Forbidden,

    /// <summary>429 with Retry-After.</summary>
    Throttle,

    /// <summary>503 with Retry-After.</summary>
    Unavailable,

    /// <summary>A status code of choice.</summary>
    Status,

    /// <summary>The connection breaks after some bytes of the body.</summary>
    Drop,

    /// <summary>The connection breaks before any answer.</summary>
    Reset,

    /// <summary>The answer comes late.</summary>
    Slow,

    /// <summary>A continue token is answered with 410.</summary>
    Expired,

    /// <summary>Items that are not what they should be stand among the items of a list.</summary>
    MalformedItems,

    /// <summary>The body is HTML, as a proxy or a login page sends it.</summary>
    Html,

    /// <summary>The body is cut, and ends as if it were complete.</summary>
    Truncated,
}
