using System.Net;
using System.Text;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Scraping;

/// <summary>One request to one address, redirects followed. Any status is an answer.</summary>
internal sealed class HttpGet
{
    private readonly TransportPool _pool;
    private readonly ScrapeOptions _options;
    private readonly ProxyPolicy _proxy;
    private readonly TlsOptions _strangerTls;
    private readonly string _identity;
    private readonly string _strangerIdentity;

    public HttpGet(TransportPool pool, ScrapeOptions options)
    {
        if (options.Tls.ClientCertificate is [var own, ..] && !own.HasPrivateKey)
            throw new ScrapeException(ScrapeError.InvalidOption, nameof(Setting.ClientCertificate), "the client certificate has no private key") { Setting = Setting.ClientCertificate };
        _pool = pool;
        _options = options;
        _proxy = new ProxyPolicy(options);
        Headers = new RequestHeaders(options);
        _identity = $"{options.Tls.Identity()}|{_proxy.Identity()}";
        _strangerTls = options.Tls with { ServerName = null, ClientCertificate = null };
        _strangerIdentity = $"{_strangerTls.Identity()}|{_proxy.Identity()}";
    }

    public RequestHeaders Headers { get; }

    /// <summary>Sends the request and follows redirects, until the headers of an answer are there.</summary>
    /// <param name="name">The name of the target in messages.</param>
    /// <param name="fromUri">User and password that the address carried.</param>
    /// <param name="transport">The way to the address; null = a connection of the pool.</param>
    /// <param name="deadline">The time there is.</param>
    /// <param name="content">What is asked for, and what is sent along; null = a scrape.</param>
    /// <exception cref="ScrapeException">No answer came, or it led nowhere.</exception>
    public async Task<HttpAnswer> SendAsync(string name, Uri uri, NetworkCredential? fromUri, IScrapeTransport? transport, Deadline deadline, RequestContent? content = null)
    {
        content ??= RequestContent.Scrape;
        Uri first = uri;
        bool left = false;
        for (int redirects = 0; ; redirects++)
        {
            HttpAnswer answer = await SendOneAsync(name, uri, content, left, fromUri, left ? null : transport, deadline).ConfigureAwait(false);
            if (!IsRedirect(answer.Response.StatusCode)) return answer;
            using (answer)
            {
                if (redirects == _options.MaximumRedirection)
                    throw new ScrapeException(ScrapeError.TooManyRedirects, name, $"more than {redirects} redirects, the last to {Headers.ForeignAt(first, fromUri).Line(ShownTarget(answer, uri), 400)}");
                uri = NextUri(name, answer, uri, Headers.ForeignAt(first, fromUri));
            }

            // Once left, the chain of redirects is in a stranger's hand, even where it leads back.
            left |= !IsSameHost(first, uri);
            if (answer.Response.StatusCode == HttpStatusCode.SeeOther || (left && answer.Response.StatusCode == HttpStatusCode.Found)) content = content with { Form = null };
        }
    }

    private async Task<HttpAnswer> SendOneAsync(string name, Uri uri, RequestContent content, bool left, NetworkCredential? fromUri, IScrapeTransport? transport, Deadline deadline)
    {
        RefuseUnencrypted(name, uri, left, fromUri);
        if (transport is not null) return await SendByAsync(transport, name, uri, content, fromUri, deadline).ConfigureAwait(false);
        TransportPool.Lease lease = left
            ? _pool.Rent(_strangerTls, _proxy, _strangerIdentity)
            : _pool.Rent(_options.Tls, _proxy, _identity);
        HttpRequestMessage request = Request(uri, content, !left, _options.Tls.ServerName, fromUri);
        try
        {
            HttpResponseMessage response = await lease.Transport.Invoker.SendAsync(request, deadline.Token).ConfigureAwait(false);
            return new HttpAnswer(response, uri, left, lease.Transport.CertificateExpires(uri), lease);
        }
        catch (Exception e)
        {
            using TransportPool.Lease ended = lease;
            if (e is HttpRequestException failure && !deadline.Token.IsCancellationRequested) throw HttpFailures.FromRequest(name, failure, _proxy.Address, WantsCertificate(lease.Transport, uri));
            throw;
        }
    }

