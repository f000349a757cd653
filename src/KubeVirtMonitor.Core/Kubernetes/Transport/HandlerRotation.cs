using System.Net;
using System.Net.Security;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>The connections to the server, kept open between requests; given up when the client certificate changes, since they show the old one.</summary>
internal sealed class HandlerRotation(KubernetesConnection connection, KubernetesClientOptions options) : IDisposable
{
    private const int Http2Window = 1024 * 1024;

    private readonly ServerDialer _dialer = new(connection, options.Clock);
    private readonly object _lock = new();
    private HttpMessageInvoker? _invoker;
    private SslStreamCertificateContext? _certificate;
    private bool _isDisposed;

    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, CredentialValue credential, CancellationToken cancellationToken) =>
        await Invoker(credential).SendAsync(message, cancellationToken).ConfigureAwait(false);

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _invoker?.Dispose();
        }
    }

    private HttpMessageInvoker Invoker(CredentialValue credential)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(KubernetesClient));
            if (_invoker is not null && ReferenceEquals(_certificate, credential.Certificate)) return _invoker;
            // The old one is left to the collector: requests may still run on it, and its idle connections end by themselves.
            _certificate = credential.Certificate;
            return _invoker = new HttpMessageInvoker(CreateHandler(credential.Certificate));
        }
    }

    private SocketsHttpHandler CreateHandler(SslStreamCertificateContext? certificate) => new()
    {
        ConnectCallback = (context, cancellationToken) => _dialer.ConnectAsync(context, certificate, cancellationToken),
        ConnectTimeout = options.ConnectTimeout,
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        PreAuthenticate = false,
        ActivityHeadersPropagator = null,
        AutomaticDecompression = connection.DisableCompression ? DecompressionMethods.None : DecompressionMethods.GZip,
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
        PooledConnectionLifetime = TimeSpan.FromMinutes(30),
        ResponseDrainTimeout = TimeSpan.FromSeconds(1),
        MaxResponseDrainSize = 64 * 1024,
        EnableMultipleHttp2Connections = true,
        InitialHttp2StreamWindowSize = Http2Window,
        KeepAlivePingDelay = TimeSpan.FromSeconds(30),
        KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
    };
}
