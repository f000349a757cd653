using System.Net;

namespace KubeVirtMonitor.Scraping;

/// <summary>How targets are reached, and the limits for what is read.</summary>
internal sealed class ScrapeOptions
{
    // No record, whose text would have the secrets in it.
    private TimeSpan _timeout = TimeSpan.FromSeconds(30);
    private string? _token;
    private TlsOptions _tls = TlsOptions.Default;

    /// <summary>Longest a target may take, from connecting to the last byte, retries included; not counted is the time its consumer takes. Infinite = no limit.</summary>
    public TimeSpan Timeout
    {
        get => _timeout;
        init => _timeout = value;
    }

    /// <summary>How often a busy target (503, 429) or one that reset the connection is asked again.</summary>
    public int MaximumRetryCount { get; init; } = 3;

    /// <summary>The wait before the first retry, about; it doubles with each. A longer Retry-After of the server goes before it.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How many redirects are followed.</summary>
    public int MaximumRedirection { get; init; } = 5;

    /// <summary>Most bytes of exposition text of one target, uncompressed.</summary>
    public long MaximumBodySize { get; init; } = 512L << 20;

    /// <summary>Most bytes of a compressed body, as they come over the wire or from the file.</summary>
    public long MaximumCompressedSize { get; init; } = 128L << 20;

    /// <summary>Whether to ask for gzip.</summary>
    public BodyCompression Compression { get; init; }

    /// <summary>
    /// Headers to send; they go before the module's own, and never to a host that a redirect leads to. A Host header is also the name that
    /// the server's certificate has to carry, unless <see cref="TlsOptions.ServerName"/> says another.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>A bearer token; null = none.</summary>
    public string? Token
    {
        get => _token;
        init => _token = value;
    }

    /// <summary>User and password, sent as basic authentication with the first request; null = none.</summary>
    public NetworkCredential? Credential { get; init; }

    /// <summary>What <see cref="Headers"/> carry in confidence, so that it is taken out of what servers say, and never sent unencrypted to another machine.</summary>
    internal IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>Lets a token or credential go over plain HTTP to another machine.</summary>
    public bool AllowUnencryptedAuthentication { get; init; }

    /// <summary>The proxy; null = the one of the environment (<c>https_proxy</c>, <c>no_proxy</c>), or of the system on Windows and macOS.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>User and password for the proxy; null = those in its address, else none.</summary>
    public NetworkCredential? ProxyCredential { get; init; }

    /// <summary>Goes past every proxy.</summary>
    public bool NoProxy { get; init; }

    /// <summary>How servers are verified.</summary>
    public TlsOptions Tls
    {
        get => _tls;
        init => _tls = value;
    }

    /// <summary>How many targets are scraped at the same time.</summary>
    public int ThrottleLimit { get; init; } = 32;

    /// <summary>The same with another limit of time.</summary>
    public ScrapeOptions WithTimeout(TimeSpan timeout)
    {
        ScrapeOptions copy = (ScrapeOptions)MemberwiseClone();
        copy._timeout = timeout;
        return copy;
    }

    /// <summary>The same with another token, and another way to verify servers.</summary>
    public ScrapeOptions WithAccess(string? token, TlsOptions tls)
    {
        ScrapeOptions copy = (ScrapeOptions)MemberwiseClone();
        (copy._token, copy._tls) = (token, tls);
        return copy;
    }
}
