using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// Leads connections to ports of pods: SPDY through a WebSocket (kubectl since 1.31), SPDY on the bare connection (kubectl before), or a pair of WebSocket
/// channels for each port.
/// </summary>
internal sealed class PortForwardHandler(IPodNetwork network)
{
    private const string Protocol = "portforward.k8s.io";
    private const string Tunnel = "SPDY/3.1+" + Protocol;

    private static readonly string[] Protocols = [Tunnel, "v4.channel.k8s.io"];

    public async Task SendAsync(HttpContext context, ApiObject pod)
    {
        ExecRunner.Assigned(pod);
        if (Upgrades.IsSpdy(context.Request))
        {
            await OverSpdyAsync(await Upgrades.SpdyAsync(context, Protocol), pod, context.RequestAborted);
            return;
        }

        bool tunnel = Upgrades.Protocol(context, Protocols) == Tunnel;
        if (!tunnel && !context.Request.Query.ContainsKey("ports"))
        {
            await Answer.TextAsync(context, "query parameter \"port\" is required\n", StatusCodes.Status400BadRequest);
            return;
        }

        int[] ports = tunnel ? [] : Ports(context.Request);
        using WebSocket? socket = await Upgrades.WebSocketAsync(context, Protocols);
        if (socket is null) return;
        if (tunnel) await OverSpdyAsync(new WebSocketStream(socket), pod, context.RequestAborted);
        else await OverChannelsAsync(socket, ports, pod, context.RequestAborted);
    }

    private static int[] Ports(HttpRequest request)
    {
        string[] texts = [.. request.Query["ports"].SelectMany(value => (value ?? "").Split(','))];
        return [.. texts.Select(text => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0 ? port : throw ApiErrors.BadRequest($"unable to parse \"{text}\" as a port"))];
    }

    /// <summary>Channel 2i carries the data of the i-th port and channel 2i+1 its errors; each begins with the port in two bytes, the low one first.</summary>
    private async Task OverChannelsAsync(WebSocket socket, int[] ports, ApiObject pod, CancellationToken aborted)
    {
        using ChannelSocket channels = new(socket);
        using CancellationTokenSource gone = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        List<Task> forwarding = [];
        List<Stream> incoming = [.. ports.Select((_, index) => channels.Incoming((byte)(2 * index)))];
        Task receiving = channels.ReceiveAsync(gone.Token);
        for (int i = 0; i < ports.Length; i++)
        {
            byte[] port = new byte[2];
            BinaryPrimitives.WriteUInt16LittleEndian(port, (ushort)ports[i]);
            await channels.SendAsync((byte)(2 * i), port, gone.Token);
            await channels.SendAsync((byte)((2 * i) + 1), port, gone.Token);
            SplitStream near = new(incoming[i], channels.Outgoing((byte)(2 * i)));
            forwarding.Add(ForwardAsync(near, channels.Outgoing((byte)((2 * i) + 1)), ports[i], pod, gone.Token));
        }

        await Task.WhenAny(Task.WhenAll(forwarding), receiving);
        await channels.CloseAsync(aborted);

        // A read that is cancelled breaks the connection off, and with it what the client has not read yet.
        if (receiving.IsCompleted) await gone.CancelAsync();
        await Task.WhenAll(forwarding);
        await Task.WhenAny(receiving, Task.Delay(TimeSpan.FromMilliseconds(200), aborted));
    }

    /// <summary>Each connection is a pair of streams, one for errors and one for data, that share a request id.</summary>
    private async Task OverSpdyAsync(Stream transport, ApiObject pod, CancellationToken aborted)
    {
        await using SpdyConnection connection = new(transport);
        using CancellationTokenSource gone = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        Task running = connection.RunAsync(gone.Token);
        Dictionary<string, SpdyStream> waiting = [];
        List<Task> forwarding = [];
        while (await connection.TryAcceptAsync(gone.Token) is { } stream)
        {
            string id = stream.Header("requestid");
            if (!waiting.Remove(id, out SpdyStream? other))
            {
                waiting[id] = stream;
                continue;
            }

            (SpdyStream data, SpdyStream errors) = stream.Header("streamtype") == "data" ? (stream, other) : (other, stream);
            forwarding.Add(ForwardPairAsync(data, errors, pod, gone.Token));
            forwarding.RemoveAll(static task => task.IsCompleted);
        }

        await gone.CancelAsync();
        await Task.WhenAll(forwarding);
        await running;
    }

    private async Task ForwardPairAsync(SpdyStream data, SpdyStream errors, ApiObject pod, CancellationToken cancellation)
    {
        _ = int.TryParse(data.Header("port"), NumberStyles.None, CultureInfo.InvariantCulture, out int port);
        await ForwardAsync(data, errors, port, pod, cancellation);
        try
        {
            await data.FinishAsync(cancellation);
            await errors.FinishAsync(cancellation);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException or WebSocketException)
        {
            // The whole connection is gone, and the streams with it.
        }
    }

    private async Task ForwardAsync(Stream near, Stream errors, int port, ApiObject pod, CancellationToken cancellation)
    {
        try
        {
            await using Stream far = await network.ConnectPodAsync(pod.Namespace!, pod.Name, port, (string?)pod.ToJson()["status"]?["podIP"] ?? "", cancellation);
            await Pump.RunAsync(near, far, far is NetworkStream tcp ? () => tcp.Socket.Shutdown(SocketShutdown.Send) : null, cancellation);
        }
        catch (IOException failure)
        {
            string message = string.Create(CultureInfo.InvariantCulture, $"error forwarding port {port} to pod {pod.Name}, uid uid: failed to execute portforward in network namespace \"/var/run/netns/cni-1\": failed to connect to localhost:{port} inside namespace \"abc\", IPv4: {failure.Message}");
            await errors.WriteAsync(Encoding.UTF8.GetBytes(message), cancellation);
        }
        catch (OperationCanceledException)
        {
            // The client has gone.
        }
    }
}
