using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// What virt-api serves under <c>/apis/subresources.kubevirt.io</c>: its health, its version, and the subresources of machines and instances. The API server has
/// said who may; a route is looked for, then what the request accepts, and only then is anything else looked at.
/// </summary>
internal sealed class VirtApi(ApiServices services)
{
    private static readonly string[] AgentCommands = ["guest-ping", "guest-info", "guest-exec", "guest-exec-status", "guest-get-osinfo"];

    private const string PlainProtocol = "plain.kubevirt.io";

    private static readonly byte[] KeepAlive = "keep alive"u8.ToArray();

    /// <summary>The subresources: whether JSON is served, or a stream or nothing; and by which method.</summary>
    private static readonly Dictionary<string, (string Verb, bool Json)> Routes = new(StringComparer.Ordinal)
    {
        ["virtualmachineinstances/guestosinfo"] = ("get", true),
        ["virtualmachineinstances/filesystemlist"] = ("get", true),
        ["virtualmachineinstances/userlist"] = ("get", true),
        ["virtualmachineinstances/portforward"] = ("get", false),
        ["virtualmachineinstances/console"] = ("get", false),
        ["virtualmachineinstances/vnc"] = ("get", false),
        ["virtualmachineinstances/pause"] = ("update", false),
        ["virtualmachineinstances/unpause"] = ("update", false),
        ["virtualmachines/expand-spec"] = ("get", true),
        ["virtualmachines/portforward"] = ("get", false),
        ["virtualmachines/start"] = ("update", false),
        ["virtualmachines/stop"] = ("update", false),
        ["healthz"] = ("list", true),
        ["version"] = ("list", true),
    };

    public async Task SendAsync(HttpContext context, ApiRequest request, ProxyHandler proxy)
    {
        SimulatedEndpoint? api = services.Host.Endpoints.FirstOrDefault(static endpoint => endpoint.Pod.Component == ComponentKind.Api && endpoint.IsOpen);
        if (api is null)
        {
            await Answer.TextAsync(context, "service unavailable\n", StatusCodes.Status503ServiceUnavailable);
            return;
        }

        string key = request.Subresource is null ? request.Resource! : $"{request.Resource}/{request.Subresource}";
        if (request.Version != "v1" || !Routes.TryGetValue(key, out (string Verb, bool Json) route) || (request.Namespace is null) != (request.Name is null)) await VirtRestful.NotFoundAsync(context);
        else if (request.Verb != route.Verb) await VirtRestful.NotAllowedAsync(context);
        else if (!VirtRestful.Accepts(context.Request, route.Json)) await VirtRestful.NotAcceptableAsync(context, route.Json ? "application/json" : "");
        else await RouteAsync(context, request, proxy, api, key);
    }

    private async Task RouteAsync(HttpContext context, ApiRequest request, ProxyHandler proxy, SimulatedEndpoint api, string key)
    {
        switch (key)
        {
            case "healthz":
                string name = string.Create(CultureInfo.InvariantCulture, $"{(api.PlainHttp ? "http" : "https")}:{api.Pod.Name}:{api.Port}");
                await proxy.SendAsync(context, request with { Verb = "get", Namespace = api.Pod.Namespace, Resource = "pods", Name = name, Subresource = "proxy", Rest = request.Path });
                return;
            case "version":
                await VirtRestful.SendAsync(context, new JsonObject
                {
                    ["gitVersion"] = services.Host.Cluster.Release.Tag,
                    ["gitCommit"] = StableId.Uid(0, "commit", services.Host.Cluster.Release.Tag).ToString("N"),
                    ["gitTreeState"] = "clean",
                    ["buildDate"] = "2026-07-27T00:00:00Z",
                    ["goVersion"] = services.Host.Cluster.Release.GoVersion,
                    ["compiler"] = "gc",
                    ["platform"] = "linux/amd64",
                });
                return;
        }

        try
        {
            await SubresourceAsync(context, request, key);
        }
        catch (ApiException failure) when (!context.Response.HasStarted)
        {
            await VirtRestful.SendAsync(context, failure.Status.ToJson(), failure.Status.Code);
        }
    }

