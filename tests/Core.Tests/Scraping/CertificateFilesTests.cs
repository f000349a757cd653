using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.Scraping;

public sealed class CertificateFilesTests : IDisposable
{
    private readonly Pki _authority = Pki.New();
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_bundle_gives_all_its_certificates()
    {
        string one = _folder.Write("one.pem", _authority.AuthorityPem + "\n" + Pki.New("two").AuthorityPem);
        string two = _folder.Write("two.der", _authority.Certificate.RawData);
        Assert.Equal(["CN=kubevirt.io", "CN=two", "CN=kubevirt.io"], CertificateFiles.LoadAuthority([one, two]).Select(certificate => certificate.Subject));
    }

    [Theory]
    [InlineData("nothing here")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    [InlineData("")]
    public void A_bundle_without_a_certificate_is_refused(string content)
    {
        string path = _folder.Write("bad.pem", content);
        ScrapeException error = Assert.Throws<ScrapeException>(() => CertificateFiles.LoadAuthority([path]));
        Assert.Equal(ScrapeError.BadCertificateFile, error.Cause);
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Equal(Setting.CertificateAuthority, error.Setting);
    }

    [Fact]
    public void A_missing_file_is_told_with_its_setting()
    {
        ScrapeException error = Assert.Throws<ScrapeException>(() => CertificateFiles.LoadAuthority([_folder.At("none.pem")]));
        Assert.Equal(ScrapeError.FileNotFound, error.Cause);
        Assert.Equal(Setting.CertificateAuthority, error.Setting);
    }

    [Theory]
    [InlineData("ec-pkcs8")]
    [InlineData("ec-sec1")]
    [InlineData("rsa-pkcs8")]
    [InlineData("rsa-pkcs1")]
    [InlineData("rsa-encrypted")]
    [InlineData("one-file")]
    [InlineData("pfx")]
    [InlineData("pfx-password")]
    public void Client_certificates_come_in_every_usual_form(string form)
    {
        using X509Certificate2 own = _authority.Issue([], usage: Pki.ClientUsage, subject: "scraper", key: form.StartsWith("rsa", StringComparison.Ordinal) ? RSA.Create(2048) : null);
        string certificate = own.ExportCertificatePem() + "\n" + _authority.AuthorityPem + "\n";

        X509Certificate2Collection loaded = form switch
        {
            "one-file" => CertificateFiles.LoadClient(_folder.Write("both.pem", certificate + own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem())),
            "pfx" => CertificateFiles.LoadClient(_folder.Write("own.pfx", own.Export(X509ContentType.Pfx))),
            "pfx-password" => CertificateFiles.LoadClient(_folder.Write("own.pfx", own.Export(X509ContentType.Pfx, "s3cret")), password: "s3cret"),
            "rsa-encrypted" => CertificateFiles.LoadClient(_folder.Write("own.pem", certificate), _folder.Write("own.key", Key(own, form)), "s3cret"),
            _ => CertificateFiles.LoadClient(_folder.Write("own.pem", certificate), _folder.Write("own.key", Key(own, form))),
        };

        Assert.True(loaded[0].HasPrivateKey);
        Assert.Equal(own.Thumbprint, loaded[0].Thumbprint);
        Assert.Equal(form.StartsWith("pfx", StringComparison.Ordinal) ? 1 : 2, loaded.Count);
    }

    [Fact]
    public void A_wrong_password_is_told_without_the_password()
    {
        using X509Certificate2 own = _authority.Issue([], usage: Pki.ClientUsage, subject: "scraper");
        string path = _folder.Write("own.pfx", own.Export(X509ContentType.Pfx, "s3cret"));
        ScrapeException error = Assert.Throws<ScrapeException>(() => CertificateFiles.LoadClient(path, password: "wr0ng-pass"));
        Assert.Equal(ScrapeError.BadCertificateFile, error.Cause);
        Assert.Contains("password", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wr0ng-pass", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_of_another_certificate_is_refused()
    {
        using X509Certificate2 own = _authority.Issue([], usage: Pki.ClientUsage, subject: "scraper");
        using X509Certificate2 other = _authority.Issue([], usage: Pki.ClientUsage, subject: "scraper");
        ScrapeException error = Assert.Throws<ScrapeException>(() =>
            CertificateFiles.LoadClient(_folder.Write("own.pem", own.ExportCertificatePem()), _folder.Write("own.key", Key(other, "ec-pkcs8"))));
        Assert.Equal(ScrapeError.BadCertificateFile, error.Cause);
    }

    [Fact]
    public void A_certificate_without_a_key_is_refused()
    {
        string path = _folder.Write("own.pem", _authority.AuthorityPem);
        ScrapeException error = Assert.Throws<ScrapeException>(() => CertificateFiles.LoadClient(path));
        Assert.Contains("no private key", error.Message, StringComparison.Ordinal);
    }

    private static string Key(X509Certificate2 certificate, string form) => form switch
    {
        "ec-pkcs8" => certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(),
        "ec-sec1" => certificate.GetECDsaPrivateKey()!.ExportECPrivateKeyPem(),
        "rsa-pkcs8" => certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem(),
        "rsa-pkcs1" => certificate.GetRSAPrivateKey()!.ExportRSAPrivateKeyPem(),
        _ => certificate.GetRSAPrivateKey()!.ExportEncryptedPkcs8PrivateKeyPem("s3cret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)),
    };
}
