namespace KubeVirtMonitor.Kubernetes;

/// <summary>
/// Passes the bytes of a WebSocket through and follows where frames end (RFC 6455, 5.2), so that a connection that ends between two messages can be told from one that
/// is cut within. The platform's WebSocket calls both premature.
/// </summary>
internal sealed class FrameFollower(Stream inner) : AsyncStream
{
    private const int FinalBit = 0x80;

    private const int ControlBit = 0x08;

    private int _headerSeen;
    private int _firstByte;
    private int _lengthBytesLeft;
    private long _length;
    private long _payloadLeft;
    private bool _isInMessage;
    private bool _isAtEnd;

    /// <summary>Whether the server has ended the connection, and not in the middle of a frame or message.</summary>
    public bool IsAtCleanEnd => _isAtEnd && _headerSeen == 0 && _payloadLeft == 0 && !_isInMessage;

    /// <summary>
    /// Why nothing can be written any more; null while it can. A server that sends a ping and ends the connection takes no pong: what it sent before that is whole all
    /// the same, so a failed write does not keep anybody from reading to the end.
    /// </summary>
    public IOException? WriteFailure { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = 0;
        try
        {
            count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException) when (WriteFailure is not null)
        {
            // The reset that follows bytes which the server no longer took.
        }

        if (count == 0 && !buffer.IsEmpty) _isAtEnd = true;
        Follow(buffer.Span[..count]);
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException failure)
        {
            WriteFailure ??= failure;
        }
    }

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private void Follow(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_payloadLeft > 0)
            {
                int taken = (int)Math.Min(_payloadLeft, bytes.Length);
                _payloadLeft -= taken;
                bytes = bytes[taken..];
                continue;
            }

            TakeHeader(bytes[0]);
            bytes = bytes[1..];
        }
    }

    // A server masks nothing, so a header is two bytes, and up to eight of a longer length.
    private void TakeHeader(byte next)
    {
        switch (_headerSeen++)
        {
            case 0:
                _firstByte = next;
                return;
            case 1:
                _lengthBytesLeft = (next & 0x7F) switch { 126 => 2, 127 => 8, _ => 0 };
                _length = _lengthBytesLeft == 0 ? next & 0x7F : 0;
                break;
            default:
                _lengthBytesLeft--;
                _length = (_length << 8) | next;
                break;
        }

        if (_lengthBytesLeft > 0) return;
        _payloadLeft = _length;
        _headerSeen = 0;
        if ((_firstByte & ControlBit) == 0) _isInMessage = (_firstByte & FinalBit) == 0;
    }
}