    private async Task SubresourceAsync(HttpContext context, ApiRequest request, string key)
    {
        string singular = request.Resource![..^1];
        ApiObject found = services.Store[ResourceTypes.KubeVirtGroup, request.Resource].Find(request.Namespace, request.Name!)
            ?? throw new ApiException(new ApiStatus(404, "NotFound", $"{singular}.kubevirt.io \"{request.Name}\" not found") { Name = request.Name, Group = ResourceTypes.KubeVirtGroup, Kind = singular });
        ApiObject? instance = services.Store[ResourceTypes.KubeVirtGroup, "virtualmachineinstances"].Find(request.Namespace, request.Name!);
        bool machine = request.Resource == "virtualmachines";
        JsonNode? status = instance?.ToJson()["status"];
        ApiException Conflict(string why) => new(new ApiStatus(409, "Conflict", $"Operation cannot be fulfilled on {singular}.kubevirt.io \"{found.Name}\": {why}")
        {
            Name = found.Name,
            Group = ResourceTypes.KubeVirtGroup,
            Kind = singular,
        });
        switch (key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..])
        {
            case "portforward":
                if (instance is null) throw Conflict("VMI is not started");
                await PortForwardAsync(context, request, instance, (string?)status?["interfaces"]?[0]?["ipAddress"] is { } ip ? ip.Contains(':', StringComparison.Ordinal) ? $"[{ip}]" : ip : null);
                return;
            case "console" or "vnc":
                throw ApiErrors.Internal("Can't connect to websocket (400): websocket: bad handshake: the simulated instance has none");
            case "expand-spec":
                await VirtRestful.SendAsync(context, SpecExpander.Expand(services.Store, found));
                return;
            case "start":
                if (instance is not null) throw Conflict("VM is already running");
                SetStrategy(found, "Always");
                break;
            case "stop":
                if (instance is null) throw Conflict("VM is not running");
                SetStrategy(found, "Halted");
                break;
            case "pause" or "unpause":
                bool paused = Conditions(status).Any(static condition => (string?)condition["type"] == "Paused");
                if (machine || (string?)status?["phase"] != "Running") throw Conflict("VMI is not running");
                if (paused != (request.Subresource == "unpause")) throw Conflict(paused ? "VMI is already paused" : "VMI is not paused");
                Pause(instance!, !paused);
                break;
            default:
                if ((string?)status?["phase"] != "Running") throw Conflict("VMI is not running");
                await GuestAsync(context, request, found, status!);
                return;
        }

        context.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private static async Task GuestAsync(HttpContext context, ApiRequest request, ApiObject instance, JsonNode status)
    {
        if (!Conditions(status).Any(static condition => (string?)condition["type"] == "AgentConnected"))
        {
            context.Response.Headers.XContentTypeOptions = "nosniff";
            await VirtRestful.RefuseAsync(context, StatusCodes.Status500InternalServerError, $"Operation cannot be fulfilled on virtualmachineinstance.kubevirt.io \"{instance.Name}\": VMI does not have guest agent connected");
            return;
        }

        if (request.Subresource != "guestosinfo")
        {
            await VirtRestful.SendAsync(context, new JsonObject { ["items"] = new JsonArray(), ["metadata"] = new JsonObject() });
            return;
        }

        JsonArray commands = [.. AgentCommands.Select(static name => (JsonNode)new JsonObject { ["enabled"] = true, ["name"] = name })];
        await VirtRestful.SendAsync(context, new JsonObject
        {
            ["fsInfo"] = new JsonObject { ["disks"] = null },
            ["guestAgentVersion"] = "9.2.0",
            ["hostname"] = instance.Name,
            ["os"] = status["guestOSInfo"]?.DeepClone(),
            ["supportedCommands"] = commands,
            ["timezone"] = "UTC, 0",
        });
    }

    private static IEnumerable<JsonNode> Conditions(JsonNode? status) => (status?["conditions"] as JsonArray ?? []).OfType<JsonNode>();

    private void SetStrategy(ApiObject machine, string strategy) => Edit(machine, whole =>
    {
        JsonObject spec = whole["spec"]!.AsObject();
        spec.Remove("running");
        spec["runStrategy"] = strategy;
        whole["metadata"]!["generation"] = ((long?)whole["metadata"]!["generation"] ?? 1) + 1;
    });

    private void Pause(ApiObject instance, bool paused) => Edit(instance, whole =>
    {
        JsonArray conditions = whole["status"]!["conditions"]!.AsArray();
        if (paused) conditions.Add((JsonNode)Meta.Condition("Paused", true, services.Time.GetUtcNow(), "PausedByUser", "VMI was paused by user"));
        else conditions.Remove(conditions.First(static condition => (string?)condition?["type"] == "Paused"));
    });

