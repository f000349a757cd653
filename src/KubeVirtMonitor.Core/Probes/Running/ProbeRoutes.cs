using System.Globalization;
using System.Net;
using System.Net.Sockets;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.Probes.Running;

/// <summary>
/// The ways of a session to the ports of instances. The one that Auto takes is remembered once it has led to an instance, and only as long as it leads:
/// an instance that it does not lead to gets the other one, where that does, and the next instance tells which of them is that of the session.
/// </summary>
internal sealed class ProbeRoutes : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // A port that is closed for good must not be called by both ways with every probe: after a look at the other way in vain, there is none for so long.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly KubeVirtSession _session;
    private readonly SemaphoreSlim _one = new(1);
    private readonly Dictionary<(string Namespace, string Name), ProbeRoute> _own = [];
    private readonly Dictionary<(string Namespace, string Name), long> _lookedInVain = [];
    private ProbeRoute? _shared;
    private bool _isSearched;

    private ProbeRoutes(KubeVirtSession session) => _session = session;

    public static ProbeRoutes Of(KubeVirtSession session) => session.Attach(static owner => new ProbeRoutes(owner));

    /// <summary>The way to take.</summary>
    /// <param name="asked">The way that is asked for.</param>
    /// <param name="port">A port of it, to try.</param>
    /// <returns>The way; null when the instance has no address, and PortForward is not asked for.</returns>
    /// <exception cref="KubernetesException">With Auto: nobody answers at the address, no other has been reached directly either, and a tunnel is refused. That is no failure of the instance.</exception>
    public async Task<IInstanceDialer?> ChooseAsync(ProbeRoute asked, ProbeInstance instance, int port, CancellationToken cancellationToken)
    {
        if (asked != ProbeRoute.Auto) return DialerOf(asked, instance);
        // virt-api calls the same address, and has no other.
        if (instance.Address is null) return null;
        return DialerOf(Known(instance) ?? await DecideAsync(instance, port, cancellationToken).ConfigureAwait(false), instance);
    }

    /// <summary>The other way to an instance to which the one of Auto has not led; null where that one does not lead there either, or was tried in vain a moment ago.</summary>
    /// <param name="failed">The way that has not led there.</param>
    /// <param name="instance">The instance.</param>
    /// <param name="port">The port.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IInstanceDialer?> InsteadOfAsync(IInstanceDialer failed, ProbeInstance instance, int port, CancellationToken cancellationToken)
    {
        lock (_own)
        {
            if (_lookedInVain.TryGetValue(KeyOf(instance), out long at) && _session.Time.GetElapsedTime(at) < Pause) return null;
        }

        ProbeRoute other = failed.Route == ProbeRoute.Direct ? ProbeRoute.PortForward : ProbeRoute.Direct;
        if (DialerOf(other, instance) is not { } dialer) return null;
        bool isOpen = (await TryAsync(dialer, port, cancellationToken).ConfigureAwait(false)).IsOpen;
        lock (_own)
        {
            if (!isOpen)
            {
                _lookedInVain[KeyOf(instance)] = _session.Time.GetTimestamp();
                return null;
            }

            _lookedInVain.Remove(KeyOf(instance));
            _own[KeyOf(instance)] = other;
            if (_shared == failed.Route) _shared = null;
        }

        return DialerOf(other, instance);
    }

    public void Dispose() => _one.Dispose();

    private static (string Namespace, string Name) KeyOf(ProbeInstance instance) => (instance.Namespace, instance.Name);

    private IInstanceDialer? DialerOf(ProbeRoute route, ProbeInstance instance) => route == ProbeRoute.PortForward
        ? new TunnelDialer(_session, instance.Namespace, instance.Name)
        : instance.Address is { } address ? new DirectDialer(address) : null;

    private ProbeRoute? Known(ProbeInstance instance)
    {
        lock (_own) return _own.TryGetValue(KeyOf(instance), out ProbeRoute own) ? own : _shared;
    }

    private async Task<ProbeRoute> DecideAsync(ProbeInstance instance, int port, CancellationToken cancellationToken)
    {
        // All wait for the first search, which tells in most cases; where it does not, they need not wait for each other.
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        bool isFirst = !_isSearched;
        if (!isFirst) _one.Release();
        try
        {
            if (Known(instance) is { } meanwhile) return meanwhile;
            Trial direct = await TryAsync(DialerOf(ProbeRoute.Direct, instance)!, port, cancellationToken).ConfigureAwait(false);
            if (direct.IsOpen) return Remember(ProbeRoute.Direct);
            Trial tunnel = await TryAsync(DialerOf(ProbeRoute.PortForward, instance)!, port, cancellationToken).ConfigureAwait(false);
            if (tunnel.IsOpen) return Remember(ProbeRoute.PortForward);
            if (!direct.IsAnswer && tunnel.Refusal is { } refusal)
            {
                throw new KubernetesException(
                    refusal.Error, $"{instance.Namespace}/{instance.Name} cannot be reached from here: Direct: {direct.What}; PortForward: {refusal.What}", refusal.Advice, refusal)
                { StatusCode = refusal.StatusCode, Status = refusal.Status };
            }

            // Nothing is sure yet: the port is closed, and the next instance may tell more.
            lock (_own) _lookedInVain[KeyOf(instance)] = _session.Time.GetTimestamp();
            return direct.IsAnswer || !tunnel.IsAnswer ? ProbeRoute.Direct : ProbeRoute.PortForward;
        }
        finally
        {
            if (isFirst)
            {
                _isSearched = true;
                _one.Release();
            }
        }
    }

    private ProbeRoute Remember(ProbeRoute route)
    {
        lock (_own) _shared = route;
        return route;
    }

    private static async Task<Trial> TryAsync(IInstanceDialer dialer, int port, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(Patience);
        try
        {
            Stream stream = await dialer.ConnectAsync(null, port, limited.Token).ConfigureAwait(false);
            await stream.DisposeAsync().ConfigureAwait(false);
            return new Trial(true, true, "connected", null);
        }
        catch (IOException exception)
        {
            bool isAnswer = exception.InnerException is KubernetesException or System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.ConnectionRefused };
            return new Trial(false, isAnswer, exception.Message, null);
        }
        catch (KubernetesException exception)
        {
            return new Trial(false, false, exception.What, exception);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Trial(false, false, $"no answer within {ProbeText.Seconds(Patience)}", null);
        }
    }

    // Whether a port could be opened, and else whether it was the other side that refused; what was said, and by the API server of the way as such.
    private sealed record Trial(bool IsOpen, bool IsAnswer, string What, KubernetesException? Refusal);
}

