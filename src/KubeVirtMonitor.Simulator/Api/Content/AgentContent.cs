using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The Datadog Agents in the cluster: a daemon set with a pod on each node, the Cluster Agent, and their service accounts; of each Agent in its own namespace.</summary>
internal static class AgentContent
{
    public const string Account = "datadog-agent";
    public const string ClusterAccount = "datadog-cluster-agent";

    /// <summary>The label that tells what a pod of an Agent is: <c>agent</c> or <c>cluster-agent</c>.</summary>
    public const string Component = "agent.datadoghq.com/component";

    /// <summary>The label of the template that a pod was made from.</summary>
    public const string Revision = "controller-revision-hash";

    /// <summary>The ConfigMap that an Agent may mount from the start.</summary>
    public const string Authority = "datadog-agent-kubevirt-ca";

    /// <summary>The namespaces with an Agent.</summary>
    public static IEnumerable<string> Namespaces(ApiServerOptions options) => new[] { options.AgentNamespace, options.AgentNamespace is null ? null : options.Agent.SecondNamespace }.OfType<string>().Distinct();

    public static IEnumerable<ApiObject> Pods(ContentContext context, ResourceType type)
    {
        foreach (string space in Namespaces(context.Options))
        {
            for (int i = 0; i < context.Cluster.Nodes.Count; i++)
            {
                int node = i;
                string name = $"datadog-agent-{Suffix(context, space, context.Cluster.Nodes[i].Name)}";
                JsonObject template = Template(context, "agent");
                yield return context.Make(type, space, name, Labels("agent", HashOf(template)), () => Pod(context, (space, name), node, "agent", template, context.Installed, 200));
            }

            string cluster = $"datadog-cluster-agent-{Suffix(context, space, "cluster")}";
            JsonObject made = Template(context, "cluster-agent");
            yield return context.Make(type, space, cluster, Labels("cluster-agent", HashOf(made)), () => Pod(context, (space, cluster), 0, "cluster-agent", made, context.Installed, 199));
        }
    }

    public static IEnumerable<ApiObject> ServiceAccounts(ContentContext context, ResourceType type) =>
        Namespaces(context.Options).SelectMany(space => new[] { Account, ClusterAccount }.Select(account => context.Make(type, space, account, [])));

    public static IEnumerable<ApiObject> DaemonSets(ContentContext context, ResourceType type) => Namespaces(context.Options).Select(space => context.Make(type, space, "datadog-agent", new JsonObject
    {
        ["spec"] = new JsonObject
        {
            ["revisionHistoryLimit"] = 10,
            ["selector"] = Selector("agent"),
            ["template"] = Template(context, "agent"),
            ["updateStrategy"] = new JsonObject { ["rollingUpdate"] = new JsonObject { ["maxSurge"] = 0, ["maxUnavailable"] = "10%" }, ["type"] = "RollingUpdate" },
        },
        ["status"] = WorkloadStatus.OfDaemonSet(1, context.Cluster.Nodes.Count, context.Cluster.Nodes.Count, context.Cluster.Nodes.Count, context.Cluster.Nodes.Count),
    }));

    public static IEnumerable<ApiObject> Deployments(ContentContext context, ResourceType type) => Namespaces(context.Options).Select(space =>
    {
        JsonObject deployment = new() { ["spec"] = new JsonObject { ["replicas"] = 1, ["selector"] = Selector("cluster-agent"), ["template"] = Template(context, "cluster-agent") } };
        deployment["status"] = WorkloadStatus.OfDeployment(1, deployment, ("datadog-cluster-agent", HashOf(Template(context, "cluster-agent"))), (1, 1, 1, 0), context.Installed);
        return context.Make(type, space, "datadog-cluster-agent", deployment);
    });

    /// <summary>The hash of a template.</summary>
    public static string HashOf(JsonNode template) => StableId.Suffix(0, "agent-template", template.ToJsonString(), 10);

    /// <summary>A pod that runs, from the template of its workload.</summary>
    /// <param name="context">The cluster.</param>
    /// <param name="of">Its namespace and name.</param>
    /// <param name="node">The number of its node.</param>
    /// <param name="component">What it is.</param>
    /// <param name="template">The template.</param>
    /// <param name="since">When it began.</param>
    /// <param name="host">The last part of its address.</param>
    public static JsonObject Pod(ContentContext context, (string Space, string Name) of, int node, string component, JsonNode template, DateTimeOffset since, int host)
    {
        Guid uid = context.Uid("pods", $"{of.Space}/{of.Name}");
        JsonObject metadata = Meta.Of(of.Name, of.Space, uid, since, Labels(component, HashOf(template)));
        foreach ((string key, JsonNode? value) in template["metadata"]?["labels"] as JsonObject ?? []) metadata["labels"]![key] = value?.DeepClone();
        if (template["metadata"]?["annotations"] is JsonObject annotations) metadata["annotations"] = annotations.DeepClone();
        bool daemon = component == "agent";
        string owner = daemon ? "datadog-agent" : $"datadog-cluster-agent-{HashOf(template)}";
        metadata["ownerReferences"] = new JsonArray(Meta.Owner("apps/v1", daemon ? "DaemonSet" : "ReplicaSet", owner, context.Uid("owner", $"{of.Space}/{owner}")));
        JsonObject spec = template["spec"]!.DeepClone().AsObject();
        spec["nodeName"] = context.Cluster.Nodes.Count > node ? context.Cluster.Nodes[node].Name : "node01";
        (string, string)[] containers = [.. spec["containers"]!.AsArray().Select(static one => ((string)one!["name"]!, (string?)one["image"] ?? ""))];
        return new JsonObject { ["metadata"] = metadata, ["spec"] = spec, ["status"] = PodStatus.Running($"198.19.{node % 256}.{host}", NodeContent.Address(node), since, uid, containers) };
    }

    private static string Suffix(ContentContext context, string space, string name) => context.Uid("agent", $"{space}/{name}").ToString("N")[..5];

    private static JsonObject Selector(string component) => new() { ["matchLabels"] = new JsonObject { [Component] = component } };

    private static Dictionary<string, string> Labels(string component, string revision) => new(StringComparer.Ordinal) { [Component] = component, [component == "agent" ? Revision : "pod-template-hash"] = revision };

    private static JsonObject Template(ContentContext context, string component)
    {
        string image = $"registry.example/datadog/{component}:{context.Options.Agent.Version}";
        JsonObject main = new() { ["image"] = image, ["name"] = component };
        JsonObject spec = new() { ["containers"] = new JsonArray(main), ["serviceAccountName"] = component == "agent" ? Account : ClusterAccount };
        if (component == "agent")
        {
            main["volumeMounts"] = new JsonArray(new JsonObject { ["mountPath"] = "/etc/datadog-agent", ["name"] = "config" });
            spec["containers"]!.AsArray().Add((JsonNode)new JsonObject { ["image"] = image, ["name"] = "trace-agent" });
            spec["volumes"] = new JsonArray(new JsonObject { ["emptyDir"] = new JsonObject(), ["name"] = "config" });
            if (context.Options.Agent.MountsAuthority)
            {
                main["volumeMounts"]!.AsArray().Add((JsonNode)new JsonObject { ["mountPath"] = "/etc/kubevirt-ca", ["name"] = "kubevirt-ca", ["readOnly"] = true });
                spec["volumes"]!.AsArray().Add((JsonNode)new JsonObject { ["configMap"] = new JsonObject { ["name"] = Authority, ["optional"] = true }, ["name"] = "kubevirt-ca" });
            }
        }

        return new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [Component] = component } }, ["spec"] = spec };
    }
}
