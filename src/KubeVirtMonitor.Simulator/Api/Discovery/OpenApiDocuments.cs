using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// OpenAPI v3, as much as kubectl asks for: which patches a resource takes, and that the server validates fields itself. The schemas name the top
/// level only and leave the rest open.
/// </summary>
internal static class OpenApiDocuments
{
    private static readonly string[] WriteParameters = ["dryRun", "fieldManager", "fieldValidation", "force"];

    public static JsonObject Index(DiscoveryDocuments discovery)
    {
        JsonObject paths = [];
        foreach ((string group, string version) in discovery.AllGroups)
        {
            string path = group.Length == 0 ? $"api/{version}" : $"apis/{group}/{version}";
            paths[path] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{path}?hash={StableId.Uid(0, "openapi", path):N}" };
        }

        return new JsonObject { ["paths"] = paths };
    }

    public static JsonObject? Group(IReadOnlyList<ResourceType> all, string path)
    {
        ResourceType[] types = [.. all.Where(type => path == (type.Group.Length == 0 ? $"api/{type.Version}" : $"apis/{type.Group}/{type.Version}"))];
        if (types.Length == 0) return null;
        JsonObject paths = [];
        JsonObject schemas = [];
        foreach (ResourceType type in types)
        {
            string root = type.Namespaced ? $"/{path}/namespaces/{{namespace}}/{type.Plural}" : $"/{path}/{type.Plural}";
            string schema = $"io.k8s.simulated.{type.Version}.{type.Kind}";
            paths[root] = new JsonObject { ["post"] = Operation(type, schema, "post", ["*/*"]) };
            if (!type.CreateOnly)
            {
                paths[root + "/{name}"] = new JsonObject
                {
                    ["get"] = Operation(type, schema, "get", []),
                    ["put"] = Operation(type, schema, "put", ["*/*"]),
                    ["patch"] = Operation(type, schema, "patch", type.Custom
                        ? ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"]
                        : ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json"]),
                };
            }

            schemas[schema] = Schema(type);
        }

        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Simulated Kubernetes", ["version"] = "v1.32.0" },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    private static JsonObject Operation(ResourceType type, string schema, string method, string[] bodies)
    {
        JsonObject reference = new() { ["$ref"] = $"#/components/schemas/{schema}" };
        JsonObject operation = new()
        {
            ["operationId"] = $"{method}{type.Version}{type.Kind}",
            ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK", ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = reference.DeepClone() } } } },
            ["x-kubernetes-action"] = method,
            ["x-kubernetes-group-version-kind"] = Kind(type),
        };
        if (bodies.Length == 0) return operation;
        operation["parameters"] = new JsonArray([.. WriteParameters.Select(Parameter)]);
        JsonObject content = [];
        foreach (string body in bodies) content[body] = new JsonObject { ["schema"] = reference.DeepClone() };
        operation["requestBody"] = new JsonObject { ["content"] = content, ["required"] = true };
        return operation;
    }

    private static JsonObject Parameter(string name) => new() { ["name"] = name, ["in"] = "query", ["schema"] = new JsonObject { ["type"] = "string", ["uniqueItems"] = true } };

    private static JsonObject Schema(ResourceType type)
    {
        JsonObject open = new() { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true };
        JsonObject properties = new()
        {
            ["apiVersion"] = new JsonObject { ["type"] = "string", ["description"] = "Group and version of the object." },
            ["kind"] = new JsonObject { ["type"] = "string", ["description"] = "Kind of the object." },
            ["metadata"] = open.DeepClone(),
        };
        foreach (string part in new[] { "spec", "status" }) properties[part] = open.DeepClone();
        return new JsonObject { ["type"] = "object", ["description"] = $"A {type.Kind}.", ["properties"] = properties, ["x-kubernetes-group-version-kind"] = new JsonArray(Kind(type)) };
    }

    private static JsonObject Kind(ResourceType type) => new() { ["group"] = type.Group, ["version"] = type.Version, ["kind"] = type.Kind };
}
