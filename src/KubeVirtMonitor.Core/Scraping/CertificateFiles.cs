using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Files;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Scraping;

/// <summary>Reads certificates and keys from files: PEM bundles, PEM pairs, DER, PKCS #7, PFX.</summary>
internal static class CertificateFiles
{
    /// <summary>Reads the anchors to trust from one or more PEM bundles, DER or PKCS #7 files. UTF-8 and UTF-16, byte order marks, and text around the blocks are taken as they come.</summary>
    /// <exception cref="ScrapeException">A file is missing or unreadable, or a certificate in it is.</exception>
    public static X509Certificate2Collection LoadAuthority(IEnumerable<string> paths)
    {
        X509Certificate2Collection roots = [];
        foreach (string path in paths)
        {
            X509Certificate2Collection found;
            try
            {
                found = CertificateReader.ReadAll(Read(path, Setting.CertificateAuthority));
            }
            catch (CertificateException e)
            {
                throw Bad(path, $"it holds {e.Message}", Setting.CertificateAuthority);
            }

            if (found.Count == 0)
                throw Bad(path, "it holds no certificate", Setting.CertificateAuthority);
            roots.AddRange(found);
        }

        return roots;
    }

    /// <summary>Reads a client certificate with its key, and the intermediates beside it.</summary>
    /// <param name="path">A PFX file, or PEM with the certificate first.</param>
    /// <param name="keyPath">PEM with the key (RSA, EC, PKCS#8, encrypted PKCS#8); null = in the same file.</param>
    /// <param name="password">The password of the PFX or of the key; null = none.</param>
    /// <returns>The certificate with its private key, then the intermediates.</returns>
    /// <exception cref="ScrapeException">A file is missing or unreadable, the password is wrong, key and certificate do not belong together, or .NET cannot use such a key.</exception>
    public static X509Certificate2Collection LoadClient(string path, string? keyPath = null, string? password = null)
    {
        byte[] content = Read(path, Setting.ClientCertificate);
        if (!CertificateReader.IsPem(content)) return FromPfx(path, content, password);
        string certificates = LocalFile.DecodeAny(content);
        string key = keyPath is null ? certificates : LocalFile.DecodeAny(Read(keyPath, Setting.ClientCertificate));
        try
        {
            return CertificateReader.ClientFromPem(certificates, key, password);
        }
        catch (CertificateException e)
        {
            bool isOfKey = e.Flaw is not (CertificateFlaw.Unreadable or CertificateFlaw.NoCertificate);
            throw Bad(
                isOfKey ? keyPath ?? path : path,
                $"it cannot be used as a client certificate: it holds {e.Message}",
                Setting.ClientCertificate,
                advice: e.Flaw == CertificateFlaw.UnusableKey ? "Use a certificate with an RSA key, or with an EC key of a NIST curve." : "");
        }
    }

    private static X509Certificate2Collection FromPfx(string path, byte[] content, string? password)
    {
        X509Certificate2Collection all = [];
        try
        {
            all.Import(content, password, X509KeyStorageFlags.DefaultKeySet);
        }
        catch (CryptographicException e)
        {
            throw Bad(path, $"it cannot be used as a client certificate ({e.Message.TrimEnd('.')})", Setting.ClientCertificate, e);
        }

        X509Certificate2 own = all.FirstOrDefault(certificate => certificate.HasPrivateKey)
            ?? throw Bad(path, "it holds no private key", Setting.ClientCertificate);
        all.Remove(own);
        all.Insert(0, own);
        return all;
    }

    private static byte[] Read(string path, Setting setting)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ScrapeException(ScrapeError.FileNotFound, path, "there is no such file", e) { Setting = setting };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ScrapeException(ScrapeError.FileUnreadable, path, "the file cannot be read", e) { Setting = setting };
        }
    }

    private static ScrapeException Bad(string path, string what, Setting setting, Exception? inner = null, string advice = "") =>
        new(ScrapeError.BadCertificateFile, path, what, inner, advice) { Setting = setting };
}
