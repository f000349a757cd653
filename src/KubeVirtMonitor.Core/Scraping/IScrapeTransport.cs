namespace KubeVirtMonitor.Scraping;

/// <summary>A way to a target other than a connection of the scraper's own, such as a tunnel. Thread-safe.</summary>
internal interface IScrapeTransport
{
    /// <summary>Sends a request to the target's address, whatever way it goes.</summary>
    /// <param name="request">The request; its address is the target's own.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <returns>The answer as soon as its headers are there. Any status is an answer.</returns>
    /// <exception cref="HttpRequestException">No answer came.</exception>
    /// <exception cref="ScrapeException">No answer came, and the way itself knows why.</exception>
    Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken);

    /// <summary>When the certificate last seen at the address ends; null where none is seen this way.</summary>
    DateTimeOffset? CertificateExpires(Uri uri);

    /// <summary>An error of a target that is reached this way, with what to do about it here.</summary>
    ScrapeException Explain(ScrapeException error);
}
