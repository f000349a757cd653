using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace KubeVirtMonitor.TestKit;

/// <summary>How a server shows itself.</summary>
public sealed record ServerTls(X509Certificate2 Certificate)
{
    public X509Certificate2? ClientAuthority { get; init; }

    /// <summary>Asks for a client certificate, and goes on without one.</summary>
    public bool AsksForCertificate { get; init; }

    public SslProtocols Protocols { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    public async Task<Stream> AuthenticateAsync(Stream stream, ConcurrentQueue<string> names, CancellationToken stop)
    {
        SslStream tls = new(stream);
        await tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(Certificate, additionalCertificates: null, offline: true),
                EnabledSslProtocols = Protocols,
                ClientCertificateRequired = AsksForCertificate || ClientAuthority is not null,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => ClientAuthority is null || (certificate is X509Certificate2 client && client.Issuer == ClientAuthority.Subject),
            },
            stop);
        names.Enqueue(tls.TargetHostName);
        return tls;
    }
}