/// <summary>A route to the ports of an instance.</summary>
internal interface IInstanceDialer
{
    /// <summary>Direct or PortForward.</summary>
    ProbeRoute Route { get; }

    /// <summary>Connects to a port.</summary>
    /// <param name="host">The host that the probe names; null = the instance.</param>
    /// <exception cref="IOException">Nobody listens there, or nobody can be reached.</exception>
    /// <exception cref="KubernetesException">The API server refuses the way as such.</exception>
    Task<Stream> ConnectAsync(string? host, int port, CancellationToken cancellationToken);
}

/// <summary>The route directly to an address.</summary>
internal sealed class DirectDialer(string address) : IInstanceDialer
{
    public ProbeRoute Route => ProbeRoute.Direct;

    /// <summary>Whether somebody has taken a connection there.</summary>
    public bool HasLed { get; private set; }

    public async Task<Stream> ConnectAsync(string? host, int port, CancellationToken cancellationToken)
    {
        string name = host ?? address;
        Socket socket = IPAddress.TryParse(name, out IPAddress? parsed)
            ? new Socket(parsed.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            if (parsed is not null) await socket.ConnectAsync(new IPEndPoint(parsed, port), cancellationToken).ConfigureAwait(false);
            else await socket.ConnectAsync(name, port, cancellationToken).ConfigureAwait(false);
            HasLed = true;
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new IOException($"dial tcp {HostText.WithPort(name, port)}: {Reason(exception)}", exception);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Reason(SocketException exception) => exception.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.NetworkUnreachable => "network is unreachable",
        SocketError.HostUnreachable => "no route to host",
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "no such host",
        SocketError.TimedOut => "connection timed out",
        _ => exception.SocketErrorCode.ToString(),
    };
}

/// <summary>Through KubeVirt's port-forward (<c>plain.kubevirt.io</c>). A host in the probe is contacted directly, because virt-api does not know it.</summary>
internal sealed class TunnelDialer(KubeVirtSession session, string inNamespace, string name) : IInstanceDialer
{
    private const string Protocol = "plain.kubevirt.io";

    private static readonly ResourceType Subresources = new("subresources.kubevirt.io", "v1", "virtualmachineinstances");

    public ProbeRoute Route => ProbeRoute.PortForward;

    public async Task<Stream> ConnectAsync(string? host, int port, CancellationToken cancellationToken)
    {
        if (host is not null) return await new DirectDialer(host).ConnectAsync(null, port, cancellationToken).ConfigureAwait(false);
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
