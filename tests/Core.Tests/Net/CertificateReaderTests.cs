using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeVirtMonitor.Files;
using KubeVirtMonitor.Net;
using Xunit;

namespace KubeVirtMonitor.Tests.Net;

/// <summary>Files of certificates as people keep them: everything in them is read, or an error says which part cannot be.</summary>
public sealed class CertificateReaderTests
{
    private static readonly X509Certificate2 One = Pki.New("one").Certificate;
    private static readonly X509Certificate2 Two = Pki.New("two").Certificate;
    private static readonly string First = One.ExportCertificatePem();
    private static readonly string Second = Two.ExportCertificatePem();

    public static TheoryData<string, byte[]> Bundles => new()
    {
        { "plain", Bytes($"{First}\n{Second}\n") },
        { "byte order mark", Bytes($"\uFEFF{First}\n{Second}\n") },
        { "byte order mark in the middle", Bytes($"\uFEFF{First}\n\uFEFF{Second}") },
        { "CRLF", Bytes($"{First}\n{Second}\n".ReplaceLineEndings("\r\n")) },
        { "CR", Bytes($"{First}\n{Second}\n".ReplaceLineEndings("\r")) },
        { "text around", Bytes($"# one\nsubject=CN = one\n{First}\n\n  # two\n{Second}\ntrailing junk -----") },
        { "no line between", Bytes(First + Second) },
        { "indented", Bytes($"  {First.Replace("\n", "\n  ", StringComparison.Ordinal)}\n\t{Second}") },
        { "one line", Bytes(First.Replace("\n", " ", StringComparison.Ordinal) + " " + Second.Replace("\n", "", StringComparison.Ordinal)) },
        { "twice", Bytes($"{First}\n{Second}\n{First}") },
        { "UTF-16", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes($"{First}\r\n{Second}")] },
        { "UTF-16, big end first", [.. Encoding.BigEndianUnicode.GetPreamble(), .. Encoding.BigEndianUnicode.GetBytes($"{First}\n{Second}")] },
        { "other labels", Bytes($"{First.Replace("CERTIFICATE", "X509 CERTIFICATE", StringComparison.Ordinal)}\n{PemEncoding.WriteString("X509 CRL", [1, 2])}\n{PemEncoding.WriteString("TRUSTED CERTIFICATE", [.. Two.RawData, 0x30, 0x03, 0x0C, 0x01, 0x61])}") },
        { "PKCS #7", new X509Certificate2Collection { One, Two }.Export(X509ContentType.Pkcs7)! },
    };

    [Theory]
    [MemberData(nameof(Bundles))]
    public void EveryCertificateOfABundleIsRead(string what, byte[] content)
    {
        X509Certificate2Collection all = CertificateReader.ReadAll(content);
        Assert.True(all.Select(one => one.Subject).Order().SequenceEqual(["CN=one", "CN=two"]), $"{what}: {string.Join(", ", all.Select(one => one.Subject))}");
    }

    [Fact]
    public void DerIsReadAndTextThatIsNoneGivesNothing()
    {
        Assert.Equal("CN=one", Assert.Single(CertificateReader.ReadAll(One.RawData)).Subject);
        Assert.Empty(CertificateReader.ReadAll("hello"u8));
        Assert.Empty(CertificateReader.ReadAll([]));
    }

    [Fact]
    public void WhatCannotBeReadIsSaidWithItsPlace()
    {
        Assert.Equal("a certificate that cannot be read, number 2 at line 13: it is truncated, or not base64", Failure(First[..First.IndexOf("-----END", StringComparison.Ordinal)] + First[First.IndexOf("-----END", StringComparison.Ordinal)..] + "\n# x\n" + Second.Replace("MII", "M?I", StringComparison.Ordinal), First.Count(c => c == '\n') + 3));
        Assert.Contains("it is not an X.509 certificate", Failure(PemEncoding.WriteString("CERTIFICATE", [0x30, 1, 0])), StringComparison.Ordinal);
        Assert.Equal("a certificate that begins at line 1 and has no end: it is truncated", Failure(First[..100]));
        Assert.Equal("a certificate that begins at line 1 and has no end: it is truncated", Failure(First[..100] + "\n" + Second));
        Assert.Contains("openssl pkcs7 -print_certs", Failure(PemEncoding.WriteString("PKCS7", [1])), StringComparison.Ordinal);
        Assert.Contains("a request", Failure(PemEncoding.WriteString("CERTIFICATE REQUEST", [1])), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ed25519", "Ed25519")]
    [InlineData("ed448", "Ed448")]
    [InlineData("x25519", "X25519")]
    public async Task AKeyThatCannotBeUsedIsNamed(string algorithm, string name)
    {
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string key = await OpenSslAsync($"genpkey -algorithm {algorithm}");
        CertificateException error = Assert.Throws<CertificateException>(() => CertificateReader.ClientFromPem(First, key));
        Assert.Equal(CertificateFlaw.UnusableKey, error.Flaw);
        Assert.Equal($"a key of the kind {name}, which .NET cannot use; RSA and EC keys can be used", error.Message);
    }

    [Theory]
    [InlineData("\uFEFF", "\n")]
    [InlineData("", "\r\n")]
    [InlineData("Bag Attributes\n  friendlyName: x\n", "\n")]
    public void AClientsPairIsReadAsPeopleKeepIt(string before, string lineEnd)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Pki root = Pki.New("root");
        string pair = (before + root.Issue(key: key).ExportCertificatePem() + "\n" + key.ExportECPrivateKeyPem() + root.Certificate.ExportCertificatePem()).ReplaceLineEndings(lineEnd);
        X509Certificate2Collection client = CertificateReader.ClientFromPem(LocalFile.DecodeAny(Encoding.UTF8.GetBytes(pair)), pair);
        Assert.Equal(["CN=leaf", "CN=root"], client.Select(one => one.Subject));
        Assert.True(client[0].HasPrivateKey);
    }

    [Fact]
    public void WhatIsMissingOfAPairIsSaid()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string own = Pki.New("root").Issue(key: key).ExportCertificatePem();
        Assert.Equal(CertificateFlaw.NoCertificate, Flaw("", key.ExportPkcs8PrivateKeyPem()));
        Assert.Equal(CertificateFlaw.NoKey, Flaw(own, own));
        Assert.Equal(CertificateFlaw.KeyMismatch, Flaw(First, key.ExportPkcs8PrivateKeyPem()));
        PbeParameters how = new(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1000);
        string locked = key.ExportEncryptedPkcs8PrivateKeyPem("open", how);
        Assert.Equal(CertificateFlaw.EncryptedKey, Flaw(own, locked));
        Assert.Equal(CertificateFlaw.WrongPassword, Flaw(own, locked, "shut"));
        Assert.True(CertificateReader.ClientFromPem(own, locked, "open")[0].HasPrivateKey);
    }

    [Theory]
    [InlineData("cases/authority-file-with-bom.crt", 2)]
    [InlineData("cases/old-and-new-authority.crt", 2)]
    public void TheFilesOfReportsAreReadWhole(string file, int count) =>
        Assert.Equal(count, CertificateReader.ReadAll(File.ReadAllBytes(SharedFiles.Require(file))).Count);

    private static CertificateFlaw Flaw(string certificates, string key, string? password = null) =>
        Assert.Throws<CertificateException>(() => CertificateReader.ClientFromPem(certificates, key, password)).Flaw;

    private static string Failure(string text, int? line = null)
    {
        string message = Assert.Throws<CertificateException>(() => CertificateReader.ReadAll(Bytes(text))).Message;
        return line is null ? message : message.Replace($"line {line}:", "line 13:", StringComparison.Ordinal);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static async Task<string> OpenSslAsync(string arguments)
    {
        ProcessStartInfo start = new("openssl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using Process process = Process.Start(start)!;
            string text = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return text;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("openssl is not on this machine; .NET itself makes no such keys.");
            return "";
        }
    }
}
