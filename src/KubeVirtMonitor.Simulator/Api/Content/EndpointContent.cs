using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The addresses behind the services of KubeVirt, as Endpoints and as EndpointSlices.</summary>
internal static class EndpointContent
{
    public static IEnumerable<ApiObject> Endpoints(ContentContext context, ResourceType type) => Services(context).Select(service =>
        context.Make(type, context.Space, service.Name, Subsets(context, service.Endpoints, service.PortName), new Dictionary<string, string> { ["kubevirt.io"] = "" }));

    /// <summary>One slice for each service and port; with an address for each pod there is one port.</summary>
    public static IEnumerable<ApiObject> Slices(ContentContext context, ResourceType type)
    {
        foreach ((string service, string? portName, IEnumerable<SimulatedEndpoint> endpoints) in Services(context))
        {
            foreach (var group in ByPort(endpoints))
            {
                string name = $"{service}-{StableId.Suffix(context.Cluster.Options.Seed, "slice", $"{service}/{group.Key}")}";
                Dictionary<string, string> labels = new(StringComparer.Ordinal) { ["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io", ["kubernetes.io/service-name"] = service };
                JsonArray entries = [.. group.Select(endpoint => (JsonNode)new JsonObject
                {
                    ["addresses"] = new JsonArray(endpoint.Address.ToString()),
                    ["conditions"] = new JsonObject { ["ready"] = true, ["serving"] = true, ["terminating"] = false },
                    ["nodeName"] = endpoint.Pod.Node,
                    ["targetRef"] = Target(context, endpoint),
                })];
                yield return context.Make(type, context.Space, name, new JsonObject { ["addressType"] = "IPv4", ["endpoints"] = entries, ["ports"] = new JsonArray(Port(group.Key, portName ?? "")) }, labels);
            }
        }
    }

    private static IEnumerable<(string Name, string? PortName, IEnumerable<SimulatedEndpoint> Endpoints)> Services(ContentContext context) =>
    [
        ("kubevirt-prometheus-metrics", "metrics", Ready(context)),
        ("virt-api", null, Ready(context).Where(static endpoint => endpoint.Pod.Component == ComponentKind.Api)),
    ];

    private static IEnumerable<SimulatedEndpoint> Ready(ContentContext context) => context.Host.Endpoints.Concat(context.Host.Coming).Where(static endpoint => endpoint.IsOpen);

    private static JsonObject Subsets(ContentContext context, IEnumerable<SimulatedEndpoint> endpoints, string? portName)
    {
        JsonArray subsets = [];
        foreach (var group in ByPort(endpoints))
        {
            JsonArray addresses = [.. group.Select(endpoint => (JsonNode)new JsonObject { ["ip"] = endpoint.Address.ToString(), ["nodeName"] = endpoint.Pod.Node, ["targetRef"] = Target(context, endpoint) })];
            subsets.Add((JsonNode)new JsonObject { ["addresses"] = addresses, ["ports"] = new JsonArray(Port(group.Key, portName)) });
        }

        return new JsonObject { ["subsets"] = subsets };
    }

    private static IEnumerable<IGrouping<int, SimulatedEndpoint>> ByPort(IEnumerable<SimulatedEndpoint> endpoints) => endpoints.GroupBy(endpoint => endpoint.Port).OrderBy(group => group.Key);

    private static JsonObject Port(int number, string? name)
    {
        JsonObject port = new() { ["port"] = number, ["protocol"] = "TCP" };
        if (name is not null) port["name"] = name;
        return port;
    }

    private static JsonObject Target(ContentContext context, SimulatedEndpoint endpoint) =>
        new() { ["kind"] = "Pod", ["name"] = endpoint.Pod.Name, ["namespace"] = context.Space, ["uid"] = endpoint.Pod.Uid.ToString() };
}
