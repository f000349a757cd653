namespace KubeVirtMonitor.Scraping;

/// <summary>Bytes at hand, and a stream behind them.</summary>
internal sealed class PrefixedStream(ReadOnlyMemory<byte> head, Stream rest) : ReadOnlyStream
{
    private ReadOnlyMemory<byte> _head = head;

    /// <summary>Bytes given out so far.</summary>
    public long Count { get; private set; }

    public override int Read(Span<byte> buffer) => Counted(_head.IsEmpty ? rest.Read(buffer) : ReadHead(buffer));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Counted(_head.IsEmpty ? await rest.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) : ReadHead(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    protected override void Dispose(bool disposing)
    {
        if (disposing) rest.Dispose();
        base.Dispose(disposing);
    }

    private int ReadHead(Span<byte> buffer)
    {
        int count = Math.Min(buffer.Length, _head.Length);
        _head.Span[..count].CopyTo(buffer);
        _head = _head[count..];
        return count;
    }

    private int Counted(int count)
    {
        Count += count;
        return count;
    }
}
