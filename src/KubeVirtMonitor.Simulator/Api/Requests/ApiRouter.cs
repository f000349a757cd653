using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Answers the requests that are none of a resource: versions, health, discovery.</summary>
internal sealed class ApiRouter(ApiServerOptions options, IReadOnlyList<ResourceType> types)
{
    private readonly DiscoveryDocuments _discovery = new(types);

    /// <summary>Whether a resource that is not there is answered as text, as for groups that nobody serves and those of custom resources.</summary>
    public bool IsTextual(string group, string version) => _discovery.Resources(group, version) is null || types.Any(type => type.Custom && type.Group == group);

    /// <summary>Answers a path, or says that there is none.</summary>
    public async Task<bool> TryAsync(HttpContext context, string path)
    {
        switch (path.TrimEnd('/'))
        {
            case "/healthz" or "/livez" or "/readyz":
                string check = path.Trim('/');
                await Answer.TextAsync(context, context.Request.Query.ContainsKey("verbose") ? $"[+]ping ok\n[+]log ok\n[+]etcd ok\n[+]poststarthook/rbac/bootstrap-roles ok\n{check} check passed\n" : "ok");
                return true;
            case "/version":
                await Answer.JsonAsync(context, VersionDocument.Of(options.KubernetesVersion));
                return true;
            case "":
                await Answer.JsonAsync(context, new JsonObject { ["paths"] = JsonText.Strings(["/api", "/api/v1", "/apis", .. _discovery.NamedGroups.Select(group => $"/apis/{group.Group}/{group.Version}"), "/healthz", "/livez", "/openapi/v3", "/readyz", "/version"]) });
                return true;
            case "/api":
                await DiscoveryAsync(context, core: true);
                return true;
            case "/apis":
                await DiscoveryAsync(context, core: false);
                return true;
            case "/openapi/v3":
                await Answer.JsonAsync(context, OpenApiDocuments.Index(_discovery));
                return true;
        }

        string[] parts = path.Trim('/').Split('/');
        JsonObject? found = parts switch
        {
            ["api", var version] => _discovery.Resources("", version),
            ["apis", var group] => _discovery.Group(group),
            ["apis", var group, var version] => _discovery.Resources(group, version),
            ["openapi", "v3", .. var rest] => OpenApiDocuments.Group(types, string.Join('/', rest)),
            _ => null,
        };
        if (found is null) return false;
        await Answer.JsonAsync(context, found);
        return true;
    }

    private async Task DiscoveryAsync(HttpContext context, bool core)
    {
        if (MediaType.Choose(context.Request, out string version) == MediaForm.Aggregated)
        {
            context.Response.Headers.Vary = "Accept";
            await Answer.JsonAsync(context, _discovery.Aggregated(core, version), contentType: $"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList");
            return;
        }

        await Answer.JsonAsync(context, core ? DiscoveryDocuments.Versions(context.Request.Host.Value ?? "") : _discovery.GroupList());
    }
}
