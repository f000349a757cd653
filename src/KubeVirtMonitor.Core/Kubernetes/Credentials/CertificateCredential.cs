using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Files;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>A client certificate and its key. Files are checked again once a minute for new connections, since some tools renew them in place.</summary>
internal sealed class CertificateCredential : FileCredential
{
    private readonly PemSource _certificate;
    private readonly PemSource _key;
    private string _pem = "";

    /// <summary>Reads both at once, so that a wrong one is noticed before the first request.</summary>
    public CertificateCredential(PemSource certificate, PemSource key, TimeProvider? time = null)
        : base(time)
    {
        _certificate = certificate;
        _key = key;
        Reread();
    }

    public override string Kind => "client certificate";

    protected override bool MayChange => _certificate.Path is not null || _key.Path is not null;

    protected override void Reread()
    {
        try
        {
            string certificate = _certificate.Read();
            string key = _key.Read();
            string pem = certificate + key;
            NoteRead();
            if (pem == _pem) return;
            SslStreamCertificateContext context = Certificates.ReadClient(certificate, key, _certificate, _key, Time.GetUtcNow());
            _pem = pem;
            Value = new CredentialValue(null, context);
        }
        catch (KubernetesException) when (Value is not null)
        {
            // Half of a renewal is on the disk: the pair read before still belongs together.
            NoteRead();
        }
    }
}

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
                CertificateFlaw.EncryptedKey => ("contains an encrypted key, and there is no way to ask for its password", "Decrypt it with 'openssl pkey', or log in in another way."),
                CertificateFlaw.UnusableKey => ($"holds {exception.Message}", "Log in with a certificate that has an RSA key or an EC key of a NIST curve, or in another way."),
                _ => ($"cannot be used: it holds {exception.Message}", "Log in again, or copy the certificate and the key again from the same source."),
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

/// <summary>PEM text of a kubeconfig: the data itself, or a file that is read again each time.</summary>
/// <param name="Data">The text; null when it is in a file.</param>
/// <param name="Path">The file; null when the data is at hand.</param>
/// <param name="Place">Where the kubeconfig gives it.</param>
/// <param name="Config">The kubeconfig; null when it comes from none.</param>
internal sealed record PemSource(byte[]? Data, string? Path, string Place, string? Config)
{
    /// <summary>For messages: the file, or the entry and its kubeconfig.</summary>
    public string Shown => Path ?? (Config is null ? Place : $"{Place} in {Config}");

    /// <summary>The data under <c>key-data</c>, which wins, or the file under <c>key</c>; null when there is neither.</summary>
    public static PemSource? Of(KubeConfigEntry entry, string key)
    {
        if (entry.Base64(key + "-data") is { } data) return new PemSource(data, null, entry.PlaceOf(key + "-data"), entry.File);
        return entry.FilePath(key) is { } path ? new PemSource(null, path, entry.PlaceOf(key), entry.File) : null;
    }

    public string Read() => LocalFile.DecodeAny(Data ?? ConfigFiles.ReadBytes(Path!, "file", entry: Place, config: Config));

    // A record would print the data.
    public override string ToString() => Shown;
}
