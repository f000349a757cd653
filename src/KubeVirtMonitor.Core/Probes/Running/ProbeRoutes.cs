namespace KubeVirtMonitor.Probes.Running;

/// <summary>The way of a session to the ports of instances: tried once, and remembered as soon as it is sure.</summary>
internal sealed class ProbeRoutes : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly KubeVirtSession _session;
    private readonly SemaphoreSlim _one = new(1);
    private ProbeRoute? _known;

    private ProbeRoutes(KubeVirtSession session) => _session = session;

    public static ProbeRoutes Of(KubeVirtSession session) => session.Attach(static owner => new ProbeRoutes(owner));

    /// <summary>The way to take.</summary>
    /// <param name="asked">The way that is asked for.</param>
    /// <param name="instance">The instance.</param>
    /// <param name="port">A port of it, to try.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The way; null when Direct is asked for and the instance has no address.</returns>
    public async Task<IInstanceWay?> ChooseAsync(ProbeRoute asked, ProbeInstance instance, int port, CancellationToken cancellationToken)
    {
        if (asked == ProbeRoute.Auto) asked = _known ?? await DecideAsync(instance, port, cancellationToken).ConfigureAwait(false);
        if (asked == ProbeRoute.PortForward) return new TunnelWay(_session, instance.Namespace, instance.Name);
        return instance.Address is { } address ? new DirectWay(address) : null;
    }

    public void Dispose() => _one.Dispose();

    private async Task<ProbeRoute> DecideAsync(ProbeInstance instance, int port, CancellationToken cancellationToken)
    {
        if (instance.Address is not { } address) return ProbeRoute.PortForward;
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_known is { } meanwhile) return meanwhile;
            (bool opened, bool isAnswer) = await TryAsync(new DirectWay(address), port, cancellationToken).ConfigureAwait(false);
            if (opened) return Remember(ProbeRoute.Direct);
            (bool tunnelled, bool isReached) = await TryAsync(new TunnelWay(_session, instance.Namespace, instance.Name), port, cancellationToken).ConfigureAwait(false);
            if (tunnelled) return Remember(ProbeRoute.PortForward);

            // Nothing is sure yet: the port is closed, and the next instance may tell more.
            return isAnswer || !isReached ? ProbeRoute.Direct : ProbeRoute.PortForward;
        }
        finally
        {
            _one.Release();
        }
    }

    private ProbeRoute Remember(ProbeRoute route)
    {
        _known = route;
        return route;
    }

    /// <summary>Whether a port can be opened, and else whether it was the other side that refused.</summary>
    private static async Task<(bool IsOpen, bool IsAnswer)> TryAsync(IInstanceWay way, int port, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(Patience);
        try
        {
            Stream stream = await way.ConnectAsync(null, port, limited.Token).ConfigureAwait(false);
            await stream.DisposeAsync().ConfigureAwait(false);
            return (true, true);
        }
        catch (IOException exception)
        {
            return (false, exception.InnerException is KubernetesException or System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.ConnectionRefused });
        }
        catch (KubernetesException)
        {
            // The permission for tunnels is missing: direct is the only way left to try.
            return (false, false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (false, false);
        }
    }
}
