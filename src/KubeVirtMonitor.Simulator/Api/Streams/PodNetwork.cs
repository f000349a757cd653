using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Leads to the endpoints of the components, and to whatever was said to listen in a pod or an instance.</summary>
public sealed class PodNetwork : IPodNetwork
{
    private readonly ConcurrentDictionary<(string Kind, string Space, string Name, int Port), IPEndPoint> _listeners = [];

    /// <summary>Makes a network with the endpoints of a host.</summary>
    public PodNetwork(SimulatorHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        foreach (SimulatedEndpoint endpoint in host.Endpoints) ListenPod(endpoint);
    }

    internal void ListenPod(SimulatedEndpoint endpoint) => _listeners[("pod", endpoint.Pod.Namespace, endpoint.Pod.Name, endpoint.Port)] = new IPEndPoint(endpoint.Address, endpoint.Port);

    /// <summary>Says that nothing listens in a pod any more.</summary>
    internal void Forget(string space, string pod)
    {
        foreach (var key in _listeners.Keys.Where(key => key.Kind == "pod" && key.Space == space && key.Name == pod)) _listeners.TryRemove(key, out _);
    }

    /// <summary>Says that an instance listens on a port; connections are led to an address on loopback. Its launcher pod listens there too, as with masquerade.</summary>
    public void ListenInstance(SimulatedVmi instance, int port, IPEndPoint target)
    {
        ArgumentNullException.ThrowIfNull(instance);
        ListenInstance(instance.Namespace, instance.Name, port, target);
        ListenPod(instance.Namespace, instance.LauncherPod, port, target);
    }

    /// <summary>Says that an instance listens on a port, by its names.</summary>
    public void ListenInstance(string space, string name, int port, IPEndPoint target) =>
        _listeners[("instance", space, name, port)] = target ?? throw new ArgumentNullException(nameof(target));

    /// <summary>Says that a pod listens on a port.</summary>
    public void ListenPod(string space, string name, int port, IPEndPoint target) =>
        _listeners[("pod", space, name, port)] = target ?? throw new ArgumentNullException(nameof(target));

    /// <summary>Says that nothing listens on a port of an instance any more.</summary>
    public void CloseInstance(SimulatedVmi instance, int port)
    {
        ArgumentNullException.ThrowIfNull(instance);
        _listeners.TryRemove(("instance", instance.Namespace, instance.Name, port), out _);
        _listeners.TryRemove(("pod", instance.Namespace, instance.LauncherPod, port), out _);
    }

    /// <inheritdoc/>
    public Task<Stream> ConnectPodAsync(string space, string pod, int port, string address, CancellationToken cancellation) => ConnectAsync("pod", space, pod, port, address, cancellation);

    /// <inheritdoc/>
    public Task<Stream> ConnectInstanceAsync(string space, string instance, int port, string address, CancellationToken cancellation) => ConnectAsync("instance", space, instance, port, address, cancellation);

    private async Task<Stream> ConnectAsync(string kind, string space, string name, int port, string address, CancellationToken cancellation)
    {
        if (!_listeners.TryGetValue((kind, space, name, port), out IPEndPoint? target)) throw new IOException($"dial tcp {address}:{port}: connect: connection refused");
        Socket socket = new(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(target, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            throw new IOException($"dial tcp {address}:{port}: connect: {(failure.SocketErrorCode == SocketError.ConnectionRefused ? "connection refused" : failure.SocketErrorCode)}", failure);
        }
    }
}
