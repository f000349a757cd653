using System.Net;
using System.Text;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Scraping;

/// <summary>The headers of every request of a run, made once.</summary>
internal sealed class RequestHeaders
{
    // What Prometheus sends, with the formats that are read here.
    private const string Accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1";

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
            throw Invalid(Setting.Credential, "a request can carry a token or a credential, not both");
        if (options.Token is { } token)
        {
            if (token.Length == 0 || token.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c > '~'))
                throw Invalid(Setting.Token, "the token is empty, or holds blanks, line ends or other characters that no token has");
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
    /// <param name="request">The request.</param>
    /// <param name="trusted">False for a host that a redirect led to: it gets none of the user's headers and secrets.</param>
    /// <param name="gzip">Whether to ask for gzip.</param>
    /// <param name="serverName">The expected server name, or null.</param>
    /// <param name="fromUri">User and password of the address, used where the options hold no authentication.</param>
    public void ApplyTo(HttpRequestMessage request, bool trusted, bool gzip, string? serverName, NetworkCredential? fromUri)
    {
        System.Net.Http.Headers.HttpRequestHeaders headers = request.Headers;
        if (!trusted || !_ownAccept) headers.TryAddWithoutValidation("Accept", Accept);
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
        throw Invalid(Setting.Headers, $"'{name}' is no request header, or its value holds a line end");
    }

    private static ScrapeException Invalid(Setting setting, string what) => new(ScrapeError.InvalidOption, setting.ToString(), what) { Setting = setting };

    private bool Has(string name) => _user.Any(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase));
}
