using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Xunit;

namespace KubeVirtMonitor.Tests.ClientLibrary;

/// <summary>
/// Why the way to the server is dialled, and the frames of WebSockets followed, by code of our own: what SocketsHttpHandler and the platform's WebSocket do. A test that
/// fails here says that there is less to do by hand; docs/architecture.md names what for.
/// </summary>
public sealed class PlatformGapTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnHttpProxyIsToldWhoAsksOnlyWhenItChallenges()
    {
        // A proxy that refuses whoever does not log in at once, without a challenge. kubectl logs in at once.
        using LocalServer proxy = new("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
        await FailAsync(new Uri($"http://me:pw@127.0.0.1:{proxy.Port}"), new NetworkCredential("me", "pw"));
        Assert.DoesNotContain("Proxy-Authorization", Assert.Single(proxy.Heads), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnHttpProxyThatRefusesIsNotQuoted()
    {
        using LocalServer proxy = new("HTTP/1.1 403 Forbidden by policy 17\r\nContent-Length: 0\r\n\r\n");
        Assert.DoesNotContain("policy 17", (await FailAsync(new Uri($"http://127.0.0.1:{proxy.Port}"))).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheServerNameIsThatOfTheAddressWhateverIsAskedFor()
    {
        (_, X509Certificate2 leaf) = LocalServer.Issue("kubernetes.default.svc");
        using LocalServer server = new(LocalServer.Json("{}"), leaf);
        using SocketsHttpHandler handler = new()
        {
            SslOptions = new SslClientAuthenticationOptions { TargetHost = "kubernetes.default.svc", RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null },
        };
        using HttpClient http = new(handler);
        await http.GetStringAsync(new Uri($"https://localhost:{server.Port}/"), Token);
        Assert.Equal("localhost", Assert.Single(server.ServerNames));
    }

    [Fact]
    public async Task AWebSocketThatEndsBetweenMessagesEndsAsOneThatIsCut()
    {
        WebSocketException between = await Assert.ThrowsAsync<WebSocketException>(() => ReadToEndAsync([0x82, 2, (byte)'h', (byte)'i']));
        WebSocketException within = await Assert.ThrowsAsync<WebSocketException>(() => ReadToEndAsync([0x82, 2, (byte)'h', (byte)'i', 0x82]));
        Assert.Equal(WebSocketError.ConnectionClosedPrematurely, between.WebSocketErrorCode);
        Assert.Equal((within.WebSocketErrorCode, within.Message), (between.WebSocketErrorCode, between.Message));
    }

    [Fact]
    public async Task APongThatNobodyTakesTakesAllThatFollows()
    {
        // A ping, and after it a message that has arrived whole.
        using WebSocket socket = WebSocket.CreateFromStream(new DeafStream([0x89, 0, 0x82, 2, (byte)'h', (byte)'i']), new WebSocketCreationOptions());
        await Assert.ThrowsAnyAsync<Exception>(() => socket.ReceiveAsync(new byte[16], Token));
    }

    private static async Task<Exception> FailAsync(Uri proxy, NetworkCredential? credential = null)
    {
        using SocketsHttpHandler handler = new() { UseProxy = true, Proxy = new WebProxy(proxy) { Credentials = credential } };
        using HttpClient http = new(handler);
        return await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(new Uri("https://server.invalid/"), Token));
    }

    private static async Task ReadToEndAsync(byte[] frames)
    {
        using LocalServer server = new(async (head, stream) =>
        {
            string key = head.Split("Sec-WebSocket-Key: ")[1].Split('\r')[0];
#pragma warning disable CA5350 // RFC 6455 wants SHA-1.
            string accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"));
            await stream.WriteAsync(frames);
            await stream.DisposeAsync();
        });
        using ClientWebSocket socket = new();
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Port}/"), Token);
        byte[] buffer = new byte[16];
        while (true) await socket.ReceiveAsync(buffer, Token);
    }

    /// <summary>A connection whose other end sends and takes nothing any more.</summary>
    private sealed class DeafStream(byte[] sent) : MemoryStream(sent, writable: true)
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("Broken pipe");
    }
}
