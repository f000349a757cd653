using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.AgentSetup;
using KubeVirtMonitor.Net;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentSetup;

/// <summary>The names under which OpenSSL looks for authorities in a directory.</summary>
public sealed class AuthorityFilesTests
{
    // Of "openssl req -x509 -subj ... " and "openssl x509 -noout -subject_hash" (OpenSSL 3.0).
    [Theory]
    [InlineData("CN=kubevirt.io@1700000000", "df6c2c20")]
    [InlineData("CN=\"  Two   Words \",O=ACME", "4d949f4a")]
    public void HashesAreThoseOfOpenSsl(string subject, string hash)
    {
        using X509Certificate2 certificate = Made(new X500DistinguishedName(subject));
        Assert.Equal(hash, AuthorityFiles.HashOf(certificate.SubjectName));
    }

    public static TheoryData<string, X500DistinguishedName> Names()
    {
        X500DistinguishedNameBuilder utf8 = new();
        utf8.Add("2.5.4.3", "Straße  Ärger", System.Formats.Asn1.UniversalTagNumber.UTF8String);
        utf8.AddOrganizationName(" KubeVirt ");
        X500DistinguishedNameBuilder wide = new();
        wide.Add("2.5.4.3", "ÜBER wide", System.Formats.Asn1.UniversalTagNumber.BMPString);
        wide.AddEmailAddress("Somebody@Example.COM");
        X500DistinguishedNameBuilder many = new();
        many.AddDomainComponent("Example");
        many.AddCountryOrRegion("DE");
        many.AddOrganizationalUnitName("a\tb");
        many.AddCommonName("kubevirt.io@1764000000");
        return new()
        {
            { "UTF-8", utf8.Build() },
            { "BMP", wide.Build() },
            { "many", many.Build() },
            { "no name at all", new X500DistinguishedName([0x30, 0x00]) },
            // A serial number as NumericString, which is compared as it is.
            { "numeric", new X500DistinguishedName([0x30, 0x0F, 0x31, 0x0D, 0x30, 0x0B, 0x06, 0x03, 0x55, 0x04, 0x05, 0x12, 0x04, 0x31, 0x20, 0x20, 0x32]) },
            // Two attributes in one set.
            { "two in one", new X500DistinguishedName([0x30, 0x1A, 0x31, 0x18, 0x30, 0x0A, 0x06, 0x03, 0x55, 0x04, 0x03, 0x13, 0x03, 0x41, 0x62, 0x43, 0x30, 0x0A, 0x06, 0x03, 0x55, 0x04, 0x0A, 0x13, 0x03, 0x58, 0x59, 0x5A]) },
        };
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task OpenSslFindsEachName(string what, X500DistinguishedName name)
    {
        using X509Certificate2 certificate = Made(name);
        ToolResult result = await Tool.RunAsync("openssl", ["x509", "-noout", "-subject_hash"], certificate.ExportCertificatePem());
        Assert.True(result.Code == 0, result.Errors);
        Assert.True(result.Output.Trim() == AuthorityFiles.HashOf(certificate.SubjectName), $"{what}: {result.Output.Trim()} is right");
    }

    [Fact]
    public async Task OpenSslVerifiesByTheDirectory()
    {
        Pki old = Pki.New("kubevirt.io@1"), twin = Pki.New("kubevirt.io@1"), other = Pki.New("kubevirt.io@2");
        SortedDictionary<string, string> files = AuthorityFiles.Of(CertificateReader.FromPem(old.AuthorityPem + "\n" + twin.AuthorityPem + "\n" + other.AuthorityPem + "\n" + old.AuthorityPem));
        Assert.Equal(3, files.Count);
        Assert.Equal(2, files.Keys.Count(name => name.EndsWith(".0", StringComparison.Ordinal)));
        Assert.Single(files.Keys, name => name.EndsWith(".1", StringComparison.Ordinal));
        using TempFolder folder = new();
        foreach ((string name, string pem) in files) await File.WriteAllTextAsync(Path.Combine(folder.Path, name), pem, TestContext.Current.CancellationToken);
        foreach (Pki issuer in new[] { old, twin, other })
        {
            string leaf = Path.Combine(folder.Path, "leaf.pem");
            await File.WriteAllTextAsync(leaf, issuer.Issue().ExportCertificatePem(), TestContext.Current.CancellationToken);
            ToolResult result = await Tool.RunAsync("openssl", ["verify", "-no-CAfile", "-no-CAstore", "-CApath", folder.Path, leaf]);
            Assert.True(result.Code == 0, result.Errors);
        }

        string stranger = Path.Combine(folder.Path, "stranger.pem");
        await File.WriteAllTextAsync(stranger, Pki.New("kubevirt.io@1").Issue().ExportCertificatePem(), TestContext.Current.CancellationToken);
        Assert.NotEqual(0, (await Tool.RunAsync("openssl", ["verify", "-no-CAfile", "-no-CAstore", "-CApath", folder.Path, stranger])).Code);
    }

    private static X509Certificate2 Made(X500DistinguishedName name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest(name, key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
