using System.Text;
using KubeVirtMonitor.Files;

namespace KubeVirtMonitor.Scraping;

/// <summary>A stream that is read forward and does nothing else.</summary>
internal abstract class ReadOnlyStream : Stream
{
    public sealed override bool CanRead => true;

    public sealed override bool CanSeek => false;

    public sealed override bool CanWrite => false;

    public sealed override long Length => throw Unsupported();

    public sealed override long Position
    {
        get => throw Unsupported();
        set => throw Unsupported();
    }

    public abstract override int Read(Span<byte> buffer);

    public sealed override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public sealed override void Flush() => throw Unsupported();

    public sealed override long Seek(long offset, SeekOrigin origin) => throw Unsupported();

    public sealed override void SetLength(long value) => throw Unsupported();

    public sealed override void Write(byte[] buffer, int offset, int count) => throw Unsupported();

    private static NotSupportedException Unsupported() => new("The stream is read forward only.");
}

/// <summary>A pipe, whose reads wait for a writer that may never come: the token ends the waiting, on the thread of the caller.</summary>
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

/// <summary>Bytes in memory, followed by a stream.</summary>
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

/// <summary>Text as UTF-8 bytes, encoded piece by piece while it is read, so that no second copy of it comes to be.</summary>
/// <param name="lines">Lines without their ends, or pieces of many lines. Each piece ends its last line.</param>
internal sealed class TextStream(IEnumerable<string> lines) : ReadOnlyStream
{
    private readonly IEnumerator<string> _lines = lines.GetEnumerator();
    private readonly Encoder _encoder = Encoding.UTF8.GetEncoder();
    private readonly byte[] _encoded = new byte[32768];
    private int _start;
    private int _end;
    private string _line = "";
    private int _position;
    private bool _lineIsOpen;

    public override int Read(Span<byte> buffer)
    {
        if (_start == _end) Encode();
        int count = Math.Min(buffer.Length, _end - _start);
        _encoded.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _lines.Dispose();
        base.Dispose(disposing);
    }

    private void Encode()
    {
        const int LongestCharacter = 4;
        _start = _end = 0;
        while (_encoded.Length - _end >= LongestCharacter)
        {
            if (_position < _line.Length)
            {
                _encoder.Convert(_line.AsSpan(_position), _encoded.AsSpan(_end), flush: false, out int chars, out int bytes, out _);
                _position += chars;
                _end += bytes;
                continue;
            }

            if (_lineIsOpen)
            {
                _encoded[_end++] = (byte)'\n';
                _lineIsOpen = false;
                continue;
            }

            if (!_lines.MoveNext()) return;
            _line = _lines.Current ?? "";
            _position = 0;
            _lineIsOpen = !_line.EndsWith('\n');
        }
    }
}
