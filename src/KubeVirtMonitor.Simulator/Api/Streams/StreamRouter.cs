using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Answers the subresources: of pods, and of instances through virt-api.</summary>
internal sealed class StreamRouter(ApiServices services) : IDisposable
{
    private readonly ProxyHandler _proxy = new(services.Store, services.Network, services.Options);
    private readonly ExecHandler _exec = new(services.Commands);
    private readonly PortForwardHandler _portForward = new(services.Network);

    private readonly VirtApi _virtApi = new(services);

    public void Dispose() => _proxy.Dispose();

    /// <summary>What virt-api serves behind the API server.</summary>
    public Task SubresourceAsync(HttpContext context, ApiRequest request) => _virtApi.SendAsync(context, request, _proxy);

    public async Task PodAsync(HttpContext context, ApiRequest request, ResourceCollection collection)
    {
        ResourceType type = collection.Type;
        if (type.Plural == "services" && request is { Subresource: "proxy", Name: not null, Namespace: not null })
        {
            await _proxy.SendToServiceAsync(context, request);
            return;
        }

        if (type.Plural != "pods" || request.Name is null || request.Namespace is null) throw ApiErrors.NoSuchResource();
        if (request.Subresource == "proxy")
        {
            await _proxy.SendAsync(context, request);
            return;
        }

        if (request.Subresource == "eviction" && request.Verb == "create")
        {
            await EvictAsync(context, request, collection);
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

    /// <summary>An eviction is a delete that asks first. The launcher pod of an instance is not deleted but its instance marked for evacuation; here it stays as it is.</summary>
    private static async Task EvictAsync(HttpContext context, ApiRequest request, ResourceCollection pods)
    {
        _ = await RequestBody.ReadObjectAsync(context);
        _ = pods.Find(request.Namespace, request.Name!) ?? throw ApiErrors.NotFound(pods.Type, request.Name!);
        JsonObject status = new() { ["kind"] = "Status", ["apiVersion"] = "v1", ["metadata"] = new JsonObject(), ["status"] = "Success", ["code"] = StatusCodes.Status201Created };
        await Answer.JsonAsync(context, status, StatusCodes.Status201Created);
    }
}