    private async Task<HttpAnswer> SendByAsync(IScrapeTransport transport, string name, Uri uri, RequestContent content, NetworkCredential? fromUri, Deadline deadline)
    {
        try
        {
            HttpResponseMessage response = await transport.SendAsync(Request(uri, content, trusted: true, serverName: null, fromUri), deadline.Token).ConfigureAwait(false);
            return new HttpAnswer(response, uri, leftHost: false, transport.CertificateExpires(uri), lease: null);
        }
        catch (HttpRequestException failure) when (!deadline.Token.IsCancellationRequested)
        {
            throw HttpFailures.FromRequest(name, failure, proxy: null);
        }
        catch (OperationCanceledException cancelled) when (cancelled.InnerException is TimeoutException && !deadline.Token.IsCancellationRequested)
        {
            throw HttpFailures.NoConnection(name, cancelled);
        }
    }

    private HttpRequestMessage Request(Uri uri, RequestContent content, bool trusted, string? serverName, NetworkCredential? fromUri)
    {
        HttpRequestMessage request = new(HttpMethod.Get, uri) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        if (content.Form is { } form)
        {
            request.Method = HttpMethod.Post;
            request.Content = new ByteArrayContent(form);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded");
        }

        Headers.ApplyTo(request, content.Accept, trusted, _options.Compression == BodyCompression.Gzip, serverName, fromUri);
        return request;
    }

    private void RefuseUnencrypted(string name, Uri uri, bool left, NetworkCredential? fromUri)
    {
        if (left || uri.Scheme == Uri.UriSchemeHttps || uri.IsLoopback || _options.AllowUnencryptedAuthentication) return;
        if (!Headers.HasAuthentication && fromUri is null) return;
        throw new ScrapeException(ScrapeError.UnencryptedAuthentication, name, "the token, credential or cookie would be sent over the network unencrypted");
    }

    // Null where the server got a certificate, whatever it thought of it.
    private bool? WantsCertificate(HttpTransport transport, Uri uri) => _options.Tls.ClientCertificate is { Count: > 0 } ? null : transport.WantsCertificate(_options.Tls.ServerName ?? uri.IdnHost);

    private static Uri NextUri(string name, HttpAnswer answer, Uri from, ForeignText foreign)
    {
        if (answer.Response.Headers.Location is not { } location)
            throw new ScrapeException(ScrapeError.BadRedirect, name, $"the server answered {(int)answer.Response.StatusCode} without a location to redirect to") { StatusCode = answer.Response.StatusCode };
        Uri to = location.IsAbsoluteUri ? location : new Uri(from, location);
        if (to.Scheme != Uri.UriSchemeHttp && to.Scheme != Uri.UriSchemeHttps)
            throw new ScrapeException(ScrapeError.BadRedirect, name, $"a redirect leads to a {foreign.Line(to.Scheme, 20)} address");
        if (from.Scheme == Uri.UriSchemeHttps && to.Scheme == Uri.UriSchemeHttp)
            throw new ScrapeException(ScrapeError.BadRedirect, name, $"a redirect leads from https to the unencrypted {foreign.Line(ShownUri.From(to), 400)}");
        return to;
    }

    private static string ShownTarget(HttpAnswer answer, Uri from) =>
        answer.Response.Headers.Location is { } location && Uri.TryCreate(from, location, out Uri? to) ? ShownUri.From(to) : "nowhere";

    private static bool IsRedirect(HttpStatusCode status) =>
        status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    // The same host on another port is another service. Only the usual step from port 80 to 443 counts as staying.
    private static bool IsSameHost(Uri first, Uri next) =>
        string.Equals(first.IdnHost, next.IdnHost, StringComparison.OrdinalIgnoreCase)
        && ((first.Scheme == next.Scheme && first.Port == next.Port) || (first is { Scheme: "http", Port: 80 } && next is { Scheme: "https", Port: 443 }));
}

/// <summary>What a request asks for, and what it sends along.</summary>
/// <param name="Accept">The formats that are read, as the header has them.</param>
/// <param name="Form">The parameters of a form, which is posted; null = nothing is sent, and the request is a GET.</param>
internal sealed record RequestContent(string Accept, byte[]? Form = null)
{
    /// <summary>What Prometheus sends for a scrape, with the formats that are read here.</summary>
    public static RequestContent Scrape { get; } = new("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1");
}

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

/// <summary>The headers of every request of a run, made once.</summary>
internal sealed class RequestHeaders
{
    private static readonly string Agent = $"KubeVirtMonitor/{typeof(RequestHeaders).Assembly.GetName().Version?.ToString(3)}";

    private readonly KeyValuePair<string, string>[] _user;
    private readonly string? _authorization;
    private readonly bool _ownAccept;
    private readonly bool _ownAgent;
    private readonly bool _ownHost;
    private readonly bool _ownEncoding;

