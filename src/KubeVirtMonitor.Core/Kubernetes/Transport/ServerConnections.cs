using System.Net;
using System.Net.Security;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>The connections to the server, kept open between requests; closed when the client certificate changes, because they use the old one.</summary>
internal sealed class ServerConnections(KubernetesConnection connection, KubernetesClientOptions options) : HttpMessageHandler
{
    private const int Http2Window = 1024 * 1024;

    private static readonly HttpRequestOptionsKey<SslStreamCertificateContext?> CertificateKey = new("KubeVirtMonitor.Certificate");

    private readonly ServerDialer _dialer = new(connection, options.Clock);
    private readonly object _lock = new();
    private HttpMessageInvoker? _invoker;
    private HttpMessageInvoker? _upgrader;
    private SslStreamCertificateContext? _certificate;
    private bool _isDisposed;

    private DecompressionMethods Decompression => connection.DisableCompression ? DecompressionMethods.None : DecompressionMethods.GZip;

    /// <summary>Says which client certificate the connection has to show.</summary>
    public static void Show(HttpRequestMessage message, SslStreamCertificateContext? certificate) => message.Options.Set(CertificateKey, certificate);

    /// <summary>Sets up a handler for this server.</summary>
    public void Prepare(SocketsHttpHandler handler) => Prepare(handler, Decompression);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        await Invoker(Certificate(request), request.Headers.Contains("Upgrade")).SendAsync(request, cancellationToken).ConfigureAwait(false);

    protected override void Dispose(bool disposing)
    {
        lock (_lock)
        {
            _isDisposed = true;
            _invoker?.Dispose();
            _upgrader?.Dispose();
        }

        base.Dispose(disposing);
    }

    private static SslStreamCertificateContext? Certificate(HttpRequestMessage message) => message.Options.TryGetValue(CertificateKey, out SslStreamCertificateContext? certificate) ? certificate : null;

    // A handler that decompresses asks for compression in every request, and no WebSocket client does that for an upgrade.
    private HttpMessageInvoker Invoker(SslStreamCertificateContext? certificate, bool isUpgrade)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(KubernetesClient));
            if (!ReferenceEquals(_certificate, certificate))
            {
                // The old ones are left to the collector: requests may still run on them, and their idle connections end by themselves.
                _certificate = certificate;
                _invoker = _upgrader = null;
            }

            return isUpgrade
                ? _upgrader ??= new HttpMessageInvoker(Create(DecompressionMethods.None))
                : _invoker ??= new HttpMessageInvoker(Create(Decompression));
        }
    }

    private SocketsHttpHandler Create(DecompressionMethods decompression)
    {
        SocketsHttpHandler handler = new();
        Prepare(handler, decompression);
        return handler;
    }

    private void Prepare(SocketsHttpHandler handler, DecompressionMethods decompression)
    {
        handler.ConnectCallback = (context, cancellationToken) => _dialer.ConnectAsync(context, Certificate(context.InitialRequestMessage), cancellationToken);
        handler.ConnectTimeout = options.ConnectTimeout;
        handler.UseProxy = false;
        handler.UseCookies = false;
        handler.AllowAutoRedirect = false;
        handler.PreAuthenticate = false;
        handler.ActivityHeadersPropagator = null;
        handler.AutomaticDecompression = decompression;
        handler.PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2);
        handler.PooledConnectionLifetime = TimeSpan.FromMinutes(30);
        handler.ResponseDrainTimeout = TimeSpan.FromSeconds(1);
        handler.MaxResponseDrainSize = 64 * 1024;
        handler.EnableMultipleHttp2Connections = true;
        handler.InitialHttp2StreamWindowSize = Http2Window;
        handler.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(15);
        handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests;
    }
}
