using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Tests.Scraping;

/// <summary>An authority, and a server certificate it issued.</summary>
internal sealed record X509(X509Certificate2 Authority, ServerTls Server)
{
    public static X509 New(params string[] names)
    {
        X509Certificate2 authority = TestCertificates.Authority();
        return new X509(authority, new ServerTls(TestCertificates.Issue(authority, names.Length == 0 ? ["127.0.0.1"] : names)));
    }

    public ScrapeOptions Trusting(TlsOptions? tls = null) =>
        new() { Tls = (tls ?? TlsOptions.Default) with { CertificateAuthority = [Authority] }, RetryInterval = TimeSpan.FromMilliseconds(1) };
}
