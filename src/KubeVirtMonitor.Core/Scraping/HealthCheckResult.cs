using System.Net;

namespace KubeVirtMonitor.Scraping;

/// <summary>What a health address answered.</summary>
public sealed record HealthCheckResult
{
    /// <summary>The health address, without secrets.</summary>
    public required string Target { get; init; }

    /// <summary>Whether it answered with success.</summary>
    public bool CanConnect { get; init; }

    /// <summary>The HTTP status; null where no answer came.</summary>
    public HttpStatusCode? StatusCode { get; init; }

    /// <summary>The first KiB of the answer; null where none came.</summary>
    public string? Body { get; init; }

    /// <summary>From the start to the end of the answer, or to the failure.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>When the server's certificate ends; null without TLS.</summary>
    public DateTimeOffset? CertificateExpires { get; init; }

    /// <summary>When it was asked.</summary>
    public DateTimeOffset Timestamp { get; init; }

    /// <summary>Why it could not connect; null where it could.</summary>
    public ScrapeException? Error { get; init; }
}
