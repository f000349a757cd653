using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>
/// Opens connections to the API server: through the proxy, and with TLS. Done here rather than by the HTTP handler because a server name
/// (SNI) that differs from the host, SOCKS and rotating client certificates all have to work together.
/// </summary>
internal sealed class ServerDialer(KubernetesConnection connection, TimeProvider time)
{
    private readonly ServerVerifier _verifier = new(connection.Trust, connection.Server, time);

    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, SslStreamCertificateContext? certificate, CancellationToken cancellationToken)
    {
        bool wantsHttp2 = context.InitialRequestMessage.Version.Major == 2;
        Stream stream = await OpenAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
        try
        {
            return connection.Server.Scheme == Uri.UriSchemeHttps
                ? await SecureAsync(stream, certificate, wantsHttp2, cancellationToken).ConfigureAwait(false)
                : stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<Stream> OpenAsync(DnsEndPoint server, CancellationToken cancellationToken)
    {
        if (connection.ProxyAddress is not { } proxy) return await DialAsync(server.Host, server.Port, "", cancellationToken).ConfigureAwait(false);
        Stream stream = await DialAsync(proxy.IdnHost, ProxyServer.PortOf(proxy), $"the proxy {ProxyServer.WithoutUserInfo(proxy)} of ", cancellationToken).ConfigureAwait(false);
        try
        {
            if (proxy.Scheme == Uri.UriSchemeHttps) stream = await SecureProxyAsync(stream, proxy, cancellationToken).ConfigureAwait(false);
            await (proxy.Scheme == "socks5"
                ? SocksTunnel.OpenAsync(stream, server.Host, server.Port, proxy, cancellationToken)
                : HttpTunnel.OpenAsync(stream, server.Host, server.Port, proxy, cancellationToken)).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<Stream> DialAsync(string host, int port, string what, CancellationToken cancellationToken)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(ServerAddress.Dialled(host), port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw ConnectionErrors.NotReached(connection, what, exception);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<Stream> SecureAsync(Stream stream, SslStreamCertificateContext? certificate, bool wantsHttp2, CancellationToken cancellationToken)
    {
        SslClientAuthenticationOptions options = new()
        {
            TargetHost = connection.Trust.ServerName ?? connection.Server.IdnHost,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateContext = certificate,
            ApplicationProtocols = wantsHttp2 ? [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11] : [SslApplicationProtocol.Http11],
        };
        CertificateJudge.LeaveToCallback(options, _verifier.Verify);
        SslStream secure = new(stream, leaveInnerStreamOpen: false);
        try
        {
            await secure.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
            return secure;
        }
        catch (Exception exception)
        {
            await secure.DisposeAsync().ConfigureAwait(false);
            if (ConnectionErrors.Find(exception) is { } known) throw known;
            if (exception is AuthenticationException or IOException) throw ConnectionErrors.Handshake(connection, exception);
            throw;
        }
    }

    private static async Task<Stream> SecureProxyAsync(Stream stream, Uri proxy, CancellationToken cancellationToken)
    {
        SslStream secure = new(stream, leaveInnerStreamOpen: false);
        try
        {
            await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = proxy.IdnHost }, cancellationToken).ConfigureAwait(false);
            return secure;
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            await secure.DisposeAsync().ConfigureAwait(false);
            throw new KubernetesException(
                KubernetesError.TlsHandshake,
                $"the proxy {ProxyServer.WithoutUserInfo(proxy)} could not be verified over TLS ({exception.Message.TrimEnd('.')})",
                "Its certificate has to be trusted by this system.",
                exception);
        }
    }
}
