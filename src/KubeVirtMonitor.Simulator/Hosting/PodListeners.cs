using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace KubeVirtMonitor.Simulator;

/// <summary>
/// The listeners of pods. Kestrel listens where it was told to at its start; a pod that goes and comes back elsewhere needs a listener that can be closed, so that
/// connections are refused, and be opened again at another address.
/// </summary>
internal sealed class PodListeners : IConnectionListenerFactory
{
    private readonly SocketTransportFactory _sockets = new(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
    private readonly ConcurrentDictionary<EndPoint, PodListener> _listeners = [];

    /// <summary>The listener that was bound to an address first.</summary>
    public PodListener this[EndPoint address] => _listeners[address];

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        PodListener listener = new(_sockets);
        await listener.OpenAsync(endpoint, cancellationToken);
        return _listeners[listener.EndPoint] = listener;
    }

    /// <summary>Answers plain HTTP on a port for HTTPS as Go does, before TLS looks at the connection.</summary>
    public static void RefusePlainHttp(ListenOptions listen) => listen.Use(next => async connection =>
    {
        const byte Handshake = 0x16;
        var first = await connection.Transport.Input.ReadAsync();
        bool plain = first.Buffer.Length > 0 && first.Buffer.FirstSpan[0] != Handshake;
        connection.Transport.Input.AdvanceTo(first.Buffer.Start);
        if (!plain)
        {
            await next(connection);
            return;
        }

        connection.Transport.Output.Write("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"u8);
        await connection.Transport.Output.FlushAsync();

        // What was sent is taken, since a connection that is closed over unread bytes is reset, and the answer lost.
        first = await connection.Transport.Input.ReadAsync();
        connection.Transport.Input.AdvanceTo(first.Buffer.End);
        await connection.Transport.Output.CompleteAsync();
    });
}

/// <summary>A port that Kestrel listens on, and the pod that is served there: pods change their ports as they come and go.</summary>
internal sealed class PodPort
{
    public SimulatedEndpoint? Endpoint { get; set; }

    public PodListener? Listener { get; set; }
}

/// <summary>The listener of one pod.</summary>
internal sealed class PodListener(SocketTransportFactory sockets) : IConnectionListener
{
    private readonly ConcurrentDictionary<ConnectionContext, byte> _connections = [];
    private TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IConnectionListener? _inner;
    private bool _ended;

    public EndPoint EndPoint { get; private set; } = new IPEndPoint(IPAddress.None, 0);

    /// <summary>Whether connections are accepted.</summary>
    public bool IsOpen => _inner is not null;

    public async Task OpenAsync(EndPoint at, CancellationToken cancellation = default)
    {
        IConnectionListener inner = await sockets.BindAsync(at, cancellation);
        EndPoint = inner.EndPoint;
        _inner = inner;
        _opened.TrySetResult();
    }

    /// <summary>Refuses connections from now on, and breaks off those that are open.</summary>
    public async Task CloseAsync()
    {
        _opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.Exchange(ref _inner, null) is not { } inner) return;
        await inner.UnbindAsync();
        await inner.DisposeAsync();
        foreach (ConnectionContext connection in _connections.Keys) connection.Abort(new ConnectionAbortedException("The pod is gone."));
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (!_ended)
        {
            await _opened.Task.WaitAsync(cancellationToken);
            if (_inner is not { } inner || await inner.AcceptAsync(cancellationToken) is not { } connection) continue;
            _connections.TryAdd(connection, 0);
            connection.ConnectionClosed.Register(() => _connections.TryRemove(connection, out _));
            return connection;
        }

        return null;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _ended = true;
        if (_inner is { } inner) await inner.UnbindAsync(cancellationToken);
        _opened.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        _ended = true;
        _opened.TrySetResult();
        if (_inner is { } inner) await inner.DisposeAsync();
    }
}
