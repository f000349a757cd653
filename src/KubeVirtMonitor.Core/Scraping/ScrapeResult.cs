using System.Net;
using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.Scraping;

/// <summary>How the scrape of one target went.</summary>
internal sealed record ScrapeResult
{
    /// <summary>The target.</summary>
    public required ScrapeTarget Target { get; init; }

    /// <summary>What was read, also where the body broke off; null where there was none.</summary>
    public ScrapeSummary? Summary { get; init; }

    /// <summary>Why it failed; null where it did not. Samples handed on before are good.</summary>
    public ScrapeException? Error { get; init; }

    /// <summary>What is no failure and hardly meant to be, as whole sentences: an answer, file or text without a single series.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Samples handed on, also by a scrape that failed later.</summary>
    public long Samples { get; init; }

    /// <summary>The first defects of the text, at most 20; <see cref="ScrapeSummary.Defects"/> has their number.</summary>
    public IReadOnlyList<ExpositionDefect> Defects { get; init; } = [];

    /// <summary>The last HTTP status; null for files, and where no answer came.</summary>
    public HttpStatusCode? StatusCode { get; init; }

    /// <summary>From the start to the last byte or the failure, retries included.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Requests made; 1 where nothing had to be tried again.</summary>
    public int Attempts { get; init; }

    /// <summary>Bytes of the body as they came over the wire or from the file.</summary>
    public long WireBytes { get; init; }

    /// <summary>Bytes of exposition text, uncompressed.</summary>
    public long BodyBytes { get; init; }

    /// <summary>Where redirects led, without secrets; null where there were none.</summary>
    public string? RedirectedTo { get; init; }

    /// <summary>When the server's certificate ends; null without TLS.</summary>
    public DateTimeOffset? CertificateExpires { get; init; }

    /// <summary>The health check, where there was one.</summary>
    public HealthCheckResult? Health { get; init; }
}
