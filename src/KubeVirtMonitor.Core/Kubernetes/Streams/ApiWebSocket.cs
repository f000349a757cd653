using System.Net.WebSockets;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>
/// The client's side of a WebSocket. Text and binary messages are the same to it, as they are to virt-api and kubelet; pings are answered while something is
/// received. It ends with a close frame, or silently between two messages. In the middle of a message, or by a reset, it breaks.
/// </summary>
internal sealed class ApiWebSocket : IDisposable
{
    private const int MostReason = 200;

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly FrameFollower _frames;
    private readonly WebSocket _socket;

    /// <summary>Takes over an open WebSocket.</summary>
    /// <param name="socket">The WebSocket.</param>
    /// <param name="frames">What it reads from.</param>
    /// <param name="purpose">What it is for, as in "forward port 80 of pod a/b"; used in messages.</param>
    /// <param name="foreign">Shows what the server says.</param>
    public ApiWebSocket(WebSocket socket, FrameFollower frames, string purpose, ForeignText foreign)
    {
        _socket = socket;
        _frames = frames;
        Purpose = purpose;
        Foreign = foreign;
    }

    public string Purpose { get; }

    /// <summary>Shows what the server says, without the secrets that it was told.</summary>
    public ForeignText Foreign { get; }

    /// <summary>After the end: whether the connection ended without a close frame.</summary>
    public bool IsSilentEnd { get; private set; }

    /// <summary>After the end: what the server's close frame says is wrong; null when it says nothing (no code, or 1000).</summary>
    public string? Failure { get; private set; }

    /// <summary>Receives a piece of a message.</summary>
    /// <exception cref="IOException">It broke.</exception>
    public async ValueTask<SocketPiece> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            ValueWebSocketReceiveResult received = await _socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (received.MessageType != WebSocketMessageType.Close) return new SocketPiece(received.Count, received.EndOfMessage, IsEnd: false);
            if (_socket.CloseStatus is { } code and not (WebSocketCloseStatus.NormalClosure or WebSocketCloseStatus.Empty)) Failure = Describe(code, _socket.CloseStatusDescription);
        }
        catch (WebSocketException) when (_frames.IsAtCleanEnd)
        {
            IsSilentEnd = true;
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException)
        {
            throw new IOException($"The stream broke ({Purpose}).", exception);
        }

        return new SocketPiece(0, IsLast: true, IsEnd: true);
    }

    /// <summary>Sends a message.</summary>
    /// <exception cref="IOException">It broke.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken).ConfigureAwait(false);
            if (_frames.WriteFailure is { } failure) throw new IOException($"The stream broke ({Purpose}).", failure);
        }
        catch (Exception exception) when (exception is WebSocketException or ObjectDisposedException)
        {
            throw new IOException($"The stream broke ({Purpose}).", exception);
        }
    }

    /// <summary>Says goodbye without waiting for the other side's; a connection that is gone already is no error.</summary>
    public async Task CloseAsync()
    {
        if (_socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived)) return;
        using CancellationTokenSource limit = new(CloseTimeout);
        try
        {
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            // Nobody is left to say goodbye to.
        }
    }

    /// <summary>The error for a stream that cannot go on.</summary>
    public IOException Broken(string why) => new($"The stream broke ({Purpose}): {why}.");

    public void Dispose() => _socket.Dispose();

    private string Describe(WebSocketCloseStatus code, string? reason)
    {
        string said = Foreign.Line(reason, MostReason).TrimEnd('.');
        return $"the server closed it with code {(int)code}{(said.Length > 0 ? $" ({said})" : "")}";
    }
}

/// <summary>What was received: bytes of a message, or the end of the connection.</summary>
/// <param name="Count">How many bytes.</param>
/// <param name="IsLast">Whether they are the last of their message.</param>
/// <param name="IsEnd">Whether the connection has ended; how is said by the socket.</param>
internal readonly record struct SocketPiece(int Count, bool IsLast, bool IsEnd);
