using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeVirtMonitor.Kubernetes;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>WebSocket streams: commands in containers, ports of pods, plain byte streams.</summary>
public sealed class StreamTests : ClientTests
{
    private const string V5 = "v5.channel.k8s.io";

    private const string V4 = "v4.channel.k8s.io";

    [Theory]
    [InlineData(V5)]
    [InlineData(V4)]
    public async Task ACommandGivesItsOutputsAndExitCode(string protocol)
    {
        await StartAsync(protocol, async socket =>
        {
            await SendAsync(socket, 1, "");
            await SendAsync(socket, 1, "out-");
            await SendAsync(socket, 2, "err");
            await SendAsync(socket, 1, "put");
            await SendAsync(socket, 3, """{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"42"}]},"kind":"Status","apiVersion":"v1"}""");
        });
        await using PodExecSession session = await Client.ExecAsync(Command() with { Container = "compute", Command = ["sh", "-c", "exit 42 & x=y"] }, Token);
        Assert.Equal(new PodExecResult(42, "out-put", "err"), await session.ToResultAsync(cancellationToken: Token));
        FakeApiServer.Asked asked = Server.Requests.Single();
        Assert.Equal("/api/v1/namespaces/ns/pods/pod/exec?stdout=true&stderr=true&container=compute&command=sh&command=-c&command=exit%2042%20%26%20x%3Dy", asked.Path);
        Assert.Equal(("Bearer the-token", $"{V5}, {V4}"), (asked.Authorization, asked.Headers["Sec-WebSocket-Protocol"]));
    }

    [Fact]
    public async Task SuccessIsExitCodeZeroAndLongOutputIsCut()
    {
        await StartAsync(V5, async socket =>
        {
            for (int i = 0; i < 40; i++) await SendAsync(socket, 1, new string('x', 50_000));
            await SendAsync(socket, 3, """{"metadata":{},"status":"Success"}""");
        });
        await using PodExecSession session = await Client.ExecAsync(Command(), Token);
        PodExecResult result = await session.ToResultAsync(100_000, Token);
        Assert.Equal((0, 100_000), (result.ExitCode, result.Output.Length));
    }

