using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>Reads CA bundles and client certificates from PEM text, with errors that say which file or entry is wrong and how.</summary>
internal static class Certificates
{
    public static X509Certificate2Collection ReadAuthorities(byte[] content, string shown, string? file, string? entry = null)
    {
        X509Certificate2Collection authorities;
        try
        {
            authorities = CertificateReader.ReadAll(content);
        }
        catch (CertificateException exception)
        {
            throw Invalid($"{shown} holds {exception.Message}", "Copy the CA certificate again.", file, entry, KubernetesError.ConfigurationInvalid);
        }

        return authorities.Count > 0
            ? authorities
            : throw Invalid($"{shown} holds no CA certificate", "PEM text is expected: -----BEGIN CERTIFICATE-----.", file, entry, KubernetesError.ConfigurationInvalid);
    }

    /// <summary>A certificate with its key and its intermediates, ready for handshakes.</summary>
    public static SslStreamCertificateContext ReadClient(string certificatePem, string keyPem, PemSource certificate, PemSource key, DateTimeOffset now)
    {
        X509Certificate2Collection client;
        try
        {
            // The date before the key: who finds an old pair in a file has to know that first.
            if (CertificateReader.FromPem(certificatePem) is [var shown, ..]) CheckTime(shown, certificate, now);
            client = CertificateReader.ClientFromPem(certificatePem, keyPem);
        }
        catch (CertificateException exception)
        {
            PemSource source = exception.Flaw is CertificateFlaw.Unreadable or CertificateFlaw.NoCertificate ? certificate : key;
            (string what, string advice) = exception.Flaw switch
            {
                CertificateFlaw.Unreadable => ($"holds {exception.Message}", "Log in again, or copy the certificate again."),
                CertificateFlaw.NoCertificate => ("holds no certificate", "PEM text is expected: -----BEGIN CERTIFICATE-----."),
                CertificateFlaw.NoKey => ("holds no private key", "PEM text is expected: -----BEGIN PRIVATE KEY-----."),
                CertificateFlaw.EncryptedKey => ("holds an encrypted key, and nobody can be asked for its password", "Decrypt it with 'openssl pkey', or use another way to log in."),
                CertificateFlaw.UnusableKey => ($"holds {exception.Message}", "Log in with a certificate that has an RSA key or an EC key of a NIST curve, or in another way."),
                _ => ($"cannot be used: it holds {exception.Message}", "Log in again, or copy certificate and key again from the same place."),
            };
            throw Invalid($"{source.Shown} {what}", advice, source.Config, source.Place);
        }

        return CertificateReader.ToContext(client);
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
        string what, string advice, string? file, string? entry, KubernetesError error = KubernetesError.CredentialInvalid) =>
        new(error, what, advice) { File = file, Entry = entry };
}
