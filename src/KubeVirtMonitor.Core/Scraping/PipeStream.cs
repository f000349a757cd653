using KubeVirtMonitor.Files;

namespace KubeVirtMonitor.Scraping;

/// <summary>A pipe, whose reads wait for a writer that may never come: the token ends the waiting, on the thread of the caller.</summary>
/// <param name="pipe">The pipe.</param>
/// <param name="cancellationToken">Ends a read at once.</param>
internal sealed class PipeStream(Stream pipe, CancellationToken cancellationToken) : ReadOnlyStream
{
    // What a pipe of Linux holds.
    private readonly byte[] _buffer = new byte[64 << 10];

    public override int Read(Span<byte> buffer)
    {
        int most = Math.Min(buffer.Length, _buffer.Length);
        int count = Abandonable.Wait(() => pipe.Read(_buffer, 0, most), cancellationToken);
        _buffer.AsSpan(0, count).CopyTo(buffer);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) pipe.Dispose();
        base.Dispose(disposing);
    }
}
