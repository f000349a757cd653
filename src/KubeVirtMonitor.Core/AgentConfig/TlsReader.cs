using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Reads how a server is verified.</summary>
internal static class TlsReader
{
    /// <summary>Reads it.</summary>
    /// <exception cref="ScrapeException">A file or a value cannot be used.</exception>
    public static TlsOptions Read(InstanceScope scope, ScrapeTarget target, Identity identity)
    {
        OptionReader options = scope.Options;
        bool? verify = options.Flag("tls_verify");
        bool isTls = target.Uri!.Scheme == Uri.UriSchemeHttps || target.HealthUri?.Scheme == Uri.UriSchemeHttps;
        if (isTls && verify == false && options.Flag("tls_ignore_warning") != true)
            scope.Warn("tls_verify: false takes any certificate: the connection is encrypted, but with whom is not known. Use tls_ca_cert; tls_ignore_warning: true leaves this out.");
        if (isTls && verify is null)
            scope.Notes.Add("tls_verify is not set. Servers are verified here unless it is false, while these checks of the Agent verify none without it.", scope.Number);
        return new TlsOptions
        {
            SkipCertificateCheck = verify == false,
            CertificateAuthority = verify == false ? null : Authority(scope),
            ClientCertificate = Client(scope),
            AnyName = options.Flag("tls_validate_hostname") == false,
            ServerName = ServerName(scope, target, identity),
            Protocols = Protocols(options),
        };
    }

    private static X509Certificate2Collection? Authority(InstanceScope scope)
    {
        if (scope.Options.Text("tls_ca_cert") is not { } path) return null;
        path = scope.FullPath(path);
        try
        {
            return CertificateFiles.LoadAuthority(Directory.Exists(path) ? CertificatesIn(path) : [path]) is { Count: > 0 } roots
                ? roots
                : throw scope.Options.Bad("tls_ca_cert", $"the directory '{path}' holds no certificate", "Put PEM files there, or name one.");
        }
        catch (ScrapeException e) when (e.Cause != ScrapeError.BadConfiguration)
        {
            throw scope.Options.Bad("tls_ca_cert", $"{e.Target}: {e.What}", "Name a PEM file with the roots, or a directory of such files.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw scope.Options.Bad("tls_ca_cert", $"'{path}' cannot be read", "Check its permissions.", e);
        }
    }

    // Directories of roots hold other files too, and links under the hash of the certificate.
    private static IEnumerable<string> CertificatesIn(string folder) =>
        Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Where(file => File.ReadAllText(file).Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal));

    private static X509Certificate2Collection? Client(InstanceScope scope)
    {
        OptionReader options = scope.Options;
        string? key = options.Text("tls_private_key");
        if (options.Text("tls_cert") is not { } path)
        {
            if (key is not null) scope.Warn("tls_private_key does nothing without tls_cert. Name the certificate too.");
            return null;
        }

        try
        {
            return CertificateFiles.LoadClient(scope.FullPath(path), key is null ? null : scope.FullPath(key), options.Text("tls_private_key_password"));
        }
        catch (ScrapeException e)
        {
            throw options.Bad("tls_cert", $"{e.Target}: {e.What}", "Name a PEM certificate, and its key in tls_private_key.", e);
        }
    }

    // The platform takes SNI from a Host header; which name the certificate has to carry is another matter.
    private static string? ServerName(InstanceScope scope, ScrapeTarget target, Identity identity)
    {
        bool wanted = scope.Options.Flag("tls_use_host_header") == true;
        if (identity.Header("Host") is { Length: > 0 } host) return wanted ? host.Split(':')[0] : target.Uri!.IdnHost;
        if (wanted) scope.Warn("tls_use_host_header does nothing without a Host header. Write it under headers.");
        return null;
    }

    private static SslProtocols Protocols(OptionReader options)
    {
        IReadOnlyList<string> names = options.List("tls_protocols_allowed");
        if (names.Count == 0) return TlsOptions.Default.Protocols;
        SslProtocols allowed = SslProtocols.None;
        foreach (string name in names)
        {
            allowed |= name switch
            {
                "TLSv1.2" => SslProtocols.Tls12,
                "TLSv1.3" => SslProtocols.Tls13,
                "SSLv3" or "TLSv1" or "TLSv1.0" or "TLSv1.1" => SslProtocols.None,
                _ => throw options.Bad("tls_protocols_allowed", "an entry is no version of TLS", "Write TLSv1.2 and TLSv1.3, or one of them."),
            };
        }

        return allowed != SslProtocols.None ? allowed : throw options.Bad("tls_protocols_allowed", "it allows only versions that are not safe, and never spoken here", "Add TLSv1.2 or TLSv1.3.");
    }
}