    private void Edit(ApiObject item, Action<JsonObject> change)
    {
        lock (services.Store.Gate)
        {
            ResourceCollection collection = services.Store[item.Type.Group, item.Type.Plural];
            JsonObject whole = (collection.Find(item.Namespace, item.Name) ?? throw ApiErrors.NotFound(item.Type, item.Name)).ToJson();
            change(whole);
            collection.Put(ApiObject.From(item.Type, whole, services.Store.NextVersion()));
        }
    }

    /// <summary>The instance is called before the WebSocket is accepted, so that a refusal is still an HTTP answer.</summary>
    private async Task PortForwardAsync(HttpContext context, ApiRequest request, ApiObject instance, string? address)
    {
        if (address is null) throw ApiErrors.BadRequest("no network interfaces are present");
        string[] parts = request.Rest.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length is 0 or > 2 || (parts.Length == 2 && parts[1] is not ("tcp" or "udp")))
        {
            await VirtRestful.NotFoundAsync(context);
            return;
        }

        await using Stream? far = parts.ElementAtOrDefault(1) == "udp" ? null : await DialAsync(instance, parts[0], address, context.RequestAborted);
        if (!context.WebSockets.IsWebSocketRequest)
        {
            ApiStatus refused = ApiErrors.BadRequest("websocket: the client is not using the websocket protocol: 'upgrade' token not found in 'Connection' header").Status;
            context.Response.Headers.SecWebSocketVersion = "13";
            await VirtRestful.RefuseAsync(context, StatusCodes.Status400BadRequest, "Bad Request\n" + VirtRestful.Text(refused.ToJson()));
            return;
        }

        await using Stream near = await Upgrades.ByHandAsync(context, Upgrades.Protocol(context, PlainProtocol));
        using FrameStream frames = new(near);
        await ForwardAsync(frames, far, context.RequestAborted);
    }

    private async Task<Stream> DialAsync(ApiObject instance, string port, string address, CancellationToken cancellation)
    {
        if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out int number)) throw ApiErrors.Internal($"dialing VM: dial tcp: lookup tcp/{port}: unknown port");
        if (number > ushort.MaxValue) throw ApiErrors.Internal($"dialing VM: dial tcp: address {port}: invalid port");
        try
        {
            return await services.Network.ConnectInstanceAsync(instance.Namespace!, instance.Name, number, address, cancellation);
        }
        catch (IOException failure)
        {
            throw ApiErrors.Internal($"dialing VM: {failure.Message}");
        }
    }

    /// <summary>
    /// Frames of the client are the stream, whether text or binary, and binary ones go back. A ping goes out each second. When the instance ends its connection, the
    /// WebSocket ends without a close frame; only a close frame of the client is answered by one.
    /// </summary>
    private static async Task ForwardAsync(FrameStream near, Stream? far, CancellationToken aborted)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        Task[] ways = [InwardAsync(near, far, over.Token), OutwardAsync(far, near, over.Token), PingAsync(near, over.Token)];
        await Task.WhenAny(ways[0], ways[1]);
        await over.CancelAsync();
        foreach (Task way in ways)
        {
            try
            {
                await way;
            }
            catch (Exception failure) when (failure is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // A side that breaks off ends the stream.
            }
        }
    }

    private static async Task InwardAsync(FrameStream near, Stream? far, CancellationToken cancellation)
    {
        while (await near.ReadAsync(cancellation) is { } frame)
        {
            switch (frame.Operation)
            {
                case FrameStream.Close:
                    await near.WriteAsync(FrameStream.Close, frame.Payload.AsMemory(0, Math.Min(2, frame.Payload.Length)), cancellation);
                    return;
                case FrameStream.Ping:
                    await near.WriteAsync(FrameStream.Pong, frame.Payload, cancellation);
                    break;
                case FrameStream.Pong:
                    break;
                default:
                    if (far is not null) await far.WriteAsync(frame.Payload, cancellation);
                    break;
            }
        }
    }

    private static async Task OutwardAsync(Stream? far, FrameStream near, CancellationToken cancellation)
    {
        if (far is null) await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        byte[] buffer = new byte[32 * 1024];
        int count;
        while ((count = await far!.ReadAsync(buffer, cancellation)) > 0) await near.WriteAsync(FrameStream.Binary, buffer.AsMemory(0, count), cancellation);
    }

    private static async Task PingAsync(FrameStream near, CancellationToken cancellation)
    {
        using PeriodicTimer timer = new(TimeSpan.FromSeconds(1));
        while (await timer.WaitForNextTickAsync(cancellation)) await near.WriteAsync(FrameStream.Ping, KeepAlive, cancellation);
    }
}
