using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Runs commands in containers over WebSocket (<c>v5.channel.k8s.io</c>, <c>v4.channel.k8s.io</c>) or SPDY.</summary>
internal sealed class ExecHandler(ExecCommands commands)
{
    private const byte StandardInput = 0;
    private const byte StandardOutput = 1;
    private const byte StandardError = 2;
    private const byte StatusChannel = 3;

    private static readonly string[] Protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

    private readonly ExecRunner _runner = new(commands);

    public async Task SendAsync(HttpContext context, ApiObject pod)
    {
        ExecContext command = ExecRunner.Prepare(context.Request, pod);
        bool Wants(string stream) => context.Request.Query.ContainsKey(stream) && ApiRequest.IsTrue(context.Request.Query[stream]);
        if (Upgrades.IsSpdy(context.Request))
        {
            await OverSpdyAsync(context, command, Wants);
            return;
        }

        using WebSocket? socket = await Upgrades.WebSocketAsync(context, Protocols);
        if (socket is null) return;
        using ChannelSocket channels = new(socket);
        using CancellationTokenSource gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        command = command with
        {
            Input = Wants("stdin") ? channels.Incoming(StandardInput) : Stream.Null,
            Output = Wants("stdout") ? channels.Outgoing(StandardOutput) : Stream.Null,
            Error = Wants("stderr") && !Wants("tty") ? channels.Outgoing(StandardError) : Wants("tty") ? channels.Outgoing(StandardOutput) : Stream.Null,
        };
        Task receiving = ReceiveAsync(channels, gone);

        // kubelet says that the stream has begun by an empty message.
        await channels.SendAsync(StandardOutput, ReadOnlyMemory<byte>.Empty, gone.Token);
        JsonObject status = await _runner.RunAsync(command, gone.Token);

        // Before v4 there was no status; v5 is translated by the API server, v4 comes from kubelet as it is.
        if (socket.SubProtocol is "v4.channel.k8s.io") status.Remove("metadata");
        if (!string.IsNullOrEmpty(socket.SubProtocol)) await channels.SendAsync(StatusChannel, JsonText.Bytes(status), gone.Token);
        await channels.CloseAsync(gone.Token);
        await Task.WhenAny(receiving, Task.Delay(TimeSpan.FromSeconds(2), context.RequestAborted));
    }

    /// <summary>Reads until the other side goes, which ends a command that still runs.</summary>
    private static async Task ReceiveAsync(ChannelSocket channels, CancellationTokenSource gone)
    {
        try
        {
            await channels.ReceiveAsync(gone.Token);
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            await gone.CancelAsync();
        }
    }

    private async Task OverSpdyAsync(HttpContext context, ExecContext command, Func<string, bool> wants)
    {
        await using SpdyConnection connection = new(await Upgrades.SpdyAsync(context, "v4.channel.k8s.io"));
        Task running = connection.RunAsync(context.RequestAborted);
        HashSet<string> missing = ["error"];
        foreach (string stream in new[] { "stdin", "stdout", "stderr" })
        {
            if (wants(stream) && !(stream == "stderr" && wants("tty"))) missing.Add(stream);
        }

        if (wants("tty")) missing.Add("resize");
        Dictionary<string, SpdyStream> streams = [];
        while (missing.Count > 0)
        {
            if (await connection.TryAcceptAsync(context.RequestAborted) is not { } stream) return;
            string type = stream.Header("streamtype");
            missing.Remove(type);
            streams[type] = stream;
        }

        command = command with
        {
            Input = streams.GetValueOrDefault("stdin") ?? Stream.Null,
            Output = streams.GetValueOrDefault("stdout") ?? Stream.Null,
            Error = streams.GetValueOrDefault("stderr") ?? streams.GetValueOrDefault("stdout") ?? Stream.Null,
        };
        JsonObject status = await _runner.RunAsync(command, context.RequestAborted);
        await streams["error"].WriteAsync(JsonText.Bytes(status), context.RequestAborted);
        foreach (SpdyStream stream in streams.Values) await stream.FinishAsync(context.RequestAborted);
        await Task.WhenAny(running, Task.Delay(TimeSpan.FromSeconds(2), context.RequestAborted));
    }
}
