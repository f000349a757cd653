using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// Reads the header blocks of a connection, which are one zlib stream with the dictionary of SPDY/3. .NET has no dictionaries for zlib, but the dictionary
/// can come first as a stored block of the deflate stream: then it is in the window, which is all that a dictionary is.
/// </summary>
internal sealed class SpdyHeaderReader : IDisposable
{
    private const int MostHeaders = 256;
    private const int MostBytes = 64 * 1024;

    private readonly Feed _feed = new();
    private readonly DeflateStream _inflate;
    private bool _begun;

    public SpdyHeaderReader() => _inflate = new DeflateStream(_feed, CompressionMode.Decompress);

    /// <summary>Reads a block.</summary>
    /// <exception cref="InvalidDataException">It is no header block.</exception>
    public Dictionary<string, string> Read(ReadOnlySpan<byte> block)
    {
        if (!_begun)
        {
            // Two bytes of zlib header, then the checksum of the dictionary when the header announces one.
            if (block.Length < 2) throw new InvalidDataException("The first header block has no zlib header.");
            block = block[((block[1] & 0x20) != 0 ? 6 : 2)..];
            Begin();
        }

        _feed.Add(block);
        int count = Number(MostHeaders);
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        for (int i = 0; i < count; i++)
        {
            string name = Text();
            headers[name] = Text();
        }

        return headers;
    }

    public void Dispose() => _inflate.Dispose();

    private void Begin()
    {
        _begun = true;
        byte[] dictionary = SpdyDictionary.Bytes;
        byte[] stored = new byte[5 + dictionary.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(stored.AsSpan(1), (ushort)dictionary.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(stored.AsSpan(3), (ushort)~dictionary.Length);
        dictionary.CopyTo(stored, 5);
        _feed.Add(stored);
        _inflate.ReadExactly(new byte[dictionary.Length]);
    }

    private int Number(int most)
    {
        Span<byte> bytes = stackalloc byte[4];
        _inflate.ReadExactly(bytes);
        uint number = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return number <= most ? (int)number : throw new InvalidDataException($"A header block has a length of {number}.");
    }

    private string Text()
    {
        byte[] bytes = new byte[Number(MostBytes)];
        _inflate.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>The compressed bytes that have come so far and are not yet read.</summary>
    private sealed class Feed : Stream
    {
        private readonly Queue<byte[]> _parts = [];
        private int _offset;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public void Add(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length > 0) _parts.Enqueue(bytes.ToArray());
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (!_parts.TryPeek(out byte[]? part)) return 0;
            int count = Math.Min(buffer.Length, part.Length - _offset);
            part.AsSpan(_offset, count).CopyTo(buffer);
            _offset += count;
            if (_offset == part.Length)
            {
                _parts.Dequeue();
                _offset = 0;
            }

            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
