using System.Net;
using System.Net.WebSockets;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>
/// Opens a WebSocket over the connections of the client. The request for it goes out as every other does, with credential and renewal, and an answer that is a refusal is
/// read before the WebSocket throws it away: its body says which permission is missing.
/// </summary>
internal sealed class SocketOpener : HttpMessageHandler
{
    private readonly ApiTransport _transport;
    private readonly ApiRequest _request;
    private FrameFollower? _frames;

    private SocketOpener(ApiTransport transport, ApiRequest request)
    {
        _transport = transport;
        _request = request;
    }

    /// <summary>Opens one.</summary>
    /// <param name="transport">Sends the request.</param>
    /// <param name="request">The request, with its protocols.</param>
    /// <param name="needsProtocol">Whether the meaning of the messages hangs on the protocol, so that the server has to name one.</param>
    public static async Task<ApiWebSocket> OpenAsync(ApiTransport transport, ApiRequest request, bool needsProtocol, CancellationToken cancellationToken)
    {
        using SocketOpener opener = new(transport, request);
        using HttpMessageInvoker upgrade = new(opener, disposeHandler: false);
        WebSocket socket;
        try
        {
            socket = await transport.Calls.ConnectAsync(transport.SocketAddress(request.PathAndQuery), request.WebSocketProtocols!, upgrade, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            if (ConnectionErrors.Find(exception) is { } known) throw known;
            throw exception.InnerException is WebSocketException { WebSocketErrorCode: WebSocketError.UnsupportedProtocol }
                ? opener.SpeaksNone()
                : opener.Error("the answer belongs to another WebSocket", "A proxy in between may be the cause.");
        }

        if (socket.SubProtocol is not null || !needsProtocol) return new ApiWebSocket(socket, opener._frames!, request.Purpose, transport.Foreign);
        socket.Dispose();
        throw opener.SpeaksNone();
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await _transport.SendAsync(request, _request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.SwitchingProtocols)
        {
            response.Dispose();
            throw Error("the server answered without opening a WebSocket", "A proxy or load balancer in between may not support WebSockets.");
        }

        _frames = new FrameFollower(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false));
        response.Content = new FollowedContent(_frames);
        return response;
    }

    private KubernetesException SpeaksNone() => Error($"the server supports none of {string.Join(", ", _request.WebSocketProtocols!)}", "Kubernetes 1.27 or later is needed.");

    private KubernetesException Error(string what, string advice) => new(KubernetesError.StreamFailed, $"cannot {_request.Purpose}: {what}", advice);

    /// <summary>Hands the connection on, with who follows it.</summary>
    private sealed class FollowedContent(FrameFollower frames) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

        protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => frames;

        protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(frames);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) frames.Dispose();
            base.Dispose(disposing);
        }
    }
}
