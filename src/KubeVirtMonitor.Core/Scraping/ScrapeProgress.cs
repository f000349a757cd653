using System.Net;

namespace KubeVirtMonitor.Scraping;

/// <summary>How far the scrape of one target has come; read when it fails.</summary>
internal sealed class ScrapeProgress
{
    public ScrapePhase Phase { get; set; }

    public HttpStatusCode? StatusCode { get; set; }

    public Uri? FinalUri { get; set; }

    public DateTimeOffset? CertificateExpires { get; set; }

    public int Attempts { get; set; }

    /// <summary>Bytes as they came, compressed or not.</summary>
    public long WireBytes { get; set; }

    /// <summary>Bytes of exposition text.</summary>
    public long BodyBytes { get; set; }

    /// <summary>Whether the reader has seen any of them; from then on nothing can be tried again.</summary>
    public bool HandedOn { get; set; }
}

/// <summary>What a scrape is busy with.</summary>
internal enum ScrapePhase
{
    Waiting,
    Body,
    Retry,
}
