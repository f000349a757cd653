namespace KubeVirtMonitor.Simulator.Api;

/// <summary>A fault of the API server, and which requests meet it. Null properties match everything.</summary>
/// <param name="Kind">What goes wrong.</param>
public sealed record ApiFault(ApiFaultKind Kind)
{
    /// <summary>The verb, such as <c>list</c>.</summary>
    public string? Verb { get; init; }

    /// <summary>The plural, such as <c>virtualmachines</c>; with a subresource as <c>pods/proxy</c>.</summary>
    public string? Resource { get; init; }

    /// <summary>The namespace of the request.</summary>
    public string? Namespace { get; init; }

    /// <summary>The page of a list, from 1: matches when so many pages of the resource have been sent since the last first page.</summary>
    public int? Page { get; init; }

    /// <summary>How many requests meet it before it is over; 0 = all.</summary>
    public int Times { get; init; }

    /// <summary>Seconds in Retry-After, of <see cref="ApiFaultKind.Throttle"/> and <see cref="ApiFaultKind.Unavailable"/>.</summary>
    public int RetryAfterSeconds { get; init; } = 1;

    /// <summary>Whether 503 comes as plain text, as a load balancer sends it, and not as a Status; 429 always does.</summary>
    public bool PlainText { get; init; }

    /// <summary>How late a slow answer comes.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes before a drop or a cut.</summary>
    public long Bytes { get; init; } = 4096;

    /// <summary>The status code of <see cref="ApiFaultKind.Status"/>.</summary>
    public int StatusCode { get; init; } = 500;
}
