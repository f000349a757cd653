using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Simulator;

namespace KubeVirtMonitor.Tests.Simulator;

/// <summary>Plain HTTP clients for tests, past every proxy.</summary>
internal static class Client
{
    /// <summary>A client that trusts the host's authorities only and expects the service name.</summary>
    public static HttpClient For(SimulatorHost host, SimulatedEndpoint endpoint, string? serverName = null, X509Certificate2? certificate = null)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(host.CertificateAuthorityFile);
        SocketsHttpHandler handler = new()
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy },
        };
        if (certificate is not null) handler.SslOptions.ClientCertificates = [certificate];
        HttpClient client = new(handler) { BaseAddress = endpoint.BaseUri, Timeout = TimeSpan.FromSeconds(20) };

        // The name in the Host header is the one that the certificate has to carry.
        client.DefaultRequestHeaders.Host = serverName ?? endpoint.ServerNames[2];
        return client;
    }

    /// <summary>The certificate that an endpoint shows, whatever it is worth.</summary>
    public static async Task<(X509Certificate2 Certificate, SslPolicyErrors Errors)> HandshakeAsync(SimulatorHost host, SimulatedEndpoint endpoint, string serverName, CancellationToken cancellation)
    {
        using System.Net.Sockets.TcpClient tcp = new();
        await tcp.ConnectAsync(System.Net.IPAddress.Loopback, endpoint.Port, cancellation);
        SslPolicyErrors found = SslPolicyErrors.None;
        await using SslStream tls = new(tcp.GetStream());
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(host.CertificateAuthority.Certificate);
#pragma warning disable CA5359 // The verdict is what is asked for, so the handshake has to go on.
        SslClientAuthenticationOptions options = new()
        {
            TargetHost = serverName,
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = (_, _, _, errors) =>
            {
                found = errors;
                return true;
            },
        };
#pragma warning restore CA5359
        await tls.AuthenticateAsClientAsync(options, cancellation);
        return (X509CertificateLoader.LoadCertificate(tls.RemoteCertificate!.GetRawCertData()), found);
    }
}
