using System.IO.Pipelines;
using System.Net.WebSockets;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>A WebSocket that carries several streams: the first byte of each message is the number of its channel (<c>v4.channel.k8s.io</c>, <c>v5.channel.k8s.io</c>).</summary>
internal sealed class ChannelSocket(WebSocket socket) : IDisposable
{
    /// <summary>In v5, a message on this channel carries the number of a channel that its sender has finished.</summary>
    public const byte CloseChannel = 255;

    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Dictionary<byte, Pipe> _incoming = [];

    /// <summary>The bytes that come on a channel. To be asked for before reading begins.</summary>
    public Stream Incoming(byte channel)
    {
        Pipe pipe = new(new PipeOptions(useSynchronizationContext: false));
        _incoming[channel] = pipe;
        return pipe.Reader.AsStream();
    }

    /// <summary>A stream whose writes go out on a channel.</summary>
    public Stream Outgoing(byte channel) => new ChannelStream(this, channel);

    public async Task SendAsync(byte channel, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        byte[] message = new byte[bytes.Length + 1];
        message[0] = channel;
        bytes.CopyTo(message.AsMemory(1));
        await _sending.WaitAsync(cancellation);
        try
        {
            await socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, cancellation);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Reads messages until the other side closes or goes away.</summary>
    public async Task ReceiveAsync(CancellationToken cancellation)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (socket.State == WebSocketState.Open)
            {
                byte? channel = null;
                ValueWebSocketReceiveResult part;
                do
                {
                    part = await socket.ReceiveAsync(buffer.AsMemory(), cancellation);
                    if (part.MessageType == WebSocketMessageType.Close) return;
                    ReadOnlyMemory<byte> bytes = buffer.AsMemory(0, part.Count);
                    if (channel is null && bytes.Length > 0)
                    {
                        channel = bytes.Span[0];
                        bytes = bytes[1..];
                    }

                    if (channel == CloseChannel && socket.SubProtocol == "v5.channel.k8s.io" && bytes.Length > 0) await FinishAsync(bytes.Span[0]);
                    else if (channel is { } number && bytes.Length > 0 && _incoming.TryGetValue(number, out Pipe? pipe)) await pipe.Writer.WriteAsync(bytes, cancellation);
                }
                while (!part.EndOfMessage);
            }
        }
        catch (WebSocketException)
        {
            // The other side has gone without a word.
        }
        finally
        {
            foreach (Pipe pipe in _incoming.Values) await pipe.Writer.CompleteAsync();
        }
    }

    public async Task CloseAsync(CancellationToken cancellation)
    {
        await _sending.WaitAsync(cancellation);
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived) await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellation);
        }
        catch (WebSocketException)
        {
            // It is closed already, from the other side.
        }
        finally
        {
            _sending.Release();
        }
    }

    public void Dispose() => _sending.Dispose();

    private async Task FinishAsync(byte channel)
    {
        if (_incoming.TryGetValue(channel, out Pipe? pipe)) await pipe.Writer.CompleteAsync();
    }

    private sealed class ChannelStream(ChannelSocket owner, byte channel) : DuplexStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => new(owner.SendAsync(channel, buffer, cancellationToken));
    }
}
