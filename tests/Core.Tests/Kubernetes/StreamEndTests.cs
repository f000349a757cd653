using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>How streams end, frame by frame as virt-api and kubelet end theirs, and what is an error.</summary>
public sealed class StreamEndTests : ClientTests
{
    private const string Plain = "plain.kubevirt.io";

    private const string V4 = "v4.channel.k8s.io";

    private const string V5 = "v5.channel.k8s.io";

    private static byte[] Goodbye { get; } = [0x88, 2, 0x03, 0xE8];

    [Fact]
    public async Task VirtApiEndsAStreamByEndingTheConnection()
    {
        await StartAsync(Plain, stream => stream.WriteAsync(Frame(2, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nold style answer, ends with the connection\n")).AsTask());
        Assert.EndsWith("old style answer, ends with the connection\n", await ReadPlainAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(300_000)]
    public async Task MessagesOfEveryLengthMayComeLast(int length)
    {
        await StartAsync(Plain, stream => stream.WriteAsync(Frame(2, new string('x', length))).AsTask());
        Assert.Equal(length, (await ReadPlainAsync()).Length);
    }

    [Fact]
    public async Task PingsAreAnsweredAndTextIsAsGoodAsBinary()
    {
        byte[] pong = [];
        await StartAsync(Plain, async stream =>
        {
            await stream.WriteAsync(Frame(9, "keep alive"));
            await stream.WriteAsync(Frame(1, "SSH-"));
            await stream.WriteAsync(Frame(9, "keep alive"));
            // One message in two frames, with a ping between.
            await stream.WriteAsync(Frame(2, "2.0-", isFinal: false));
            await stream.WriteAsync(Frame(9, "keep alive"));
            await stream.WriteAsync(Frame(0, "guest"));
            byte[] frame = new byte[16];
            await stream.ReadExactlyAsync(frame);
            pong = [.. frame[6..].Select((value, i) => (byte)(value ^ frame[2 + (i % 4)]))];
            Assert.Equal((0x8A, 0x80 | 10), (frame[0], frame[1]));
        });
        Assert.Equal("SSH-2.0-guest", await ReadPlainAsync());
        Assert.Equal("keep alive"u8.ToArray(), pong);
    }

    [Fact]
    public async Task APongThatNobodyTakesAnyMoreTakesNothingAway()
    {
        FrameFollower frames = new(new DeafStream([.. Frame(9, "keep alive"), .. Frame(2, "SSH-2.0-guest")]));
        using ApiWebSocket socket = new(WebSocket.CreateFromStream(frames, new WebSocketCreationOptions()), frames, "open a stream", ForeignText.OfStranger);
        Assert.Equal("Broken pipe", (await Assert.ThrowsAsync<IOException>(async () => await socket.SendAsync(new byte[] { 1 }, Token))).InnerException!.Message);
        byte[] buffer = new byte[64];
        Assert.Equal("SSH-2.0-guest", Encoding.UTF8.GetString(buffer, 0, (await socket.ReceiveAsync(buffer, Token)).Count));
        Assert.True((await socket.ReceiveAsync(buffer, Token)).IsEnd);
        Assert.True(socket.IsSilentEnd);
    }

    [Theory]
    [InlineData("in the header", new byte[] { 0x82 })]
    [InlineData("in the length", new byte[] { 0x82, 126, 1 })]
    [InlineData("before the payload", new byte[] { 0x82, 5 })]
    [InlineData("in the payload", new byte[] { 0x82, 5, (byte)'h', (byte)'e' })]
    [InlineData("between two frames of a message", new byte[] { 0x02, 2, (byte)'h', (byte)'e' })]
    [InlineData("in a ping", new byte[] { 0x89, 5, (byte)'k' })]
    public async Task ACutWithinAMessageIsAnError(string where, byte[] bytes)
    {
        await StartAsync(Plain, async stream =>
        {
            await stream.WriteAsync(Frame(2, "whole"));
            await stream.WriteAsync(bytes);
        });
        IOException exception = await Assert.ThrowsAsync<IOException>(ReadPlainAsync);
        Assert.True(exception.Message.StartsWith("The stream broke (open a stream to /x)", StringComparison.Ordinal), where);
    }

    [Fact]
    public async Task AResetIsAnError()
    {
        TaskCompletionSource opened = new();
        Server = await FakeApiServer.StartAsync(async context =>
        {
            await using Stream stream = await UpgradeAsync(context, Plain);
            await stream.WriteAsync(Frame(2, "whole"));
            await opened.Task;
            context.Abort();
        });
        Client = Clients.ByToken(Server, Folder);
        await using Stream opening = await Client.OpenStreamAsync("/x", Plain, Token);
        opened.SetResult();
        await Assert.ThrowsAsync<IOException>(() => new StreamReader(opening).ReadToEndAsync(Token));
    }

    [Theory]
    [InlineData(1000, "", null)]
    [InlineData(1000, "bye", null)]
    [InlineData(0, "", null)]
    [InlineData(1001, "", "with code 1001")]
    [InlineData(1011, "dialing VM: connection refused", "with code 1011 (dialing VM: connection refused)")]
    [InlineData(4000, "no\u001b[31m such port.", "with code 4000 (no")]
    public async Task ACloseFrameSaysHowItEnded(int code, string reason, string? words)
    {
        byte[] payload = code == 0 ? [] : [(byte)(code >> 8), (byte)code, .. Encoding.UTF8.GetBytes(reason)];
        await StartAsync(Plain, async stream =>
        {
            await stream.WriteAsync(Frame(2, "data"));
            await stream.WriteAsync(Frame(8, payload));
        });
        if (words is null)
        {
            Assert.Equal("data", await ReadPlainAsync());
            return;
        }

        IOException exception = await Assert.ThrowsAsync<IOException>(ReadPlainAsync);
        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', exception.Message);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task APlainStreamNeedsNoProtocolNamed(string? protocol)
    {
        await StartAsync(protocol, stream => stream.WriteAsync(Frame(2, "hi")).AsTask());
        Assert.Equal("hi", await ReadPlainAsync());
    }

    [Fact]
    public async Task AnotherProtocolIsRefused()
    {
        await StartAsync("other", stream => stream.WriteAsync(Frame(2, "hi")).AsTask());
        Assert.Equal(KubernetesError.StreamFailed, (await Assert.ThrowsAsync<KubernetesException>(ReadPlainAsync)).Error);
    }

    [Fact]
    public async Task AnAnswerToAnotherWebSocketIsRefusedAndNothingIsSentAgain()
    {
        Server = await FakeApiServer.StartAsync(async context =>
        {
            context.Request.Headers.SecWebSocketKey = "another";
            await using Stream stream = await UpgradeAsync(context, Plain);
        });
        Client = Clients.ByToken(Server, Folder);
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(ReadPlainAsync);
        Assert.Equal(KubernetesError.StreamFailed, exception.Error);
        Assert.Contains("cannot open a stream to /x: the answer belongs to another WebSocket", exception.Message, StringComparison.Ordinal);
        Assert.Single(Server.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task KubeletSaysGoodbyeToAForwardedPort(bool isSaid)
    {
        await StartAsync(V4, async stream =>
        {
            await stream.WriteAsync(Frame(2, [0, 0xFB, 0x20]));
            await stream.WriteAsync(Frame(2, [1, 0xFB, 0x20]));
            await stream.WriteAsync(Frame(2, "\0HTTP/1.0 400 Bad Request\r\n\r\n"));
            if (isSaid) await stream.WriteAsync(Goodbye);
        });
        await using Stream stream = await Client.PortForwardAsync("ns", "pod", 0x20FB, Token);
        using StreamReader reader = new(stream);
        if (isSaid) Assert.Equal("HTTP/1.0 400 Bad Request\r\n\r\n", await reader.ReadToEndAsync(Token));
        else Assert.Contains("without a closing frame", (await Assert.ThrowsAsync<IOException>(() => reader.ReadToEndAsync(Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task KubeletsErrorOfAForwardedPortIsSaid()
    {
        await StartAsync(V4, async stream =>
        {
            await stream.WriteAsync(Frame(2, [0, 9, 0]));
            await stream.WriteAsync(Frame(2, [1, 9, 0]));
            await stream.WriteAsync(Frame(2, "\u0001error forwarding port 9 to pod x, uid uid: failed to connect to localhost:9: connect: connection refused"));
            await stream.WriteAsync(Goodbye);
        });
        await using Stream stream = await Client.PortForwardAsync("ns", "pod", 9, Token);
        IOException exception = await Assert.ThrowsAsync<IOException>(() => stream.ReadAsync(new byte[9], Token).AsTask());
        Assert.Equal("Cannot forward port 9 of pod ns/pod: error forwarding port 9 to pod x, uid uid: failed to connect to localhost:9: connect: connection refused", exception.Message);
    }

    [Theory]
    [InlineData("""{"metadata":{},"status":"Success"}""", true, 0, null)]
    [InlineData("""{"metadata":{},"status":"Success"}""", false, 0, null)]
    [InlineData("""{"status":"Failure","message":"command terminated with non-zero exit code: command terminated with exit code 3","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}""", true, 3, null)]
    [InlineData("""{"metadata":{},"status":"Failure","message":"Internal error occurred: exec: \"nosuchprogram\": executable file not found in $PATH: unknown","reason":"InternalError","code":500}""", true, 0, "exec: \"nosuchprogram\": executable file not found in $PATH: unknown")]
    [InlineData("""{"metadata":{},"status":"Failure"}""", true, 0, "a failure without a reason")]
    [InlineData(null, true, 0, "without saying how the command ended")]
    [InlineData(null, false, 0, "the connection broke before the command had ended")]
    public async Task ACommandEndsAsItsStatusSays(string? status, bool isClosed, int code, string? words)
    {
        await StartAsync(V5, async stream =>
        {
            await stream.WriteAsync(Frame(2, [1]));
            await stream.WriteAsync(Frame(2, "\u0001out\n"));
            await stream.WriteAsync(Frame(2, "\u0002err\n"));
            if (status is not null) await stream.WriteAsync(Frame(2, "\u0003" + status));
            if (isClosed) await stream.WriteAsync(Goodbye);
        });
        await using PodExecSession session = await Client.ExecAsync(new PodExecRequest { Namespace = "ns", Pod = "pod", Command = ["true"] }, Token);
        if (words is null)
        {
            Assert.Equal(new PodExecResult(code, "out\n", "err\n"), await session.ToResultAsync(cancellationToken: Token));
            return;
        }

        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => session.ToResultAsync(cancellationToken: Token));
        Assert.Equal(KubernetesError.StreamFailed, exception.Error);
        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ACommandCutInTheMiddleOfItsStatusIsAnError()
    {
        await StartAsync(V5, stream => stream.WriteAsync(Frame(2, "\u0003{\"metadata\":{},\"status\":\"Success\"}").AsMemory()[..^3]).AsTask());
        await using PodExecSession session = await Client.ExecAsync(new PodExecRequest { Namespace = "ns", Pod = "pod", Command = ["true"] }, Token);
        Assert.Contains("the connection broke", (await Assert.ThrowsAsync<KubernetesException>(() => session.ToResultAsync(cancellationToken: Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARefusalWithoutAWordIsOfTheProtocolAndNotOfAPermission()
    {
        // kubelet's answer to a protocol it does not know.
        Server = await FakeApiServer.StartAsync(context =>
        {
            context.Response.StatusCode = 403;
            return Task.CompletedTask;
        });
        Client = Clients.ByToken(Server, Folder);
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => Client.ExecAsync(new PodExecRequest { Namespace = "ns", Pod = "pod", Command = ["true"] }, Token));
        Assert.Equal((KubernetesError.StreamFailed, 403), (exception.Error, exception.StatusCode));
        Assert.Contains("refused without a reason", exception.Message, StringComparison.Ordinal);
        Assert.Equal([$"{V5}, {V4}", V4], Server.Requests.Select(request => request.Headers["Sec-WebSocket-Protocol"]));
    }

    private static byte[] Frame(int operation, string text, bool isFinal = true) => Frame(operation, Encoding.UTF8.GetBytes(text), isFinal);

    private static byte[] Frame(int operation, byte[] payload, bool isFinal = true)
    {
        byte[] length = payload.Length < 126 ? [(byte)payload.Length]
            : payload.Length < 65_536 ? [126, (byte)(payload.Length >> 8), (byte)payload.Length]
            : [127, 0, 0, 0, 0, (byte)(payload.Length >> 24), (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length];
        return [(byte)((isFinal ? 0x80 : 0) | operation), .. length, .. payload];
    }

    private static Task<Stream> UpgradeAsync(HttpContext context, string? protocol)
    {
        string key = context.Request.Headers.SecWebSocketKey.ToString();
#pragma warning disable CA5350 // RFC 6455 wants SHA-1.
        context.Response.Headers["Sec-WebSocket-Accept"] = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        context.Response.Headers.Upgrade = "websocket";
        if (protocol is not null) context.Response.Headers.SecWebSocketProtocol = protocol;
        return context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
    }

    private async Task StartAsync(string? protocol, Func<Stream, Task> talk)
    {
        Server = await FakeApiServer.StartAsync(async context =>
        {
            await using Stream stream = await UpgradeAsync(context, protocol);
            await talk(stream);
        });
        Client = Clients.ByToken(Server, Folder);
    }

    private async Task<string> ReadPlainAsync()
    {
        await using Stream stream = await Client.OpenStreamAsync("/x", Plain, Token);
        using StreamReader reader = new(stream);
        return await reader.ReadToEndAsync(Token);
    }

    /// <summary>A connection whose other end sends and takes nothing any more.</summary>
    private sealed class DeafStream(byte[] sent) : MemoryStream(sent, writable: true)
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("Broken pipe");
    }
}
