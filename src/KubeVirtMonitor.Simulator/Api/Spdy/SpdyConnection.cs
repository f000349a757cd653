using System.Buffers.Binary;
using System.Threading.Channels;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The side of a SPDY/3.1 connection that accepts streams. Without flow control, as the Kubernetes side of it is.</summary>
internal sealed class SpdyConnection(Stream transport) : IAsyncDisposable
{
    private const int HeaderLength = 8;
    private const int MostFrame = 16 << 20;
    private const byte Fin = 1;

    /// <summary>
    /// A zlib header, a stored block that holds "no headers", and an empty one, without which a reader would wait for what follows. Later blocks of the
    /// same stream have no zlib header.
    /// </summary>
    private static readonly byte[] FirstEmptyHeaders = [0x78, 0x01, 0x00, 0x04, 0x00, 0xFB, 0xFF, 0, 0, 0, 0, 0x00, 0x00, 0x00, 0xFF, 0xFF];
    private static readonly byte[] EmptyHeaders = FirstEmptyHeaders[2..];

    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SpdyHeaderReader _headers = new();
    private readonly Dictionary<uint, SpdyStream> _streams = [];
    private readonly Channel<SpdyStream> _accepted = Channel.CreateUnbounded<SpdyStream>();
    private bool _replied;

    private enum FrameType
    {
        SynStream = 1,
        SynReply = 2,
        Reset = 3,
        Settings = 4,
        Ping = 6,
        GoAway = 7,
        Headers = 8,
        WindowUpdate = 9,
    }

    /// <summary>The next stream that the other side opens, or null when the connection ends.</summary>
    public async ValueTask<SpdyStream?> TryAcceptAsync(CancellationToken cancellation)
    {
        try
        {
            return await _accepted.Reader.ReadAsync(cancellation);
        }
        catch (Exception failure) when (failure is ChannelClosedException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Reads frames until the connection ends.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            byte[] header = new byte[HeaderLength];
            while (await transport.ReadAtLeastAsync(header, HeaderLength, throwOnEndOfStream: false, cancellation) == HeaderLength)
            {
                int length = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4)) & 0xFFFFFF;
                if (length > MostFrame) throw new InvalidDataException($"A frame has {length} bytes.");
                byte[] payload = new byte[length];
                await transport.ReadExactlyAsync(payload, cancellation);
                bool control = (header[0] & 0x80) != 0;
                if (control && !await ControlAsync((FrameType)BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(2)), header[4], payload, cancellation)) break;
                if (!control) await DataAsync(BinaryPrimitives.ReadUInt32BigEndian(header), header[4], payload, cancellation);
            }
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException or InvalidDataException)
        {
            // A connection that breaks, or speaks something else, ends.
        }
        finally
        {
            _accepted.Writer.TryComplete();
            SpdyStream[] open;
            lock (_streams) open = [.. _streams.Values];
            foreach (SpdyStream stream in open) await stream.EndAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _headers.Dispose();
        _writing.Dispose();
        await transport.DisposeAsync();
    }

    internal async Task SendDataAsync(uint stream, ReadOnlyMemory<byte> bytes, bool last, CancellationToken cancellation)
    {
        byte[] frame = new byte[HeaderLength + bytes.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, stream);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), bytes.Length);
        if (last) frame[4] = Fin;
        bytes.CopyTo(frame.AsMemory(HeaderLength));
        await SendAsync(frame, cancellation);
    }

    private async Task<bool> ControlAsync(FrameType type, byte flags, byte[] payload, CancellationToken cancellation)
    {
        switch (type)
        {
            case FrameType.SynStream:
                uint id = BinaryPrimitives.ReadUInt32BigEndian(payload) & 0x7FFFFFFF;
                SpdyStream opened = new(this, id, _headers.Read(payload.AsSpan(10)));
                lock (_streams) _streams[id] = opened;
                await ReplyAsync(id, cancellation);
                if ((flags & Fin) != 0) await opened.EndAsync();
                await _accepted.Writer.WriteAsync(opened, cancellation);
                return true;
            case FrameType.Headers:
                _ = _headers.Read(payload.AsSpan(4));
                return true;
            case FrameType.Ping:
                await SendAsync(Frame(FrameType.Ping, payload), cancellation);
                return true;
            case FrameType.Reset:
                SpdyStream? reset;
                lock (_streams) _streams.Remove(BinaryPrimitives.ReadUInt32BigEndian(payload) & 0x7FFFFFFF, out reset);
                if (reset is not null) await reset.EndAsync();
                return true;
            case FrameType.GoAway:
                return false;
            default:
                return true;
        }
    }

    private async Task DataAsync(uint id, byte flags, byte[] payload, CancellationToken cancellation)
    {
        SpdyStream? stream;
        lock (_streams) stream = _streams.GetValueOrDefault(id);
        if (stream is null) return;
        if (payload.Length > 0) await stream.ReceiveAsync(payload, cancellation);
        if ((flags & Fin) != 0) await stream.EndAsync();
    }

    private async Task ReplyAsync(uint id, CancellationToken cancellation)
    {
        byte[] headers = _replied ? EmptyHeaders : FirstEmptyHeaders;
        _replied = true;
        byte[] payload = new byte[4 + headers.Length];
        BinaryPrimitives.WriteUInt32BigEndian(payload, id);
        headers.CopyTo(payload, 4);
        await SendAsync(Frame(FrameType.SynReply, payload), cancellation);
    }

    private static byte[] Frame(FrameType type, byte[] payload)
    {
        byte[] frame = new byte[HeaderLength + payload.Length];
        frame[0] = 0x80;
        frame[1] = 3;
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)type);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), payload.Length);
        payload.CopyTo(frame, HeaderLength);
        return frame;
    }

    private async Task SendAsync(byte[] frame, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            await transport.WriteAsync(frame, cancellation);
            await transport.FlushAsync(cancellation);
        }
        finally
        {
            _writing.Release();
        }
    }
}
