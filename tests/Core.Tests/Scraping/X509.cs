using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Tests.Scraping;

/// <summary>An authority, and a server certificate it issued.</summary>
internal sealed record X509(Pki Issuer, ServerTls Server)
{
    public X509Certificate2 Authority => Issuer.Certificate;

    public static X509 New(params string[] names)
    {
        Pki issuer = Pki.New();
        return new X509(issuer, new ServerTls(issuer.Issue(names.Length == 0 ? ["127.0.0.1"] : names)));
    }

    public ScrapeOptions Trusting(TlsOptions? tls = null) =>
        new() { Tls = (tls ?? TlsOptions.Default) with { CertificateAuthority = [Authority] }, RetryInterval = TimeSpan.FromMilliseconds(1) };
}
