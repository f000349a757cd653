using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Turns requests into streams.</summary>
internal static class Upgrades
{
    private const string SpdyProtocol = "SPDY/3.1";

    /// <summary>Whether a request wants the protocol that kubectl spoke before WebSockets.</summary>
    public static bool IsSpdy(HttpRequest request) => string.Equals(request.Headers.Upgrade, SpdyProtocol, StringComparison.OrdinalIgnoreCase);

    /// <summary>Accepts a WebSocket with the first protocol that both sides know.</summary>
    /// <returns>Null when none of the protocols is known: that is answered with 403 and nothing else.</returns>
    /// <exception cref="ApiException">400: no WebSocket is wanted.</exception>
    public static async Task<WebSocket?> WebSocketAsync(HttpContext context, params string[] known)
    {
        if (!context.WebSockets.IsWebSocketRequest) throw ApiErrors.BadRequest("Upgrade request required");
        string? protocol = Protocol(context, known);
        if (protocol is null && context.WebSockets.WebSocketRequestedProtocols.Count > 0)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            context.Response.Headers.Connection = "close";
            return null;
        }

        // .NET refuses protocols with a slash, which is no letter of a token in HTTP; kubectl uses one.
        return protocol is not null && protocol.Contains('/', StringComparison.Ordinal)
            ? WebSocket.CreateFromStream(await ByHandAsync(context, protocol), new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = TimeSpan.FromSeconds(30) })
            : await context.WebSockets.AcceptWebSocketAsync(protocol);
    }

    /// <summary>The first protocol that is offered and known, or null.</summary>
    public static string? Protocol(HttpContext context, params string[] known) => context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault(each => known.Contains(each, StringComparer.Ordinal));

    /// <summary>Accepts a WebSocket and gives out the bytes of its connection.</summary>
    public static async Task<Stream> ByHandAsync(HttpContext context, string? protocol)
    {
        IHttpUpgradeFeature upgrade = Feature(context);
        string key = context.Request.Headers.SecWebSocketKey.ToString() + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
#pragma warning disable CA5350 // RFC 6455 prescribes SHA-1; nothing is kept secret by it.
        context.Response.Headers.SecWebSocketAccept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key)));
#pragma warning restore CA5350
        if (protocol is not null) context.Response.Headers.SecWebSocketProtocol = protocol;
        context.Response.Headers.Upgrade = "websocket";
        return await upgrade.UpgradeAsync();
    }

    private static IHttpUpgradeFeature Feature(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } feature ? feature : throw ApiErrors.BadRequest("Upgrade request required");

    /// <summary>Accepts SPDY on the bare connection.</summary>
    public static async Task<Stream> SpdyAsync(HttpContext context, string protocol)
    {
        string[] offered = [.. context.Request.Headers["X-Stream-Protocol-Version"].SelectMany(header => (header ?? "").Split(',', StringSplitOptions.TrimEntries))];
        if (!offered.Contains(protocol, StringComparer.Ordinal))
            throw new ApiException(new ApiStatus(403, "Forbidden", $"unable to upgrade: unable to negotiate protocol: client supports [{string.Join(' ', offered)}], server accepts [{protocol}]"));
        IHttpUpgradeFeature upgrade = Feature(context);
        context.Response.Headers.Upgrade = SpdyProtocol;
        context.Response.Headers["X-Stream-Protocol-Version"] = protocol;
        return await upgrade.UpgradeAsync();
    }
}
