namespace KubeVirtMonitor;

/// <summary>How patient a client is.</summary>
public sealed record KubernetesClientOptions
{
    /// <summary>How long the server may be silent: before it answers, and between two pieces of an answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection may take to come about, TLS and proxy included.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a GET is sent again after 429, 5xx or a broken connection; and a write after 429 or 5xx with a Retry-After, as client-go does.</summary>
    public int MaximumRetryCount { get; init; } = 5;

    /// <summary>The wait before the first retry; it doubles from there.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest wait between two attempts. A server that asks for more gets its error passed on.</summary>
    public TimeSpan MaximumRetryInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What the client calls itself; null = <c>KubeVirtMonitor/version</c>.</summary>
    public string? UserAgent { get; init; }

    /// <summary>Clock and timers; null = those of the system.</summary>
    public TimeProvider? Time { get; init; }

    internal TimeProvider Clock => Time ?? TimeProvider.System;
}
