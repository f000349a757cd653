namespace KubeVirtMonitor.Scraping;

/// <summary>The headers of an answer, and the body to come. Holds its connection until disposed.</summary>
internal sealed class HttpAnswer(HttpResponseMessage response, Uri finalUri, bool leftHost, DateTimeOffset? certificateExpires, IDisposable? lease) : IDisposable
{
    public HttpResponseMessage Response { get; } = response;

    /// <summary>Where it came from, after redirects.</summary>
    public Uri FinalUri { get; } = finalUri;

    /// <summary>Whether a redirect led to another host, which got no secrets.</summary>
    public bool LeftHost { get; } = leftHost;

    /// <summary>When the server's certificate ends; null for plain HTTP.</summary>
    public DateTimeOffset? CertificateExpires { get; } = certificateExpires;

    public void Dispose()
    {
        Response.Dispose();
        lease?.Dispose();
    }
}
