using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;

namespace KubeVirtMonitor.Scraping;

/// <summary>Connections under one policy (TLS, proxy), kept open between scrapes.</summary>
internal sealed class HttpTransport : IDisposable
{
    private const int MostAuthorities = 20_000;

    // Longer than any usual scrape interval, so that a repeated scrape finds its connection still there.
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _expiry = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, bool> _wanting = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Makes a transport; nothing is connected yet.</summary>
    /// <param name="tls">How servers are verified.</param>
    /// <param name="proxy">What requests go through.</param>
    /// <param name="configure">Changes the handler, for connections that come about in another way; null = nothing.</param>
    public HttpTransport(TlsOptions tls, ProxyPolicy proxy, Action<SocketsHttpHandler>? configure = null)
    {
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            PreAuthenticate = false,
            ActivityHeadersPropagator = null,
            PooledConnectionIdleTimeout = IdleTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(30),
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
            SslOptions = new TlsVerifier(tls, NoteWanting).ToSslOptions(),
            PlaintextStreamFilter = NoteCertificate,
        };
        proxy.ApplyTo(handler);
        configure?.Invoke(handler);
        Invoker = new HttpMessageInvoker(handler);
    }

    public HttpMessageInvoker Invoker { get; }

    /// <summary>When the certificate last seen at the authority ends; null for plain HTTP.</summary>
    public DateTimeOffset? CertificateExpires(Uri uri) =>
        uri.Scheme == Uri.UriSchemeHttps && _expiry.TryGetValue(uri.Authority, out DateTimeOffset expires) ? expires : null;

    /// <summary>Whether a server of that name has asked for a client certificate, and got none.</summary>
    public bool WantsCertificate(string host) => _wanting.ContainsKey(host.TrimEnd('.'));

    public void Dispose() => Invoker.Dispose();

    private void NoteWanting(string host)
    {
        if (_wanting.Count > MostAuthorities) _wanting.Clear();
        _wanting[host.TrimEnd('.')] = true;
    }

    // The validation callback does not know the address, only the server name, which many targets share.
    private ValueTask<Stream> NoteCertificate(SocketsHttpPlaintextStreamFilterContext context, CancellationToken cancellationToken)
    {
        if (context.PlaintextStream is SslStream { RemoteCertificate: System.Security.Cryptography.X509Certificates.X509Certificate2 certificate }
            && context.InitialRequestMessage.RequestUri is { } uri)
        {
            if (_expiry.Count > MostAuthorities) _expiry.Clear();
            _expiry[uri.Authority] = new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
        }

        return ValueTask.FromResult(context.PlaintextStream);
    }
}
