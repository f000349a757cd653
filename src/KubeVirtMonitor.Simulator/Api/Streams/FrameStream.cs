using System.Buffers.Binary;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The frames of a WebSocket on the side of the server, one by one: what virt-api sends no library of .NET would.</summary>
internal sealed class FrameStream(Stream transport) : IDisposable
{
    public const int Binary = 2;
    public const int Close = 8;
    public const int Ping = 9;
    public const int Pong = 10;

    private readonly SemaphoreSlim _sending = new(1, 1);

    public void Dispose() => _sending.Dispose();

    /// <summary>The next frame, or null at the end of the connection.</summary>
    public async Task<Frame?> ReadAsync(CancellationToken cancellation)
    {
        byte[] head = new byte[2];
        if (await transport.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false, cancellation) < 2) return null;
        long length = head[1] & 127;
        if (length >= 126)
        {
            byte[] extended = new byte[length == 126 ? 2 : 8];
            await transport.ReadExactlyAsync(extended, cancellation);
            length = length == 126 ? BinaryPrimitives.ReadUInt16BigEndian(extended) : (long)BinaryPrimitives.ReadUInt64BigEndian(extended);
        }

        byte[] mask = new byte[4];
        bool masked = (head[1] & 128) != 0;
        if (masked) await transport.ReadExactlyAsync(mask, cancellation);
        byte[] payload = new byte[length];
        await transport.ReadExactlyAsync(payload, cancellation);
        for (int i = 0; masked && i < payload.Length; i++) payload[i] ^= mask[i % 4];
        return new Frame(head[0] & 15, payload);
    }

    public async Task WriteAsync(int operation, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        byte[] head = payload.Length switch
        {
            < 126 => [0, (byte)payload.Length],
            <= ushort.MaxValue => [0, 126, (byte)(payload.Length >> 8), (byte)payload.Length],
            _ => [0, 127, 0, 0, 0, 0, (byte)(payload.Length >> 24), (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length],
        };
        head[0] = (byte)(128 | operation);
        await _sending.WaitAsync(cancellation);
        try
        {
            await transport.WriteAsync(new byte[][] { head, payload.ToArray() }.SelectMany(static part => part).ToArray(), cancellation);
            await transport.FlushAsync(cancellation);
        }
        finally
        {
            _sending.Release();
        }
    }
}

/// <summary>A frame of a WebSocket.</summary>
/// <param name="Operation">1 text, 2 binary, 8 close, 9 ping, 10 pong; 0 goes on with the message before.</param>
/// <param name="Payload">What it carries, unmasked.</param>
internal sealed record Frame(int Operation, byte[] Payload);
