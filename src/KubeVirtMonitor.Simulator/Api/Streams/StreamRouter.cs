using System.Globalization;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Answers the subresources: of pods, and of instances through virt-api.</summary>
internal sealed class StreamRouter(ApiServices services) : IDisposable
{
    private const string PlainProtocol = "plain.kubevirt.io";

    private readonly ProxyHandler _proxy = new(services.Store, services.Network);
    private readonly ExecHandler _exec = new(services.Commands);
    private readonly PortForwardHandler _portForward = new(services.Network);

    public void Dispose() => _proxy.Dispose();

    public async Task PodAsync(HttpContext context, ApiRequest request, ResourceCollection collection)
    {
        ResourceType type = collection.Type;
        if (type.Plural != "pods" || request.Name is null || request.Namespace is null) throw ApiErrors.NoSuchResource();
        if (request.Subresource == "proxy")
        {
            await _proxy.SendAsync(context, request);
            return;
        }

        ApiObject pod = collection.Find(request.Namespace, request.Name) ?? throw ApiErrors.NotFound(type, request.Name);
        switch (request.Subresource)
        {
            case "exec":
                await _exec.SendAsync(context, pod);
                break;
            case "portforward":
                await _portForward.SendAsync(context, pod);
                break;
            case "log":
                await Answer.TextAsync(context, $"{{\"component\":\"{pod.Name}\",\"level\":\"info\",\"msg\":\"simulated container\",\"timestamp\":\"{Meta.Time(services.Host.Cluster.StartTime)}\"}}\n");
                break;
            default:
                throw ApiErrors.NoSuchResource();
        }
    }

    /// <summary>What virt-api serves: its health, its version, and the subresources of instances.</summary>
    public async Task SubresourceAsync(HttpContext context, ApiRequest request)
    {
        if (request.Version != "v1") throw ApiErrors.NoSuchResource();
        switch (request.Resource)
        {
            case "healthz":
                await HealthAsync(context);
                return;
            case "version":
                await Answer.JsonAsync(context, new JsonObject { ["gitVersion"] = services.Host.Cluster.Release.Tag, ["goVersion"] = services.Host.Cluster.Release.GoVersion, ["platform"] = "linux/amd64" });
                return;
            case "virtualmachineinstances" when request is { Name: not null, Namespace: not null }:
                await InstanceAsync(context, request);
                return;
            default:
                throw ApiErrors.NoSuchResource();
        }
    }

    /// <summary>The health of virt-api, from virt-api itself.</summary>
    private async Task HealthAsync(HttpContext context)
    {
        SimulatedEndpoint api = services.Host.Endpoints.FirstOrDefault(endpoint => endpoint.Pod.Component == ComponentKind.Api)
            ?? throw new ApiException(new ApiStatus(503, "ServiceUnavailable", "the server is currently unable to handle the request"));
        await _proxy.SendAsync(context, new ApiRequest
        {
            Verb = "get",
            Path = context.Request.Path,
            Namespace = api.Pod.Namespace,
            Resource = "pods",
            Name = string.Create(CultureInfo.InvariantCulture, $"{(api.PlainHttp ? "http" : "https")}:{api.Pod.Name}:{api.Port}"),
            Subresource = "proxy",
            Rest = "/healthz",
        });
    }

    private async Task InstanceAsync(HttpContext context, ApiRequest request)
    {
        ResourceCollection instances = services.Store[ResourceTypes.KubeVirtGroup, "virtualmachineinstances"];
        ApiObject instance = instances.Find(request.Namespace, request.Name!)
            ?? throw new ApiException(new ApiStatus(404, "NotFound", $"virtualmachineinstance.kubevirt.io \"{request.Name}\" not found") { Name = request.Name, Group = ResourceTypes.KubeVirtGroup, Kind = "virtualmachineinstance" });
        JsonNode? status = instance.ToJson()["status"];
        if ((string?)status?["phase"] != "Running")
        {
            throw new ApiException(new ApiStatus(409, "Conflict", $"Operation cannot be fulfilled on virtualmachineinstance.kubevirt.io \"{instance.Name}\": VMI is not running")
            {
                Name = instance.Name,
                Group = ResourceTypes.KubeVirtGroup,
                Kind = "virtualmachineinstance",
            });
        }

        switch (request.Subresource)
        {
            case "guestosinfo":
                await Answer.JsonAsync(context, new JsonObject { ["guestAgentVersion"] = "9.2.0", ["hostname"] = instance.Name, ["os"] = status["guestOSInfo"]?.DeepClone() });
                return;
            case "portforward":
                await PortForwardAsync(context, request, instance);
                return;
            default:
                throw ApiErrors.NoSuchResource();
        }
    }

    /// <summary>Binary messages are the stream. The instance is called before the WebSocket is accepted, so that a refusal is still an HTTP answer.</summary>
    private async Task PortForwardAsync(HttpContext context, ApiRequest request, ApiObject instance)
    {
        string[] parts = request.Rest.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length is 0 or > 2 || !ushort.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) || port == 0)
            throw ApiErrors.BadRequest($"port parameter must be a number from 1 to 65535, not \"{(parts.Length > 0 ? parts[0] : "")}\"");
        if (parts.Length == 2 && parts[1] != "tcp") throw ApiErrors.BadRequest($"protocol {parts[1]} is not simulated, only tcp");
        Stream far;
        try
        {
            far = await services.Network.ConnectInstanceAsync(instance.Namespace!, instance.Name, port, context.RequestAborted);
        }
        catch (IOException failure)
        {
            throw ApiErrors.Internal($"dialing VM: {failure.Message}");
        }

        await using (far)
        {
            using WebSocket socket = await Upgrades.WebSocketAsync(context, PlainProtocol);
            await using WebSocketStream near = new(socket);
            async Task FinishAsync()
            {
                if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived) await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
            }

            await Pump.RunAsync(near, far, far is NetworkStream tcp ? () => tcp.Socket.Shutdown(SocketShutdown.Send) : null, context.RequestAborted, FinishAsync);
            await FinishAsync();
        }
    }
}
