using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Reads how a target is reached.</summary>
internal static class ConnectionReader
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The options of the scraper.</summary>
    /// <param name="scope">The instance.</param>
    /// <param name="target">Its target.</param>
    /// <param name="limits">Sizes and retries.</param>
    /// <exception cref="ScrapeException">An option cannot be used.</exception>
    public static ScrapeOptions Read(InstanceScope scope, ScrapeTarget target, ScrapeOptions limits)
    {
        OptionReader options = scope.Options;
        Identity identity = IdentityReader.Read(scope);
        List<KeyValuePair<string, string>> headers = [.. identity.Headers];
        if (options.Flag("use_latest_spec") is { } latest) AddHeader(headers, "Accept", latest ? "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1" : "text/plain");
        if (options.Flag("persist_connections") == false) AddHeader(headers, "Connection", "close");
        ScrapeOptions connection = new()
        {
            Timeout = TimeoutOf(options),
            MaximumRedirection = options.Flag("allow_redirects") == false ? 0 : limits.MaximumRedirection,
            MaximumRetryCount = limits.MaximumRetryCount,
            RetryInterval = limits.RetryInterval,
            MaximumBodySize = limits.MaximumBodySize,
            MaximumCompressedSize = limits.MaximumCompressedSize,
            ThrottleLimit = limits.ThrottleLimit,
            Headers = headers,
            Token = identity.Token,
            Credential = identity.Credential,
            Secrets = identity.Secrets,
            Tls = TlsReader.Read(scope, target, identity),
            Proxy = ProxyReader.Read(options, target.Uri!, out bool skip),
            NoProxy = skip,
        };
        Check(scope, target, connection, identity);
        return connection;
    }

    private static TimeSpan TimeoutOf(OptionReader options)
    {
        TimeSpan both = options.Seconds("timeout") ?? DefaultTimeout;
        TimeSpan? connect = options.Seconds("connect_timeout");
        TimeSpan? read = options.Seconds("read_timeout");
        return connect is null && read is null ? both : (connect ?? both) + (read ?? both);
    }

    private static void Check(InstanceScope scope, ScrapeTarget target, ScrapeOptions connection, Identity identity)
    {
        bool secret = identity.HasSecret || target.UriCredential is not null || target.HealthUri?.UserInfo.Length > 0;
        foreach (Uri uri in new[] { target.Uri!, target.HealthUri }.OfType<Uri>())
        {
            if (secret && uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback)
                throw scope.Options.Bad(uri == target.Uri ? "metrics endpoint" : "healthz endpoint", "the token, password or cookie would go over the network unencrypted", "Write https:// in the address: what a file names is sent over TLS only.");
        }

        try
        {
            _ = new HttpGet(TransportPool.Shared, connection);
        }
        catch (ScrapeException e)
        {
            (string option, string advice) = e.Setting switch
            {
                Setting.Headers => ("headers", "Write names like X-Scope-OrgID and values of one line."),
                Setting.Token => ("auth_token", "Correct the value."),
                Setting.ClientCertificate => ("tls_cert", "Correct the value."),
                _ => ("proxy", "Correct the value."),
            };
            throw scope.Options.Bad(option, e.What, advice, e);
        }
    }

    private static void AddHeader(List<KeyValuePair<string, string>> headers, string name, string value)
    {
        if (!headers.Exists(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase))) headers.Add(new(name, value));
    }
}
