namespace KubeVirtMonitor.Scraping;

/// <summary>The bytes as they come from the wire, a file or memory: counted, limited, and remembered at their end.</summary>
/// <param name="inner">The bytes.</param>
/// <param name="target">How messages call the target.</param>
/// <param name="limit">Most bytes; a compressed body has its own limit.</param>
/// <param name="progress">Where they are counted.</param>
/// <param name="synchronous">For files and memory, where waiting asynchronously costs more than reading.</param>
internal sealed class BodySource(Stream inner, string target, long limit, ScrapeProgress progress, bool synchronous) : ReadOnlyStream
{
    private readonly byte[] _tail = new byte[4];

    /// <summary>The last four bytes, as the little-endian number that ends a gzip file.</summary>
    public uint LastNumber => BitConverter.IsLittleEndian
        ? BitConverter.ToUInt32(_tail)
        : System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(_tail);

    public override int Read(Span<byte> buffer) => Note(buffer, inner.Read(buffer));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!synchronous) return ReadInnerAsync(buffer, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadInnerAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return Note(buffer.Span, count);
    }

    private int Note(Span<byte> buffer, int count)
    {
        progress.WireBytes += count;
        if (progress.WireBytes > limit) throw LimitFailures.CompressedBody(target, limit);
        ReadOnlySpan<byte> read = buffer[..count];
        if (count >= 4)
        {
            read[^4..].CopyTo(_tail);
        }
        else if (count > 0)
        {
            _tail.AsSpan(count).CopyTo(_tail);
            read.CopyTo(_tail.AsSpan(4 - count));
        }

        return count;
    }
}
