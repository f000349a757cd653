namespace KubeVirtMonitor.Kubernetes;

/// <summary>
/// A WebSocket whose messages are a byte stream. Reads and writes may overlap; each kind one at a time. virt-api ends the stream by ending the connection, without
/// a close frame (so it cannot say whether the guest closed or was cut off), which is its end here too as long as no message is cut.
/// </summary>
internal class WebSocketStream(ApiWebSocket socket) : Stream
{
    private const int LongestMessage = 32 * 1024;

    private bool _isAtEnd;
    private int _isDisposed;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

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

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

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
