using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>
/// Opens WebSockets (RFC 6455) over the connections of the client. Done by hand, since ClientWebSocket throws the body of a refusal away,
/// and that body says which permission is missing.
/// </summary>
internal static class WebSocketHandshake
{
    private const string AcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    public static void AddHeaders(HttpRequestMessage message, IReadOnlyList<string> protocols)
    {
        message.Headers.TryAddWithoutValidation("Connection", "Upgrade");
        message.Headers.TryAddWithoutValidation("Upgrade", "websocket");
        message.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
        message.Headers.TryAddWithoutValidation("Sec-WebSocket-Key", Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)));
        message.Headers.TryAddWithoutValidation("Sec-WebSocket-Protocol", string.Join(", ", protocols));
    }

    /// <summary>Opens one.</summary>
    /// <param name="transport">Sends the request.</param>
    /// <param name="request">The request, with its protocols.</param>
    /// <param name="needsProtocol">Whether the meaning of the messages hangs on the protocol, so that the server has to name one.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    public static async Task<ApiWebSocket> OpenAsync(ApiTransport transport, ApiRequest request, bool needsProtocol, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await transport.SendAsync(request, cancellationToken).ConfigureAwait(false);
        try
        {
            string? protocol = Check(response, request, needsProtocol);
            return new ApiWebSocket(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), protocol, request.Purpose, transport.Foreign);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private static string? Check(HttpResponseMessage response, ApiRequest request, bool needsProtocol)
    {
        if (response.StatusCode != HttpStatusCode.SwitchingProtocols)
            throw Error(request, "the server answered without opening a WebSocket", "A proxy or load balancer on the way may not let WebSockets through.");
        string key = response.RequestMessage!.Headers.GetValues("Sec-WebSocket-Key").First();
#pragma warning disable CA5350 // RFC 6455 wants SHA-1; nothing secret hangs on it.
        string expected = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + AcceptSuffix)));
#pragma warning restore CA5350
        if (Header(response, "Sec-WebSocket-Accept") != expected)
            throw Error(request, "the answer belongs to another WebSocket", "A proxy on the way may be at fault.");
        string? protocol = Header(response, "Sec-WebSocket-Protocol") is { Length: > 0 } named ? named : null;
        return (protocol is null && !needsProtocol) || (protocol is not null && request.WebSocketProtocols!.Contains(protocol, StringComparer.Ordinal))
            ? protocol
            : throw Error(request, $"the server speaks none of {string.Join(", ", request.WebSocketProtocols!)}", "Kubernetes 1.27 or later is needed.");
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.First().Trim() : null;

    private static KubernetesException Error(ApiRequest request, string what, string advice) =>
        new(KubernetesError.StreamFailed, $"cannot {request.Purpose}: {what}", advice);
}
