using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace KubeVirtMonitor.Scraping;

/// <summary>Reads certificates and keys from files: PEM bundles, PEM pairs, PFX.</summary>
public static class CertificateFiles
{
    /// <summary>Reads the roots to trust from one or more PEM bundles, or DER files.</summary>
    /// <exception cref="ScrapeException">A file is missing, unreadable, or holds no certificate.</exception>
    public static X509Certificate2Collection LoadAuthority(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        X509Certificate2Collection roots = [];
        foreach (string path in paths)
        {
            byte[] content = Read(path, "-CertificateAuthority");
            int before = roots.Count;
            try
            {
                if (IsPem(content)) roots.ImportFromPem(Encoding.UTF8.GetString(content));
                else if (content.Length > 0) roots.Add(new X509Certificate2(content));
            }
            catch (CryptographicException e)
            {
                throw Bad(path, "it holds no readable certificate", "Give -CertificateAuthority a PEM bundle; KubeVirt's is the key ca-bundle of ConfigMap kubevirt-ca.", e);
            }

            if (roots.Count == before)
                throw Bad(path, "it holds no certificate", "Give -CertificateAuthority a PEM bundle with BEGIN CERTIFICATE blocks; KubeVirt's is the key ca-bundle of ConfigMap kubevirt-ca.");
        }

        return roots;
    }

    /// <summary>Reads a client certificate with its key, and the intermediates beside it.</summary>
    /// <param name="path">A PFX file, or PEM with the certificate first.</param>
    /// <param name="keyPath">PEM with the key (RSA, EC, PKCS#8, encrypted PKCS#8); null = in the same file.</param>
    /// <param name="password">The password of the PFX or of the key; null = none.</param>
    /// <returns>The certificate with its private key, then the intermediates.</returns>
    /// <exception cref="ScrapeException">A file is missing or unreadable, the password is wrong, or key and certificate do not belong together.</exception>
    public static X509Certificate2Collection LoadClient(string path, string? keyPath = null, string? password = null)
    {
        byte[] content = Read(path, "-Certificate");
        try
        {
            return IsPem(content) ? FromPem(path, content, keyPath, password) : FromPfx(path, content, password);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw Bad(path, $"it cannot be used as a client certificate ({e.Message.TrimEnd('.')})", "Check the password, and that key and certificate belong together; -Certificate takes a PFX file or a PEM pair.", e);
        }
    }

    private static X509Certificate2Collection FromPfx(string path, byte[] content, string? password)
    {
        X509Certificate2Collection all = [];
        all.Import(content, password, X509KeyStorageFlags.DefaultKeySet);
        X509Certificate2 own = all.FirstOrDefault(certificate => certificate.HasPrivateKey)
            ?? throw Bad(path, "it holds no private key", "Export the PFX again together with its private key, or pass the PEM pair.");
        all.Remove(own);
        all.Insert(0, own);
        return all;
    }

    private static X509Certificate2Collection FromPem(string path, byte[] content, string? keyPath, string? password)
    {
        string certificates = Encoding.UTF8.GetString(content);
        string key = keyPath is null ? certificates : Encoding.UTF8.GetString(Read(keyPath, "-CertificateKey"));
        if (!key.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            throw Bad(keyPath ?? path, "it holds no private key", "Pass the key's PEM file too, or a PFX file that holds both.");
        X509Certificate2Collection all = [];
        all.ImportFromPem(certificates);
        all.RemoveAt(0);
        X509Certificate2 own = password is null
            ? X509Certificate2.CreateFromPem(certificates, key)
            : X509Certificate2.CreateFromEncryptedPem(certificates, key, password);
        all.Insert(0, OperatingSystem.IsWindows() ? Persisted(own) : own);
        return all;
    }

    // Windows' TLS cannot use a key that lives in memory only.
    private static X509Certificate2 Persisted(X509Certificate2 certificate)
    {
        using (certificate) return new X509Certificate2(certificate.Export(X509ContentType.Pfx));
    }

    private static bool IsPem(byte[] content) => content.AsSpan().IndexOf("-----BEGIN "u8) >= 0;

    private static byte[] Read(string path, string parameter)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ScrapeException(ScrapeError.FileNotFound, path, "there is no such file", $"Check the path given to {parameter}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ScrapeException(ScrapeError.FileUnreadable, path, "the file cannot be read", $"Check its permissions, or give {parameter} another.", e);
        }
    }

    private static ScrapeException Bad(string path, string what, string advice, Exception? inner = null) =>
        new(ScrapeError.BadCertificateFile, path, what, advice, inner);
}