    public RequestHeaders(ScrapeOptions options)
    {
        _user = [.. options.Headers];
        foreach (KeyValuePair<string, string> header in _user) Check(header);
        if (options.Token is not null && options.Credential is not null)
            throw Invalid(Setting.Credential, "a request can have a token or a credential, but not both");
        if (options.Token is { } token)
        {
            if (token.Length == 0 || token.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c > '~'))
                throw Invalid(Setting.Token, "the token is empty, or contains spaces, line breaks or other characters that are not allowed in a token");
            _authorization = "Bearer " + token;
        }
        else if (options.Credential is { } credential)
        {
            _authorization = Basic(credential);
        }

        _ownAccept = Has("Accept");
        _ownAgent = Has("User-Agent");
        _ownHost = Has("Host");
        _ownEncoding = Has("Accept-Encoding");
        HasAuthentication = _authorization is not null || Has("Authorization") || Has("Cookie") || options.Secrets.Count > 0;
        Foreign = new ForeignText(
        [
            options.Token,
            .. Secrets.OfCredential(options.Credential),
            .. _user.SelectMany(header => Secrets.OfHeader(header.Key, header.Value)),
            .. options.Secrets,
            .. Secrets.OfCredential(options.ProxyCredential),
            .. Secrets.OfAddress(options.Proxy),
            .. _authorization is { } sent ? Secrets.OfHeader("Authorization", sent) : [],
        ]);
    }

    /// <summary>Whether requests carry something that must not go over an unencrypted connection.</summary>
    public bool HasAuthentication { get; }

    /// <summary>What shows the text of servers that got these headers.</summary>
    public ForeignText Foreign { get; }

    /// <summary>Puts the headers on a request.</summary>
    /// <param name="accept">The formats that are read.</param>
    /// <param name="trusted">False for a host that a redirect led to: it gets none of the user's headers and secrets.</param>
    /// <param name="gzip">Whether to ask for gzip.</param>
    /// <param name="serverName">The expected server name, or null.</param>
    /// <param name="fromUri">User and password of the address, used where the options hold no authentication.</param>
    public void ApplyTo(HttpRequestMessage request, string accept, bool trusted, bool gzip, string? serverName, NetworkCredential? fromUri)
    {
        System.Net.Http.Headers.HttpRequestHeaders headers = request.Headers;
        if (!trusted || !_ownAccept) headers.TryAddWithoutValidation("Accept", accept);
        if (!trusted || !_ownAgent) headers.TryAddWithoutValidation("User-Agent", Agent);
        if (!trusted || !_ownEncoding) headers.TryAddWithoutValidation("Accept-Encoding", gzip ? "gzip" : "identity");
        if (!trusted) return;
        foreach (KeyValuePair<string, string> header in _user) headers.TryAddWithoutValidation(header.Key, header.Value);
        if (_authorization is not null)
        {
            headers.Remove("Authorization");
            headers.TryAddWithoutValidation("Authorization", _authorization);
        }
        else if (fromUri is not null && !HasAuthentication)
        {
            headers.TryAddWithoutValidation("Authorization", Basic(fromUri));
        }

        // The platform takes the SNI name from here, and from nowhere else.
        if (serverName is not null && !_ownHost && request.RequestUri!.Scheme == Uri.UriSchemeHttps)
            headers.Host = request.RequestUri.IsDefaultPort ? serverName : $"{serverName}:{request.RequestUri.Port}";
    }

    /// <summary>What shows the text of a server that also got what an address carries.</summary>
    public ForeignText ForeignAt(Uri uri, NetworkCredential? fromUri) =>
        Foreign.With([.. Secrets.OfAddress(uri), .. Secrets.OfCredential(fromUri), .. fromUri is null ? [] : Secrets.OfHeader("Authorization", Basic(fromUri))]);

    private static string Basic(NetworkCredential credential)
    {
        string user = credential.Domain.Length == 0 ? credential.UserName : $@"{credential.Domain}\{credential.UserName}";
        return "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{credential.Password}"));
    }

    private static void Check(KeyValuePair<string, string> header)
    {
        using HttpRequestMessage probe = new();
        bool usable = header.Key.All(c => c is > ' ' and < '\x7f') && !header.Value.AsSpan().ContainsAny("\r\n\0");
        if (usable && probe.Headers.TryAddWithoutValidation(header.Key, header.Value)) return;
        string name = CertificateNames.Clean(header.Key);
        throw Invalid(Setting.Headers, $"'{name}' is not a request header, or its value contains a line break");
    }

    private static ScrapeException Invalid(Setting setting, string what) => new(ScrapeError.InvalidOption, setting.ToString(), what) { Setting = setting };

    private bool Has(string name) => _user.Any(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase));
}
