using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor.Sessions;

/// <summary>One route to the components of a cluster. Thread-safe.</summary>
internal interface IComponentClient : IDisposable
{
    /// <summary>Which way it is; Auto where none was found, and every request fails with the reason.</summary>
    ComponentRoute Route { get; }

    /// <summary>Sends a request to a component.</summary>
    /// <param name="request">The request; its address is the component's own inside the cluster.</param>
    /// <returns>The answer as soon as its headers are there; any status is an answer.</returns>
    /// <exception cref="HttpRequestException">No answer came.</exception>
    /// <exception cref="KubernetesException">No answer came, and the API server says why.</exception>
    Task<HttpResponseMessage> SendAsync(KubeVirtComponent component, HttpRequestMessage request, CancellationToken cancellationToken);

    /// <summary>When the certificate last seen at a component's address ends; null where none is seen this way.</summary>
    DateTimeOffset? CertificateExpires(Uri uri);
}

/// <summary>Through the API server, which speaks TLS to the pod without verifying it.</summary>
internal sealed class ProxyClient(KubeVirtSession session) : IComponentClient
{
    private readonly ObjectProxy _proxy = new(session);

    public ComponentRoute Route => ComponentRoute.ApiServerProxy;

    public Task<HttpResponseMessage> SendAsync(KubeVirtComponent component, HttpRequestMessage request, CancellationToken cancellationToken) =>
        _proxy.SendAsync(component, request, cancellationToken);

    public DateTimeOffset? CertificateExpires(Uri uri) => null;

    public void Dispose() => _proxy.Dispose();
}
