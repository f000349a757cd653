using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeVirtMonitor.Scraping;

/// <summary>How servers are verified, and how this side shows itself. TLS 1.2 or later, always.</summary>
public sealed record TlsOptions
{
    /// <summary>Verified against the roots of the system and the name in the address.</summary>
    public static TlsOptions Default { get; } = new();

    /// <summary>The only roots that are trusted; null = those of the system. See <see cref="CertificateFiles.LoadAuthority"/>.</summary>
    public X509Certificate2Collection? CertificateAuthority { get; init; }

    /// <summary>
    /// The name the certificate has to carry instead of the host in the address, for certificates that name services and not addresses.
    /// Also sent as SNI and as the Host header. Not used for another host that a redirect leads to.
    /// </summary>
    public string? ServerName { get; init; }

    /// <summary>The client certificate with its private key, and the intermediates to send along; null = none. Not shown to another host that a redirect leads to.</summary>
    public X509Certificate2Collection? ClientCertificate { get; init; }

    /// <summary>Takes any certificate. The connection is then encrypted, but with whom is not known.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>Equal for options that may share connections.</summary>
    internal string Identity() => string.Join(
        '|',
        SkipCertificateCheck ? "skip" : "verify",
        ServerName?.ToUpperInvariant(),
        Fingerprint(CertificateAuthority),
        Fingerprint(ClientCertificate));

    private static string Fingerprint(X509Certificate2Collection? certificates)
    {
        if (certificates is null) return "";
        string[] hashes = certificates.Select(certificate => certificate.GetCertHashString(HashAlgorithmName.SHA256)).ToArray();
        return string.Join(',', hashes);
    }
}
