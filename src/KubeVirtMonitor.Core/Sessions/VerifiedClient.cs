using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Sessions;

/// <summary>TLS from here to the component, verified end to end; directly to the pod's address, or by port forwarding through the API server.</summary>
internal sealed class VerifiedClient : IComponentClient
{
    // A tunnel occupies the API server and a kubelet even while it is silent.
    private static readonly TimeSpan TunnelIdleTimeout = TimeSpan.FromSeconds(45);

    /// <summary>The name a request wants the certificate to carry, in place of that of the component's service.</summary>
    public static readonly HttpRequestOptionsKey<string> ExpectedName = new("KubeVirtMonitor.ExpectedName");

    private static readonly HttpRequestOptionsKey<KubeVirtComponent> Component = new("KubeVirtMonitor.Component");

    private readonly KubeVirtSession _session;
    private readonly ComponentAuthority _authority;
    private readonly Dictionary<(ComponentKind Component, X509Certificate2Collection Roots, string Name), HttpTransport> _transports = [];
    private readonly List<HttpTransport> _retired = [];

    /// <summary>Makes a way; nothing is connected yet.</summary>
    /// <param name="authority">Who issues the certificates.</param>
    /// <param name="route">Direct or PortForward.</param>
    public VerifiedClient(KubeVirtSession session, ComponentAuthority authority, ComponentRoute route)
    {
        _session = session;
        _authority = authority;
        Route = route;
    }

    public ComponentRoute Route { get; }

    public async Task<HttpResponseMessage> SendAsync(KubeVirtComponent component, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        X509Certificate2Collection roots = await _authority.GetAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await SendAsync(component, Copy(request), roots, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException exception) when (TlsFailure.Find(exception)?.Cause == ScrapeError.TlsUntrusted)
        {
            // The authority is renewed every few days, and a session may be older than that.
            if (!await _authority.RenewAsync(roots, cancellationToken).ConfigureAwait(false)) throw;
            Retire(roots);
        }

        roots = await _authority.GetAsync(cancellationToken).ConfigureAwait(false);
        return await SendAsync(component, request, roots, cancellationToken).ConfigureAwait(false);
    }

    public DateTimeOffset? CertificateExpires(Uri uri)
    {
        lock (_transports) return _transports.Values.Max(transport => transport.CertificateExpires(uri));
    }

    public void Dispose()
    {
        lock (_transports)
        {
            foreach (HttpTransport transport in _transports.Values.Concat(_retired)) transport.Dispose();
            _transports.Clear();
            _retired.Clear();
        }
    }

    // What was verified by authorities of the past is not asked any more; requests on it come to their end.
    private void Retire(X509Certificate2Collection roots)
    {
        lock (_transports)
        {
            foreach ((ComponentKind, X509Certificate2Collection Roots, string) key in _transports.Keys.Where(key => ReferenceEquals(key.Roots, roots)).ToArray())
            {
                _retired.Add(_transports[key]);
                _transports.Remove(key);
            }
        }
    }

    private Task<HttpResponseMessage> SendAsync(KubeVirtComponent component, HttpRequestMessage request, X509Certificate2Collection roots, CancellationToken cancellationToken)
    {
        (string name, string[] others) = request.Options.TryGetValue(ExpectedName, out string? expected)
            ? (expected, [])
            : ComponentFacts.CertificateNamesOf(component.Component, component.Namespace);
        // The platform takes the SNI name from here.
        request.Headers.Host = $"{name}:{component.Port}";
        request.Options.Set(Component, component);
        HttpTransport transport;
        lock (_transports)
        {
            _ = _session.Client;
            if (!_transports.TryGetValue((component.Component, roots, name), out transport!))
            {
                TlsOptions tls = new() { CertificateAuthority = roots, ServerName = name, OtherNames = others };
                transport = new HttpTransport(tls, new ProxyPolicy(new ScrapeOptions { NoProxy = true }), Configure);
                _transports.Add((component.Component, roots, name), transport);
            }
        }

        return transport.Invoker.SendAsync(request, cancellationToken);
    }

    private void Configure(SocketsHttpHandler handler)
    {
        handler.ConnectTimeout = TimeSpan.FromSeconds(15);
        if (Route != ComponentRoute.PortForward) return;
        handler.PooledConnectionIdleTimeout = TunnelIdleTimeout;
        handler.ConnectCallback = async (context, cancellationToken) =>
        {
            if (!context.InitialRequestMessage.Options.TryGetValue(Component, out KubeVirtComponent? component))
                throw new InvalidOperationException("A tunnel without a component.");
            return await _session.Client.PortForwardAsync(component.Namespace, component.Name, component.Port, cancellationToken).ConfigureAwait(false);
        };
    }

    private static HttpRequestMessage Copy(HttpRequestMessage request)
    {
        HttpRequestMessage copy = new(request.Method, request.RequestUri) { Version = request.Version, VersionPolicy = request.VersionPolicy };
        foreach ((string name, IEnumerable<string> values) in request.Headers) copy.Headers.TryAddWithoutValidation(name, values);
        if (request.Options.TryGetValue(ExpectedName, out string? expected)) copy.Options.Set(ExpectedName, expected);
        return copy;
    }
}
