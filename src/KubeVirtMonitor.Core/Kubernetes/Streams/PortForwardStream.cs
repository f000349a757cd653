using System.Buffers;
using System.Globalization;
using System.Text;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>
/// A port of a pod, forwarded by kubelet over a WebSocket. Speaks kubelet's own channel protocol (<c>v4.channel.k8s.io</c>) and not SPDY in a
/// tunnel, which API servers know from 1.30 only: every API server hands this one through unchanged. Each message begins with its channel:
/// 0 is data, 1 is errors, and the first two bytes of either are the port, little endian.
/// </summary>
internal sealed class PortForwardStream(ApiWebSocket socket, int port) : WebSocketStream(socket)
{
    private const string Protocol = "v4.channel.k8s.io";

    private const byte Data = 0;

    private const byte Errors = 1;

    private const int PortLength = 2;

    private const int MostErrorText = 4096;

    private readonly byte[] _buffer = new byte[32 * 1024];
    private readonly int[] _portSeen = new int[2];
    private readonly byte[] _portBytes = new byte[4];
    private readonly StringBuilder _error = new();
    private int _start;
    private int _end;
    private bool _isInMessage;
    private byte _channel;
    private bool _isAtEnd;

    public static async Task<Stream> OpenAsync(ApiTransport transport, string inNamespace, string pod, int port, CancellationToken cancellationToken)
    {
        if (port is < 1 or > 65535) throw new KubernetesException(KubernetesError.ArgumentInvalid, $"{port} is not a port", "Ports are numbers from 1 to 65535.");
        string path = ResourceType.Pods.PathOf(inNamespace, pod, $"portforward?ports={port.ToString(CultureInfo.InvariantCulture)}");
        ApiRequest request = new(HttpMethod.Get, path) { WebSocketProtocols = [Protocol], Purpose = $"forward port {port} of pod {inNamespace}/{pod}" };
        return new PortForwardStream(await SocketOpener.OpenAsync(transport, request, needsProtocol: true, cancellationToken).ConfigureAwait(false), port);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return 0;
        while (true)
        {
            if (_start < _end && _channel == Data)
            {
                int count = Math.Min(buffer.Length, _end - _start);
                _buffer.AsMemory(_start, count).CopyTo(buffer);
                _start += count;
                return count;
            }

            if (_isAtEnd) return EndOrError();
            SocketPiece piece = await Socket.ReceiveAsync(_buffer, cancellationToken).ConfigureAwait(false);
            if (piece.IsEnd) _isAtEnd = true;
            else Take(piece);
        }
    }

    protected override async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        // One frame, channel and data together: kubelet takes every frame for a message of its own.
        byte[] message = ArrayPool<byte>.Shared.Rent(bytes.Length + 1);
        try
        {
            message[0] = Data;
            bytes.CopyTo(message.AsMemory(1));
            await Socket.SendAsync(message.AsMemory(0, bytes.Length + 1), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    private void Take(SocketPiece piece)
    {
        _start = 0;
        _end = piece.Count;
        if (!_isInMessage && piece.Count > 0)
        {
            _channel = _buffer[0];
            _start = 1;
        }

        _isInMessage = !piece.IsLast;
        if (_channel > Errors) throw Socket.Broken($"it has a channel {_channel}");
        TakePort();
        if (_channel != Errors) return;
        if (_error.Length < MostErrorText) _error.Append(Encoding.UTF8.GetString(_buffer, _start, _end - _start));
        _start = _end;
    }

    private void TakePort()
    {
        while (_portSeen[_channel] < PortLength && _start < _end) _portBytes[(_channel * PortLength) + _portSeen[_channel]++] = _buffer[_start++];
        if (_portSeen[_channel] != PortLength) return;
        int seen = _portBytes[_channel * PortLength] | (_portBytes[(_channel * PortLength) + 1] << 8);
        if (seen != port) throw Socket.Broken($"it leads to port {seen}");
    }

    // kubelet says goodbye: what ends without that has been cut on the way.
    private int EndOrError()
    {
        if (_error.Length > 0) throw new IOException($"Cannot {Socket.Purpose}: {Socket.Foreign.Line(_error.ToString(), 500)}");
        if ((Socket.Failure ?? (Socket.IsSilentEnd ? "the connection ended without a closing frame" : null)) is { } failure) throw Socket.Broken(failure);
        return 0;
    }
}
