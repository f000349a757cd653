using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>A Datadog Agent in the cluster: a pod on each node, the Cluster Agent, and their service accounts.</summary>
internal static class AgentContent
{
    public const string Account = "datadog-agent";
    public const string ClusterAccount = "datadog-cluster-agent";

    public static IEnumerable<ApiObject> Pods(ContentContext context, ResourceType type)
    {
        if (context.Options.AgentNamespace is not { } space) yield break;
        for (int i = 0; i < context.Cluster.Nodes.Count; i++)
        {
            int node = i;
            string name = $"datadog-agent-{context.Uid("agent", context.Cluster.Nodes[i].Name).ToString("N")[..5]}";
            yield return context.Make(type, space, name, Labels("agent"), () => Pod(context, space, name, node, "agent", Account));
        }

        string cluster = $"datadog-cluster-agent-{context.Uid("agent", "cluster").ToString("N")[..9]}";
        yield return context.Make(type, space, cluster, Labels("cluster-agent"), () => Pod(context, space, cluster, 0, "cluster-agent", ClusterAccount));
    }

    public static IEnumerable<ApiObject> ServiceAccounts(ContentContext context, ResourceType type)
    {
        if (context.Options.AgentNamespace is not { } space) yield break;
        foreach (string account in new[] { Account, ClusterAccount }) yield return context.Make(type, space, account, []);
    }

    private static Dictionary<string, string> Labels(string component) => new(StringComparer.Ordinal) { ["agent.datadoghq.com/component"] = component };

    private static JsonObject Pod(ContentContext context, string space, string name, int node, string container, string account) => new()
    {
        ["metadata"] = Meta.Of(name, space, context.Uid("pods", name), context.Installed, Labels(container)),
        ["spec"] = new JsonObject
        {
            ["containers"] = new JsonArray(new JsonObject { ["image"] = $"registry.example/datadog/{container}:7", ["name"] = container }),
            ["nodeName"] = context.Cluster.Nodes[node].Name,
            ["serviceAccountName"] = account,
        },
        ["status"] = PodStatus.Running($"198.19.{node % 256}.200", NodeContent.Address(node), context.Installed, container, $"registry.example/datadog/{container}:7"),
    };
}
