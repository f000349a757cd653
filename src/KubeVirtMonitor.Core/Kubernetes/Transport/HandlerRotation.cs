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
    private HttpMessageInvoker? _upgrader;
    private SslStreamCertificateContext? _certificate;
    private bool _isDisposed;

    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, CredentialValue credential, CancellationToken cancellationToken) =>
        await Invoker(credential, message.Headers.Contains("Upgrade")).SendAsync(message, cancellationToken).ConfigureAwait(false);

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _invoker?.Dispose();
            _upgrader?.Dispose();
        }
    }

    // A handler that decompresses asks for compression in every request, and no WebSocket client does that for an upgrade.
    private HttpMessageInvoker Invoker(CredentialValue credential, bool isUpgrade)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(KubernetesClient));
            if (!ReferenceEquals(_certificate, credential.Certificate))
            {
                // The old ones are left to the collector: requests may still run on them, and their idle connections end by themselves.
                _certificate = credential.Certificate;
                _invoker = _upgrader = null;
            }

            return isUpgrade
                ? _upgrader ??= new HttpMessageInvoker(CreateHandler(_certificate, DecompressionMethods.None))
                : _invoker ??= new HttpMessageInvoker(CreateHandler(_certificate, connection.DisableCompression ? DecompressionMethods.None : DecompressionMethods.GZip));
        }
    }

    private SocketsHttpHandler CreateHandler(SslStreamCertificateContext? certificate, DecompressionMethods decompression) => new()
    {
        ConnectCallback = (context, cancellationToken) => _dialer.ConnectAsync(context, certificate, cancellationToken),
        ConnectTimeout = options.ConnectTimeout,
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        PreAuthenticate = false,
        ActivityHeadersPropagator = null,
        AutomaticDecompression = decompression,
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
