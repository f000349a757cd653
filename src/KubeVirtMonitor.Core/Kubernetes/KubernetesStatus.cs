namespace KubeVirtMonitor;

/// <summary>A Status object of the Kubernetes API: why a request was refused.</summary>
public sealed record KubernetesStatus
{
    /// <summary>The HTTP status code it stands for; 0 when it does not say.</summary>
    public int Code { get; init; }

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
}
