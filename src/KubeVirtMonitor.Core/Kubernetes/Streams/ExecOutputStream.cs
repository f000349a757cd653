using System.Threading.Channels;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>What a command in a container writes. Holds back the sender when nobody reads.</summary>
internal sealed class ExecOutputStream : AsyncStream
{
    private const int MostPieces = 64;

    private readonly Channel<byte[]> _pieces = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MostPieces) { SingleReader = true, SingleWriter = true });
    private ReadOnlyMemory<byte> _piece;

    public override bool CanWrite => false;

    public ValueTask AddAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => _pieces.Writer.WriteAsync(bytes.ToArray(), cancellationToken);

    /// <summary>Ends the stream.</summary>
    /// <param name="failure">What ended it; null = the command did.</param>
    public void Complete(Exception? failure) => _pieces.Writer.TryComplete(failure);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_piece.IsEmpty)
        {
            if (!await _pieces.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false)) return 0;
            if (_pieces.Reader.TryRead(out byte[]? piece)) _piece = piece;
        }

        int count = Math.Min(buffer.Length, _piece.Length);
        _piece[..count].CopyTo(buffer);
        _piece = _piece[count..];
        return count;
    }
}