    [Fact]
    public async Task ACommandThatCannotBeRunSaysWhy()
    {
        await StartAsync(V5, socket => SendAsync(socket, 3, """{"kind":"Status","status":"Failure","message":"exec: \"virt-probe\": executable file not found in $PATH","reason":"InternalError"}"""));
        await using PodExecSession session = await Client.ExecAsync(Command(), Token);
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => session.ToResultAsync(cancellationToken: Token));
        Assert.Equal(KubernetesError.StreamFailed, exception.Error);
        Assert.Contains("cannot run a command in pod ns/pod: exec: \"virt-probe\": executable file not found", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AnEndWithoutAResultIsAnError(bool isClean)
    {
        TaskCompletionSource opened = new();
        await StartAsync(V5, async socket =>
        {
            await SendAsync(socket, 1, "half");
            await opened.Task;
            if (!isClean) socket.Abort();
        });
        await using PodExecSession session = await Client.ExecAsync(Command(), Token);
        opened.SetResult();
        Assert.Equal(KubernetesError.StreamFailed, (await Assert.ThrowsAsync<KubernetesException>(() => session.ToResultAsync(cancellationToken: Token))).Error);
    }

    [Fact]
    public async Task AServerThatStumblesOverV5IsAskedAgainForV4()
    {
        await StartAsync(context =>
        {
            if (context.WebSockets.WebSocketRequestedProtocols.Contains(V5))
            {
                context.Response.StatusCode = 400;
                return context.Response.WriteAsync("unknown protocol");
            }

            return AcceptAsync(context, V4, socket => SendAsync(socket, 3, """{"kind":"Status","status":"Success"}"""));
        });
        await using PodExecSession session = await Client.ExecAsync(Command(), Token);
        Assert.Equal(0, (await session.ToResultAsync(cancellationToken: Token)).ExitCode);
        Assert.Equal(2, Server.Requests.Count);
    }

    [Fact]
    public async Task ARefusalNamesThePermission()
    {
        await StartAsync(context => context.StatusAsync(403, "Forbidden", "pods \"pod\" is forbidden: User \"jane\" cannot create resource \"pods/exec\" in API group \"\" in the namespace \"ns\""));
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => Client.ExecAsync(Command(), Token));
        Assert.StartsWith("user 'jane' may not create pods/exec in namespace ns.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatATunnelIsAskedForIsNamedInItsRefusal()
    {
        // kube-apiserver 1.36 with virt-api 1.9. The subprotocol that is sent, plain.kubevirt.io, ends as the group does.
        await StartAsync(context => context.StatusAsync(403, "Forbidden", "virtualmachineinstances.subresources.kubevirt.io \"vm-02\" is forbidden: User \"jane\" cannot get resource \"virtualmachineinstances/portforward\" in API group \"subresources.kubevirt.io\" in the namespace \"vms-a\""));
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => Client.OpenStreamAsync("/apis/subresources.kubevirt.io/v1/namespaces/vms-a/virtualmachineinstances/vm-02/portforward/80/tcp", "plain.kubevirt.io", Token));
        Assert.StartsWith("user 'jane' may not get virtualmachineinstances/portforward.subresources.kubevirt.io in namespace vms-a.", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("check with 'kubectl auth can-i --list -n vms-a', which shows 'virtualmachineinstances.subresources.kubevirt.io/portforward' with that verb.", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("other")]
    [InlineData(null)]
    public async Task AServerThatPicksNoKnownProtocolIsRefused(string? protocol)
    {
        await StartAsync(context => AcceptAsync(context, protocol, _ => Task.CompletedTask));
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => Client.ExecAsync(Command(), Token));
        Assert.Equal(KubernetesError.StreamFailed, exception.Error);
    }

    [Fact]
    public async Task AnOrdinaryAnswerIsNoWebSocket()
    {
        await StartAsync(context => context.JsonAsync("{}"));
        Assert.Contains("without opening a WebSocket", (await Assert.ThrowsAsync<KubernetesException>(() => Client.PortForwardAsync("ns", "pod", 1, Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TlsToThePodIsVerifiedThroughTheForwardedPort()
    {
        X509Certificate2 podCertificate = Pki.Shared.Issue(["virt-handler.kubevirt.svc"]);
        await using LoopbackServer pod = LoopbackServer.Text(new string('m', 300_000), new ServerTls(podCertificate));
        await StartAsync(V4, socket => ForwardAsync(socket, 8443, pod.Port));
        X509Certificate2Collection authorities = [];
        authorities.ImportFromPem(Pki.Shared.AuthorityPem);
        using SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, cancellationToken) => await Client.PortForwardAsync("ns", "pod", 8443, cancellationToken),
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, CustomTrustStore = { authorities[0] } },
            },
        };
        using HttpClient http = new(handler);
        string body = await http.GetStringAsync(new Uri("https://virt-handler.kubevirt.svc:8443/metrics"), Token);
        Assert.Equal(300_000, body.Length);
        FakeApiServer.Asked asked = Server.Requests.Single();
        Assert.Equal(("/api/v1/namespaces/ns/pods/pod/portforward?ports=8443", V4), (asked.Path, asked.Headers["Sec-WebSocket-Protocol"]));
        Assert.Equal("/metrics", Assert.Single(pod.Requests).Path);
    }

    [Fact]
    public async Task AForwardedPortEndsWithTheOtherSide()
    {
        await StartAsync(V4, async socket =>
        {
            // Both channels begin with the port, here in two pieces, and data may follow in the same message.
            await SendAsync(socket, 1, [0x39]);
            await SendAsync(socket, 0, [0x39, 0x30, (byte)'h']);
            await SendAsync(socket, 1, [0x30]);
            await SendAsync(socket, 0, "i");
        });
        await using Stream stream = await Client.PortForwardAsync("ns", "pod", 12345, Token);
        using StreamReader reader = new(stream);
        Assert.Equal("hi", await reader.ReadToEndAsync(Token));
    }

    [Theory]
    [InlineData("error forwarding port 1 to pod x: connection refused", "connection refused")]
    [InlineData(null, "leads to port 2")]
    public async Task WhatGoesWrongAtThePodIsSaid(string? error, string words)
    {
        await StartAsync(V4, async socket =>
        {
            await SendAsync(socket, 0, [(byte)(error is null ? 2 : 1), 0]);
            if (error is null) return;
            await SendAsync(socket, 1, [1, 0]);
            await SendAsync(socket, 1, error);
        });
        await using Stream stream = await Client.PortForwardAsync("ns", "pod", 1, Token);
        IOException exception = await Assert.ThrowsAsync<IOException>(() => stream.ReadAsync(new byte[10], Token).AsTask());
        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
        Assert.Contains("forward port 1 of pod ns/pod", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65536)]
    public async Task ThereAreNoSuchPorts(int port)
    {
        await StartAsync(context => context.JsonAsync("{}"));
        Assert.Equal(KubernetesError.ArgumentInvalid, (await Assert.ThrowsAsync<KubernetesException>(() => Client.PortForwardAsync("ns", "pod", port, Token))).Error);
    }

    [Fact]
    public async Task APlainStreamEchoes()
    {
        await StartAsync("plain.kubevirt.io", async socket =>
        {
            byte[] buffer = new byte[64 * 1024];
            while (await socket.ReceiveAsync(buffer, default) is { MessageType: WebSocketMessageType.Binary } message)
                await socket.SendAsync(buffer.AsMemory(0, message.Count), WebSocketMessageType.Binary, message.EndOfMessage, default);
        });
        const string Path = "/apis/subresources.kubevirt.io/v1/namespaces/a/virtualmachineinstances/b/portforward/22/tcp";
        byte[] sent = new byte[200_000];
        Random.Shared.NextBytes(sent);
        byte[] received = new byte[sent.Length];
        await using (Stream stream = await Client.OpenStreamAsync(Path, "plain.kubevirt.io", Token))
        {
            await Task.WhenAll(stream.WriteAsync(sent, Token).AsTask(), stream.ReadExactlyAsync(received, Token).AsTask());
        }

        Assert.Equal(sent, received);
        Assert.Equal(Path, Server.Requests.Single().Path);
    }

    [Fact]
    public async Task AnExpiredTokenIsReplacedForStreamsToo()
    {
        Folder.Write("token", "old");
        Server = await FakeApiServer.StartAsync(context => context.Request.Headers.Authorization == "Bearer new"
            ? AcceptAsync(context, "p", socket => SendAsync(socket, (byte)'h', "i"))
            : context.StatusAsync(401, "Unauthorized", "Unauthorized"));
        using KubernetesClient client = new(Clients.ByUser(Folder, Server.Address, "tokenFile: token"), Clients.Library, Clients.Quick);
        Assert.Equal("Bearer old", KubeConfigTests.Header(client.Connection));
        Folder.Write("token", "new");
        await using Stream stream = await client.OpenStreamAsync("/x", "p", Token);
        using StreamReader reader = new(stream);
        Assert.Equal("hi", await reader.ReadToEndAsync(Token));
    }

    private static PodExecRequest Command() => new() { Namespace = "ns", Pod = "pod", Command = ["true"] };

    private static Task SendAsync(WebSocket socket, byte channel, string text) => SendAsync(socket, channel, Encoding.UTF8.GetBytes(text));

    private static Task SendAsync(WebSocket socket, byte channel, byte[] bytes) =>
        socket.SendAsync(new byte[] { channel }.Concat(bytes).ToArray(), WebSocketMessageType.Binary, true, default);

    private static async Task AcceptAsync(HttpContext context, string? protocol, Func<WebSocket, Task> talk)
    {
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(protocol);
        await talk(socket);
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived) await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
    }

    /// <summary>What kubelet does: frames are messages, and the port comes first on both channels.</summary>
    private static async Task ForwardAsync(WebSocket socket, int port, int realPort)
    {
        byte[] portBytes = [(byte)(port & 255), (byte)(port >> 8)];
        await SendAsync(socket, 0, portBytes);
        await SendAsync(socket, 1, portBytes);
        using TcpClient pod = new();
        await pod.ConnectAsync(IPAddress.Loopback, realPort);
        NetworkStream stream = pod.GetStream();
        Task up = Task.Run(async () =>
        {
            byte[] buffer = new byte[64 * 1024];
            while (await socket.ReceiveAsync(buffer, default) is { MessageType: WebSocketMessageType.Binary } message)
            {
                Assert.True(message.EndOfMessage);
                Assert.Equal(0, buffer[0]);
                await stream.WriteAsync(buffer.AsMemory(1, message.Count - 1));
            }
        });
        byte[] down = new byte[20_000];
        while (await stream.ReadAsync(down) is > 0 and int count) await SendAsync(socket, 0, down[..count]);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
        await up.WaitAsync(TimeSpan.FromSeconds(5)).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private Task StartAsync(string protocol, Func<WebSocket, Task> talk) => StartAsync(context => AcceptAsync(context, protocol, talk));
}
