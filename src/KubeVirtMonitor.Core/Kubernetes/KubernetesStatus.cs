using KubeVirtMonitor.Net;

namespace KubeVirtMonitor;

/// <summary>A Status object of the Kubernetes API: why a request was refused.</summary>
public sealed record KubernetesStatus
{
    /// <summary>The HTTP status code it stands for; 0 when it does not say.</summary>
    public int Code { get; init; }

    /// <summary>Whether it says that all went well, as kubelet does of a command.</summary>
    internal bool IsSuccess { get; init; }

    /// <summary>One word, such as <c>Forbidden</c>, <c>Conflict</c>, <c>Invalid</c>, <c>Expired</c>; empty when it does not say.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The server's own sentence.</summary>
    public string Message { get; init; } = "";

    /// <summary>The kind or resource it is about; empty when it does not say.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The API group of that kind; empty for the core group.</summary>
    public string Group { get; init; } = "";

    /// <summary>The object it is about; empty when it does not say.</summary>
    public string Name { get; init; } = "";

    /// <summary>How long the server asks to wait before trying again; null when it does not.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What exactly is wrong, for a request that is invalid.</summary>
    public IReadOnlyList<KubernetesStatusCause> Causes { get; init; } = [];

    /// <summary>With reason Expired: the token that goes on with the list, of a newer state.</summary>
    public string? Continue { get; init; }

    /// <summary>The same, fit to be shown: without secrets, and without what could steer a terminal.</summary>
    internal KubernetesStatus Shown(ForeignText foreign) => this with
    {
        Reason = foreign.Line(Reason),
        Message = foreign.Scrub(Message),
        Kind = foreign.Line(Kind),
        Group = foreign.Line(Group),
        Name = foreign.Line(Name, 300),
        Causes = [.. Causes.Select(cause => new KubernetesStatusCause(foreign.Line(cause.Reason), foreign.Line(cause.Field, 1000), foreign.Scrub(cause.Message)))],
        // Opaque, and to be sent back as it is; one that holds a secret is no token of a list.
        Continue = Continue is not null && foreign.Holds(Continue) ? null : Continue,
    };
}
