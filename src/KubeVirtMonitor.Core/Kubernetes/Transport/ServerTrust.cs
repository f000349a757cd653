using System.Security.Cryptography.X509Certificates;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>Whom to take for the API server.</summary>
internal sealed record ServerTrust
{
    public const string SkipWarning = "The server's certificate is not checked: the connection is encrypted, but with whom is not known.";

    /// <summary>The only certificates that are trusted; null = those of the system.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>The PEM text they were read from; null = none was given.</summary>
    public byte[]? AuthorityPem { get; init; }

    /// <summary>Where they come from, for messages.</summary>
    public string AuthorityPlace { get; init; } = "";

    /// <summary>The name the certificate has to carry, and SNI; null = the host of the address.</summary>
    public string? ServerName { get; init; }

    public bool SkipCertificateCheck { get; init; }
}
