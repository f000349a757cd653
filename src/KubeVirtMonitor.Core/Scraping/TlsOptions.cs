using System.Globalization;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeVirtMonitor.Scraping;

/// <summary>How servers are verified, and the client certificate. Always TLS 1.2 or later.</summary>
internal sealed record TlsOptions
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

    /// <summary>Names of which the certificate may carry one instead of <see cref="ServerName"/>.</summary>
    internal IReadOnlyList<string> OtherNames { get; init; } = [];

    /// <summary>The client certificate with its private key, and the intermediates to send along; null = none. Not shown to another host that a redirect leads to.</summary>
    public X509Certificate2Collection? ClientCertificate { get; init; }

    /// <summary>Takes any certificate. The connection is then encrypted, but with whom is not known.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>Takes a certificate whatever names it carries, if it was issued by one who is trusted.</summary>
    internal bool AnyName { get; init; }

    /// <summary>The versions of TLS that are spoken.</summary>
    internal SslProtocols Protocols { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Equal for options that may share connections.</summary>
    internal string Identity() => string.Join(
        '|',
        SkipCertificateCheck ? "skip" : AnyName ? "any name" : "verify",
        ((int)Protocols).ToString(CultureInfo.InvariantCulture),
        ServerName?.ToUpperInvariant(),
        string.Join(',', OtherNames).ToUpperInvariant(),
        Fingerprint(CertificateAuthority),
        Fingerprint(ClientCertificate));

    private static string Fingerprint(X509Certificate2Collection? certificates)
    {
        if (certificates is null) return "";
        string[] hashes = certificates.Select(certificate => certificate.GetCertHashString(HashAlgorithmName.SHA256)).ToArray();
        return string.Join(',', hashes);
    }
}
