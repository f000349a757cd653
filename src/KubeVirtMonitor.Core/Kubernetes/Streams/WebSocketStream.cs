namespace KubeVirtMonitor.Kubernetes;

/// <summary>
/// A WebSocket whose messages are a byte stream. Reads and writes may overlap; each kind one at a time. virt-api ends the stream by ending the connection, without
/// a close frame (so it cannot say whether the guest closed or was cut off), which is its end here too as long as no message is cut.
/// </summary>
internal class WebSocketStream(ApiWebSocket socket) : AsyncStream
{
    private const int LongestMessage = 32 * 1024;

    private bool _isAtEnd;
    private int _isDisposed;

    protected ApiWebSocket Socket => socket;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return 0;
        while (!_isAtEnd)
        {
            SocketPiece piece = await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (piece.IsEnd) _isAtEnd = true;
            else if (piece.Count > 0) return piece.Count;
        }

        return socket.Failure is { } failure ? throw socket.Broken(failure) : 0;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            int length = Math.Min(buffer.Length, LongestMessage);
            await SendAsync(buffer[..length], cancellationToken).ConfigureAwait(false);
            buffer = buffer[length..];
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            await socket.CloseAsync().ConfigureAwait(false);
            socket.Dispose();
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected virtual ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => socket.SendAsync(bytes, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        // The HTTP handler disposes of its transports this way.
        if (disposing && Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            socket.CloseAsync().GetAwaiter().GetResult();
            socket.Dispose();
        }

        base.Dispose(disposing);
    }
}
