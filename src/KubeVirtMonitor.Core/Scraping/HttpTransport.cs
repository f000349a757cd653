using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Text;

namespace KubeVirtMonitor.Scraping;

/// <summary>Connections under one policy (TLS, proxy), kept open between scrapes.</summary>
internal sealed class HttpTransport : IDisposable
{
    private const int MostAuthorities = 20_000;

    // Longer than any usual scrape interval, so that a repeated scrape finds its connection still there.
    private static readonly HttpRequestOptionsKey<DateTimeOffset> ConnectedKey = new("connected");

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

    /// <summary>When the connection was made for which a request had to wait; null where there was one.</summary>
    public static DateTimeOffset? ConnectedFor(HttpRequestMessage? request) => request?.Options.TryGetValue(ConnectedKey, out DateTimeOffset connected) == true ? connected : null;

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
        context.InitialRequestMessage.Options.Set(ConnectedKey, DateTimeOffset.UtcNow);
        if (context.PlaintextStream is SslStream { RemoteCertificate: System.Security.Cryptography.X509Certificates.X509Certificate2 certificate }
            && context.InitialRequestMessage.RequestUri is { } uri)
        {
            if (_expiry.Count > MostAuthorities) _expiry.Clear();
            _expiry[uri.Authority] = new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
        }

        return ValueTask.FromResult(context.PlaintextStream);
    }
}

/// <summary>The open connections of the process, by policy. Thread-safe.</summary>
internal sealed class TransportPool(int capacity = 32) : IDisposable
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly object _lock = new();
    private long _clock;

    public static TransportPool Shared { get; } = new();

    public int Count
    {
        get
        {
            lock (_lock) return _entries.Count;
        }
    }

    /// <summary>Lends the transport of a policy; connections stay open when it is given back.</summary>
    public Lease Rent(TlsOptions tls, ProxyPolicy proxy, string identity)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(identity, out Entry? entry))
            {
                MakeRoom();
                entry = new Entry(new HttpTransport(tls, proxy));
                _entries.Add(identity, entry);
            }

            entry.Users++;
            entry.LastUse = ++_clock;
            return new Lease(this, entry);
        }
    }

    /// <summary>Closes every connection that is not in use.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach ((string identity, Entry entry) in _entries.Where(pair => pair.Value.Users == 0).ToArray()) Remove(identity, entry);
        }
    }

    private void MakeRoom()
    {
        if (_entries.Count < capacity) return;
        KeyValuePair<string, Entry> oldest = _entries.Where(pair => pair.Value.Users == 0).MinBy(pair => pair.Value.LastUse);
        if (oldest.Value is not null) Remove(oldest.Key, oldest.Value);
    }

    private void Remove(string identity, Entry entry)
    {
        _entries.Remove(identity);
        entry.Transport.Dispose();
    }

    internal sealed class Entry(HttpTransport transport)
    {
        public HttpTransport Transport { get; } = transport;

        public int Users { get; set; }

        public long LastUse { get; set; }
    }

    internal readonly struct Lease(TransportPool pool, Entry entry) : IDisposable
    {
        public HttpTransport Transport => entry.Transport;

        public void Dispose()
        {
            lock (pool._lock) entry.Users--;
        }
    }
}

/// <summary>Which proxy, if any, requests go through.</summary>
internal sealed class ProxyPolicy
{
    // Keys of shared connections tell credentials apart without holding them in a form that could be read from a dump of the key.
    private static readonly byte[] IdentityKey = RandomNumberGenerator.GetBytes(32);

    private readonly bool _none;
    private readonly NetworkCredential? _credential;

    public ProxyPolicy(ScrapeOptions options)
    {
        _none = options.NoProxy;
        if (_none || options.Proxy is not { } proxy) return;
        if (!proxy.IsAbsoluteUri || proxy.Scheme is not ("http" or "https" or "socks4" or "socks4a" or "socks5"))
            throw new ScrapeException(ScrapeError.InvalidOption, ShownUri.From(proxy), "this is not a proxy address") { Setting = Setting.Proxy };
        _credential = options.ProxyCredential ?? ScrapeTarget.CredentialOf(proxy);
        Address = new UriBuilder(proxy) { UserName = "", Password = "" }.Uri;
    }

    /// <summary>The proxy the user named, without user information.</summary>
    public Uri? Address { get; }

    public void ApplyTo(SocketsHttpHandler handler)
    {
        handler.UseProxy = !_none;
        if (Address is not null) handler.Proxy = new WebProxy(Address) { Credentials = _credential };
    }

    public string Identity()
    {
        if (_none) return "none";
        if (Address is null) return "default";
        if (_credential is null) return Address.AbsoluteUri;
        byte[] secret = Encoding.UTF8.GetBytes($"{_credential.Domain}\0{_credential.UserName}\0{_credential.Password}");
        return Address.AbsoluteUri + '|' + Convert.ToHexString(HMACSHA256.HashData(IdentityKey, secret));
    }
}

/// <summary>A transport to a target other than the scraper's own connection, such as port forwarding. Thread-safe.</summary>
internal interface IScrapeTransport
{
    /// <summary>Sends a request to the target's address, whatever way it goes.</summary>
    /// <param name="request">The request; its address is the target's own.</param>
    /// <returns>The answer as soon as its headers are there. Any status is an answer.</returns>
    /// <exception cref="HttpRequestException">No answer came.</exception>
    /// <exception cref="ScrapeException">No answer came, and the way itself knows why.</exception>
    Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken);

    /// <summary>When the certificate last seen at the address ends; null where none is seen this way.</summary>
    DateTimeOffset? CertificateExpires(Uri uri);

    /// <summary>An error of a target that is reached this way, with what to do about it here.</summary>
    ScrapeException Explain(ScrapeException error);
}
