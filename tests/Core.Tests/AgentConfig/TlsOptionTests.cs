using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Tests.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentConfig;

public sealed class TlsOptionTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Servers_are_verified_unless_tls_verify_is_false()
    {
        X509 tls = X509.New();
        await using LoopbackServer server = LoopbackServer.Text(Configured.Body, tls.Server);

        Configured unset = await Configured.ScrapeAsync(server, "");
        Assert.Equal(ScrapeError.TlsUntrusted, unset.Error?.Cause);
        Assert.Empty(unset.File.Notes);
        Assert.Empty(unset.Warnings);
        Assert.EndsWith("which is not trusted by this system. Set tls_ca_cert to the CA bundle (KubeVirt's is the key ca-bundle of ConfigMap kubevirt-ca), or accept any certificate with tls_verify: false.", unset.Error!.Message, StringComparison.Ordinal);

        Configured off = await Configured.ScrapeAsync(server, "tls_verify: false");
        Assert.Equal(3, off.Samples.Count);
        Assert.Contains("the identity of the server is not verified", Assert.Single(off.Warnings), StringComparison.Ordinal);
        Assert.Empty((await Configured.ScrapeAsync(server, "tls_verify: false\ntls_ignore_warning: true")).Warnings);
    }

    [Fact]
    public async Task Tls_ca_cert_is_a_file_or_a_directory()
    {
        X509 tls = X509.New();
        await using LoopbackServer server = LoopbackServer.Text(Configured.Body, tls.Server);
        string file = _folder.Write("ca.pem", tls.Authority.ExportCertificatePem());
        _folder.Write("readme.txt", "no certificate");

        Assert.Equal(3, (await Configured.ScrapeAsync(server, $"tls_verify: true\ntls_ca_cert: {file}")).Samples.Count);
        Configured unnamed = await Configured.ScrapeAsync(server, $"tls_ca_cert: {_folder.At("")}");
        Assert.Contains("holds no certificate under an OpenSSL hash name, such as d688ba0f.0, so the Agent trusts none. Run 'openssl rehash'", Assert.Single(unnamed.File.Errors).Message, StringComparison.Ordinal);
        _folder.Write("d688ba0f.0", tls.Authority.ExportCertificatePem());
        Assert.Equal(3, (await Configured.ScrapeAsync(server, $"tls_ca_cert: {_folder.At("")}")).Samples.Count);
    }

    [Fact]
    public async Task Tls_validate_hostname_false_takes_no_other_names_as_in_the_Agent()
    {
        X509 tls = X509.New("virt-handler.kubevirt.svc");
        await using LoopbackServer server = LoopbackServer.Text(Configured.Body, tls.Server);
        string mine = _folder.Write("ca.pem", tls.Authority.ExportCertificatePem());
        string others = _folder.Write("other.pem", Pki.New().AuthorityPem);

        Assert.Equal(ScrapeError.TlsNameMismatch, (await Configured.ScrapeAsync(server, $"tls_ca_cert: {mine}")).Error?.Cause);
        Configured got = await Configured.ScrapeAsync(server, $"tls_ca_cert: {mine}\ntls_validate_hostname: false");
        Assert.Equal(ScrapeError.TlsNameMismatch, got.Error?.Cause);
        Assert.Contains("tls_validate_hostname is not applied: in the Agent it would have to accept other names in a certificate, if it is false, and refuses them all the same.", Assert.Single(got.Warnings), StringComparison.Ordinal);
        Assert.Equal(ScrapeError.TlsUntrusted, (await Configured.ScrapeAsync(server, $"tls_ca_cert: {others}\ntls_verify: false")).Error?.Cause);
    }

    [Fact]
    public async Task Tls_use_host_header_decides_which_name_is_expected()
    {
        X509 named = X509.New("virt-handler.kubevirt.svc");
        await using LoopbackServer server = LoopbackServer.Text(Configured.Body, named.Server);
        string options = $"tls_ca_cert: {_folder.Write("ca.pem", named.Authority.ExportCertificatePem())}\nheaders: {{Host: virt-handler.kubevirt.svc}}";

        Assert.Equal(3, (await Configured.ScrapeAsync(server, options + "\ntls_use_host_header: true")).Samples.Count);
        Assert.Equal(ScrapeError.TlsNameMismatch, (await Configured.ScrapeAsync(server, options)).Error?.Cause);
        Configured misspelt = await Configured.ScrapeAsync(server, options.Replace("Host:", "host:", StringComparison.Ordinal) + "\ntls_use_host_header: true");
        Assert.Equal(ScrapeError.TlsNameMismatch, misspelt.Error?.Cause);
        Assert.Contains("the Agent looks for a header that is spelled Host", Assert.Single(misspelt.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_certificate_is_shown()
    {
        X509 tls = X509.New();
        X509Certificate2 client = tls.Issuer.Issue(["scraper"]);
        await using LoopbackServer server = LoopbackServer.Text(Configured.Body, tls.Server with { ClientAuthority = tls.Authority });
        string certificate = _folder.Write("client.pem", client.ExportCertificatePem());
        string key = _folder.Write("client.key", Key(client));

        Configured got = await Configured.ScrapeAsync(server, $"tls_ca_cert: {_folder.Write("ca.pem", tls.Authority.ExportCertificatePem())}\ntls_cert: {certificate}\ntls_private_key: {key}");

        Assert.Equal(3, got.Samples.Count);
        Assert.Equal(client.Subject, Assert.Single(server.Requests).ClientCertificate);
    }

    [Fact]
    public async Task Tls_protocols_allowed_leaves_out_versions()
    {
        X509 tls = X509.New();
        await using LoopbackServer server = LoopbackServer.Text(Configured.Body, tls.Server with { Protocols = SslProtocols.Tls12 });

        Assert.Equal(3, (await Configured.ScrapeAsync(server, "tls_verify: false\ntls_protocols_allowed: [SSLv3, TLSv1.2]")).Samples.Count);
        Assert.Equal(ScrapeError.TlsHandshake, (await Configured.ScrapeAsync(server, "tls_verify: false\ntls_protocols_allowed: [TLSv1.3]")).Error?.Cause);
        Assert.Contains("only versions that are insecure", Assert.Single((await Configured.ScrapeAsync(server, "tls_protocols_allowed: [TLSv1.1]")).File.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_cannot_be_used_are_errors_of_their_instance()
    {
        await using LoopbackServer server = LoopbackServer.Text(Configured.Body);

        Assert.Contains("tls_ca_cert: ", Assert.Single((await Configured.ScrapeAsync(server, $"tls_ca_cert: {_folder.At("none.pem")}")).File.Errors).Message, StringComparison.Ordinal);
        Assert.Contains("tls_cert: ", Assert.Single((await Configured.ScrapeAsync(server, $"tls_cert: {_folder.At("none.pem")}")).File.Errors).Message, StringComparison.Ordinal);
    }

    private static string Key(X509Certificate2 certificate) =>
        (certificate.GetECDsaPrivateKey() as AsymmetricAlgorithm ?? certificate.GetRSAPrivateKey())!.ExportPkcs8PrivateKeyPem();
}
