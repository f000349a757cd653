using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>Reads CA bundles and client certificates from PEM text, with errors that say which file or entry is wrong and how.</summary>
internal static class Certificates
{
    public static X509Certificate2Collection ReadAuthorities(byte[] pem, string shown, string? file, string? entry = null)
    {
        X509Certificate2Collection authorities = [];
        try
        {
            authorities.ImportFromPem(Encoding.UTF8.GetString(pem));
        }
        catch (CryptographicException exception)
        {
            throw Invalid($"{shown} holds a certificate that cannot be read", "Copy the CA certificate again.", file, entry, exception, KubernetesError.ConfigurationInvalid);
        }

        return authorities.Count > 0
            ? authorities
            : throw Invalid($"{shown} holds no CA certificate", "PEM text is expected: -----BEGIN CERTIFICATE-----.", file, entry, error: KubernetesError.ConfigurationInvalid);
    }

    /// <summary>A certificate with its key and its intermediates, ready for handshakes.</summary>
    public static SslStreamCertificateContext ReadClient(string certificatePem, string keyPem, PemSource certificate, PemSource key, DateTimeOffset now)
    {
        X509Certificate2Collection all = [];
        try
        {
            all.ImportFromPem(certificatePem);
        }
        catch (CryptographicException exception)
        {
            throw Invalid($"{certificate.Shown} holds a certificate that cannot be read", "Log in again, or copy the certificate again.", certificate.Config, certificate.Place, exception);
        }

        if (all.Count == 0) throw Invalid($"{certificate.Shown} holds no certificate", "PEM text is expected: -----BEGIN CERTIFICATE-----.", certificate.Config, certificate.Place);
        CheckTime(all[0], certificate, now);
        X509Certificate2 own = WithKey(certificatePem, keyPem, key);
        all.RemoveAt(0);
        return SslStreamCertificateContext.Create(own, all, offline: true);
    }

    private static X509Certificate2 WithKey(string certificatePem, string keyPem, PemSource key)
    {
        if (!keyPem.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            throw Invalid($"{key.Shown} holds no private key", "PEM text is expected: -----BEGIN PRIVATE KEY-----.", key.Config, key.Place);
        if (keyPem.Contains("ENCRYPTED", StringComparison.Ordinal))
            throw Invalid($"{key.Shown} holds an encrypted key, and nobody can be asked for its password", "Decrypt it with 'openssl pkey', or use another way to log in.", key.Config, key.Place);
        try
        {
            X509Certificate2 certificate = X509Certificate2.CreateFromPem(certificatePem, keyPem);
            // Windows only uses keys in handshakes that its key store has seen.
            return OperatingSystem.IsWindows() ? new X509Certificate2(certificate.Export(X509ContentType.Pfx)) : certificate;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw Invalid($"{key.Shown} cannot be used: it does not belong to the client certificate, or is no RSA or EC key (PKCS#1, SEC1 or PKCS#8)", "Log in again, or copy certificate and key again from the same place.", key.Config, key.Place);
        }
    }

    private static void CheckTime(X509Certificate2 certificate, PemSource source, DateTimeOffset now)
    {
        bool isEarly = now < certificate.NotBefore.ToUniversalTime();
        if (!isEarly && now <= certificate.NotAfter.ToUniversalTime()) return;
        string when = (isEarly ? certificate.NotBefore : certificate.NotAfter).ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        throw Invalid(
            $"the client certificate in {source.Shown} {(isEarly ? "is not valid before" : "expired on")} {when}",
            isEarly ? "Check the clock of this machine." : "Log in again, or renew it (kubeadm: 'kubeadm certs renew').",
            source.Config,
            source.Place);
    }

    private static KubernetesException Invalid(
        string what, string advice, string? file, string? entry, Exception? inner = null, KubernetesError error = KubernetesError.CredentialInvalid) =>
        new(error, what, advice, inner) { File = file, Entry = entry };
}
