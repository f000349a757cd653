namespace KubeVirtMonitor;

/// <summary>How a server that no kubeconfig describes is verified and reached.</summary>
public sealed record ServerOptions
{
    /// <summary>The only CA certificates that are trusted, a PEM file; null = those of the system.</summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>The name that the certificate has to carry instead of the host in the address; also sent as SNI.</summary>
    public string? ServerName { get; init; }

    /// <summary>Takes any certificate. The connection is then encrypted, but with whom is not known.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>The proxy, http, https or socks5; null = that of the environment.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>The namespace for requests that name none; null = such requests are refused.</summary>
    public string? Namespace { get; init; }
}
