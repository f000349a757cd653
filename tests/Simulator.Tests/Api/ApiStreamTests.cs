using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using KubeVirtMonitor.Simulator;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Api;

/// <summary>Exec, port-forward and the tunnel into instances, over bare WebSockets.</summary>
public class ApiStreamTests(ApiCluster cluster) : IClassFixture<ApiCluster>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Pod => $"/api/v1/namespaces/kubevirt/pods/{cluster.Pod("api/0")}";

    [Fact]
    public async Task Exec_with_input_that_ends_in_v5()
    {
        using ClientWebSocket socket = await cluster.ConnectAsync($"{Pod}/exec?command=cat&stdin=true&stdout=true&stderr=true", "v5.channel.k8s.io", "v4.channel.k8s.io");
        Assert.Equal("v5.channel.k8s.io", socket.SubProtocol);
        await SendAsync(socket, [0, .. "to and fro"u8]);
        await SendAsync(socket, [255, 0]);
        var channels = await ReadAllAsync(socket);
        Assert.Equal("to and fro", channels[1]);
        Assert.Equal("Success", JsonDocument.Parse(channels[3]).RootElement.GetProperty("status").GetString());
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Fact]
    public async Task A_token_may_stand_among_the_protocols()
    {
        string protocol = "base64url.bearer.authorization.k8s.io." + System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(cluster.Server.Kubeconfig.AdminToken));
        using ClientWebSocket socket = await cluster.ConnectAnonymouslyAsync($"{Pod}/exec?command=hostname&stdout=true", "v4.channel.k8s.io", protocol);
        Assert.Equal("v4.channel.k8s.io", socket.SubProtocol);
        Assert.Equal(cluster.Pod("api/0") + "\n", (await ReadAllAsync(socket))[1]);
        WebSocketException refused = await Assert.ThrowsAsync<WebSocketException>(() => cluster.ConnectAnonymouslyAsync($"{Pod}/exec?command=hostname&stdout=true", "v4.channel.k8s.io"));
        Assert.Contains("'403'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exec_with_an_exit_code_in_v4()
    {
        using ClientWebSocket socket = await cluster.ConnectAsync($"{Pod}/exec?command=sh&command=-c&command=echo+out%3B+echo+err+%3E%262%3B+exit+7&stdout=true&stderr=true", "v4.channel.k8s.io");
        var channels = await ReadAllAsync(socket);
        Assert.Equal(("out\n", "err\n"), (channels[1], channels[2]));
        JsonElement status = JsonDocument.Parse(channels[3]).RootElement;
        Assert.Equal("NonZeroExitCode", status.GetProperty("reason").GetString());
        JsonElement cause = status.GetProperty("details").GetProperty("causes")[0];
        Assert.Equal(("ExitCode", "7"), (cause.GetProperty("reason").GetString(), cause.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task Exec_ends_when_the_client_goes()
    {
        TaskCompletionSource<bool> ended = new();
        cluster.Server.Commands["linger"] = async (context, cancellation) =>
        {
            await context.WriteAsync("here", cancellation);
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            finally
            {
                ended.SetResult(true);
            }

            return 0;
        };
        ClientWebSocket socket = await cluster.ConnectAsync($"{Pod}/exec?command=/usr/bin/linger&stdout=true", "v5.channel.k8s.io");
        // The first message of a channel is empty, as kubelet's is: the command runs when its own has come.
        byte[] buffer = new byte[64];
        while ((await socket.ReceiveAsync(buffer, Cancellation)).Count <= 1)
        {
        }

        socket.Abort();
        socket.Dispose();
        Assert.True(await ended.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
    }

    [Theory]
    [InlineData("exec?stdout=true", 400)]
    [InlineData("exec?command=env&container=other", 400)]
    [InlineData("portforward", 400)]
    [InlineData("portforward?ports=0", 400)]
    public async Task Upgrades_that_are_refused(string path, int code)
    {
        WebSocketException failure = await Assert.ThrowsAsync<WebSocketException>(() => cluster.ConnectAsync($"{Pod}/{path}", "v4.channel.k8s.io"));
        Assert.Contains($"'{code}'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_forward_channels_begin_with_the_port()
    {
        await using TcpServer echo = TcpServer.Echo();
        SimulatedVmi instance = cluster.Host.Cluster.VirtualMachineInstances[0];
        cluster.Server.Network.ListenInstance(instance, 1500, echo.EndPoint);
        using ClientWebSocket socket = await cluster.ConnectAsync($"/api/v1/namespaces/ns0/pods/{instance.LauncherPod}/portforward?ports=1500&ports=1501", "v4.channel.k8s.io");
        Dictionary<byte, MemoryStream> channels = [];
        while (channels.GetValueOrDefault((byte)3)?.Length is null or 2) await ReceiveAsync(socket, channels);
        Assert.Equal([0xDC, 0x05], channels[0].ToArray());
        Assert.Equal([0xDC, 0x05], channels[1].ToArray());
        Assert.Equal([0xDD, 0x05], channels[2].ToArray());
        Assert.StartsWith($"error forwarding port 1501 to pod {instance.LauncherPod}, uid uid: failed to execute portforward in network namespace", Encoding.UTF8.GetString(channels[3].ToArray()[2..]), StringComparison.Ordinal);
        await SendAsync(socket, [0, .. "ping"u8]);
        while (channels[0].Length < 6) await ReceiveAsync(socket, channels);
        Assert.Equal("ping", Encoding.UTF8.GetString(channels[0].ToArray()[2..]));
    }

    [Fact]
    public async Task The_tunnel_into_an_instance_is_a_plain_stream()
    {
        await using TcpServer echo = TcpServer.Echo();
        cluster.Server.Network.ListenInstance(cluster.Host.Cluster.VirtualMachineInstances[1], 8080, echo.EndPoint);
        using ClientWebSocket socket = await cluster.ConnectAsync("/apis/subresources.kubevirt.io/v1/namespaces/ns1/virtualmachineinstances/vm-00001/portforward/8080/tcp", "plain.kubevirt.io");
        Assert.Equal("plain.kubevirt.io", socket.SubProtocol);
        byte[] sent = new byte[300_000];
        new Random(1).NextBytes(sent);
        Task sending = SendAsync(socket, sent);
        using MemoryStream read = new();
        byte[] buffer = new byte[65536];
        while (read.Length < sent.Length) read.Write(buffer, 0, (await socket.ReceiveAsync(buffer, Cancellation)).Count);
        await sending;
        Assert.Equal(sent, read.ToArray());
    }

    [Theory]
    [InlineData("vm-00001/portforward/81/tcp", "ns1", 500)]
    [InlineData("vm-00001/portforward/many", "ns1", 500)]
    [InlineData("vm-00010/portforward/80", "ns0", 400)]
    [InlineData("nope/portforward/80", "ns0", 404)]
    public async Task The_tunnel_that_cannot_be(string path, string space, int code)
    {
        WebSocketException failure = await Assert.ThrowsAsync<WebSocketException>(() => cluster.ConnectAsync($"/apis/subresources.kubevirt.io/v1/namespaces/{space}/virtualmachineinstances/{path}", "plain.kubevirt.io"));
        Assert.Contains($"'{code}'", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https:NAME:8443")]
    [InlineData("https:NAME:metrics")]
    public async Task The_proxy_finds_the_port(string form)
    {
        ApiReply reply = await cluster.GetAsync($"/api/v1/namespaces/kubevirt/pods/{form.Replace("NAME", cluster.Pod("handler/1"), StringComparison.Ordinal)}/proxy/metrics");
        Assert.Equal(HttpStatusCode.OK, reply.Code);
        Assert.Contains("kubevirt_vmi_memory_resident_bytes", reply.Text, StringComparison.Ordinal);
        Assert.StartsWith("text/plain; version=0.0.4", reply.ContentType, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_proxy_says_when_it_reaches_nobody()
    {
        ApiReply reply = await cluster.GetAsync($"{Pod.Replace("pods/", "pods/https:", StringComparison.Ordinal)}:9999/proxy/metrics");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "ServiceUnavailable"), (reply.Code, reply.Reason));
        Assert.StartsWith("error trying to reach service: dial tcp", reply.Message, StringComparison.Ordinal);
    }

    private static Task SendAsync(ClientWebSocket socket, byte[] bytes) => socket.SendAsync(bytes, WebSocketMessageType.Binary, endOfMessage: true, Cancellation);

    private static async Task<bool> ReceiveAsync(ClientWebSocket socket, Dictionary<byte, MemoryStream> channels)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        late.CancelAfter(TimeSpan.FromSeconds(20));
        byte[] buffer = new byte[64 * 1024];
        int count = 0;
        WebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(new ArraySegment<byte>(buffer, count, buffer.Length - count), late.Token);
            if (part.MessageType == WebSocketMessageType.Close) return false;
            count += part.Count;
        }
        while (!part.EndOfMessage);
        if (!channels.TryGetValue(buffer[0], out MemoryStream? channel)) channels[buffer[0]] = channel = new MemoryStream();
        channel.Write(buffer, 1, count - 1);
        return true;
    }

    private static async Task<Dictionary<byte, string>> ReadAllAsync(ClientWebSocket socket)
    {
        Dictionary<byte, MemoryStream> channels = [];
        while (await ReceiveAsync(socket, channels))
        {
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancellation);
        return channels.ToDictionary(channel => channel.Key, channel => Encoding.UTF8.GetString(channel.Value.ToArray()));
    }
}
