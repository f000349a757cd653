using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor.Sessions;

/// <summary>Through the API server, which speaks TLS to the pod without verifying it.</summary>
internal sealed class ProxyWay(KubeVirtSession session) : IComponentWay
{
    private readonly PodProxy _proxy = new(session);

    public ComponentRoute Route => ComponentRoute.ApiServerProxy;

    public Task<HttpResponseMessage> SendAsync(KubeVirtComponent component, HttpRequestMessage request, CancellationToken cancellationToken) =>
        _proxy.SendAsync(component, request, cancellationToken);

    public DateTimeOffset? CertificateExpires(Uri uri) => null;

    public void Dispose() => _proxy.Dispose();
}
