using System.Globalization;

namespace KubeVirtMonitor.Probes.Running;

/// <summary>Through KubeVirt's port-forward (<c>plain.kubevirt.io</c>). A host that the probe names is nobody's business of virt-api, and is asked directly.</summary>
internal sealed class TunnelWay(KubeVirtSession session, string inNamespace, string name) : IInstanceWay
{
    private const string Protocol = "plain.kubevirt.io";

    private static readonly ResourceType Subresources = new("subresources.kubevirt.io", "v1", "virtualmachineinstances");

    public ProbeRoute Route => ProbeRoute.PortForward;

    public async Task<Stream> ConnectAsync(string? host, int port, CancellationToken cancellationToken)
    {
        if (host is not null) return await new DirectWay(host).ConnectAsync(null, port, cancellationToken).ConfigureAwait(false);
        string path = Subresources.PathOf(inNamespace, name, $"portforward/{port.ToString(CultureInfo.InvariantCulture)}/tcp");
        try
        {
            return await session.Client.OpenStreamAsync(path, Protocol, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesException exception) when (exception.Error is KubernetesError.ServerError or KubernetesError.Conflict)
        {
            // virt-api calls the instance before it opens the tunnel: this is what the instance, or its network, said to that.
            throw new IOException(exception.Status?.Message ?? exception.Message, exception);
        }
    }
}
