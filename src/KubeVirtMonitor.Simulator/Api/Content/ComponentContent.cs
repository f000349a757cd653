using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The pods of KubeVirt and what runs them: deployments, a daemon set, services, leases, service accounts.</summary>
internal static class ComponentContent
{
    private static readonly ComponentKind[] Components = [ComponentKind.Api, ComponentKind.Controller, ComponentKind.Handler, ComponentKind.Operator];

    public static IEnumerable<ApiObject> Pods(ContentContext context, ResourceType type) =>
        context.Host.Endpoints.Select(endpoint => context.Make(type, endpoint.Pod.Namespace, endpoint.Pod.Name, endpoint.Pod.Labels, () => Pod(context, endpoint, context.Installed)));

    public static IEnumerable<ApiObject> Deployments(ContentContext context, ResourceType type) =>
        Components.Where(component => component != ComponentKind.Handler).Select(component => context.Make(type, context.Space, App(component), Deployment(context, component), Labels(context, component)));

    public static IEnumerable<ApiObject> DaemonSets(ContentContext context, ResourceType type)
    {
        int count = context.Cluster.PodsOf(ComponentKind.Handler).Count();
        JsonObject spec = Workload(context, ComponentKind.Handler);
        spec["updateStrategy"] = new JsonObject { ["rollingUpdate"] = new JsonObject { ["maxSurge"] = 0, ["maxUnavailable"] = 1 }, ["type"] = "RollingUpdate" };
        JsonObject body = new() { ["spec"] = spec, ["status"] = WorkloadStatus.OfDaemonSet(1, count, count, count, count) };
        yield return context.Make(type, context.Space, App(ComponentKind.Handler), body, Labels(context, ComponentKind.Handler));
    }

    public static IEnumerable<ApiObject> Services(ContentContext context, ResourceType type)
    {
        Dictionary<string, string> labels = new(StringComparer.Ordinal) { ["kubevirt.io"] = "", ["prometheus.kubevirt.io"] = "true" };
        yield return context.Make(type, context.Space, "kubevirt-prometheus-metrics", Service("None", 443, "metrics", new JsonObject { ["prometheus.kubevirt.io"] = "true" }), labels);
        yield return context.Make(type, context.Space, "virt-api", Service("198.19.255.10", 443, null, new JsonObject { ["kubevirt.io"] = "virt-api" }), new Dictionary<string, string> { ["kubevirt.io"] = "virt-api" });
        yield return context.Make(type, "default", "kubernetes", Service("198.19.255.1", 443, "https", null), new Dictionary<string, string> { ["component"] = "apiserver", ["provider"] = "kubernetes" });
    }

    public static IEnumerable<ApiObject> Leases(ContentContext context, ResourceType type)
    {
        foreach (SimulatedPod pod in context.Cluster.Pods.Where(pod => pod.Leading))
        {
            string now = LeaseKeeper.Format(context.Cluster.StartTime);
            yield return context.Make(type, context.Space, App(pod.Component), new JsonObject
            {
                ["spec"] = new JsonObject { ["acquireTime"] = now, ["holderIdentity"] = pod.Name, ["leaseDurationSeconds"] = 15, ["leaseTransitions"] = 1, ["renewTime"] = now },
            });
        }
    }

    public static IEnumerable<ApiObject> ServiceAccounts(ContentContext context, ResourceType type)
    {
        foreach (ComponentKind component in Components) yield return context.Make(type, context.Space, Account(component), [], new Dictionary<string, string> { ["kubevirt.io"] = "" });
        foreach (ApiObject space in context.Store["", "namespaces"].List()) yield return context.Make(type, space.Name, "default", []);
    }

    public static string App(ComponentKind component) => $"virt-{SimulatedPod.NameOf(component)}";

    public static string Account(ComponentKind component) => component == ComponentKind.Api ? "kubevirt-apiserver" : $"kubevirt-{SimulatedPod.NameOf(component)}";

    private static Dictionary<string, string> Labels(ContentContext context, ComponentKind component) => new(StringComparer.Ordinal)
    {
        ["app.kubernetes.io/component"] = "kubevirt",
        ["app.kubernetes.io/managed-by"] = "virt-operator",
        ["app.kubernetes.io/version"] = context.Tag,
        ["kubevirt.io"] = App(component),
    };

    private static JsonObject Container(ContentContext context, ComponentKind component, int port) => new()
    {
        ["image"] = $"registry.example/kubevirt/{App(component)}:{context.Tag}",
        ["imagePullPolicy"] = "IfNotPresent",
        ["name"] = App(component),
        ["ports"] = new JsonArray(new JsonObject { ["containerPort"] = port, ["name"] = "metrics", ["protocol"] = "TCP" }),
        ["readinessProbe"] = new JsonObject
        {
            ["failureThreshold"] = 3,
            ["httpGet"] = new JsonObject
            {
                ["path"] = component switch { ComponentKind.Api => "/apis/subresources.kubevirt.io/v1/healthz", ComponentKind.Controller => "/leader", ComponentKind.Operator => "/metrics", _ => "/healthz" },
                ["port"] = port,
                ["scheme"] = "HTTPS",
            },
            ["initialDelaySeconds"] = 15,
            ["periodSeconds"] = 10,
            ["successThreshold"] = 1,
            ["timeoutSeconds"] = 10,
        },
        ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = "10m", ["memory"] = "300Mi" } },
        ["terminationMessagePath"] = "/dev/termination-log",
        ["terminationMessagePolicy"] = "File",
    };

    /// <summary>A pod that runs and is ready since a moment.</summary>
    public static JsonObject Pod(ContentContext context, SimulatedEndpoint endpoint, DateTimeOffset since)
    {
        SimulatedPod pod = endpoint.Pod;
        string app = App(pod.Component);
        JsonObject metadata = Meta.Of(pod.Name, pod.Namespace, pod.Uid, since, pod.Labels);
        metadata["generation"] = 1;
        bool daemon = pod.Component == ComponentKind.Handler;
        metadata["ownerReferences"] = new JsonArray(Meta.Owner("apps/v1", daemon ? "DaemonSet" : "ReplicaSet", daemon ? app : pod.Name[..pod.Name.LastIndexOf('-')], context.Uid("owner", app)));
        int node = 0;
        while (node < context.Cluster.Nodes.Count - 1 && context.Cluster.Nodes[node].Name != pod.Node) node++;
        return new JsonObject
        {
            ["metadata"] = metadata,
            ["spec"] = new JsonObject
            {
                ["containers"] = new JsonArray(Container(context, pod.Component, endpoint.Port)),
                ["dnsPolicy"] = "ClusterFirst",
                ["nodeName"] = pod.Node,
                ["priority"] = 1_000_000_000,
                ["priorityClassName"] = "kubevirt-cluster-critical",
                ["restartPolicy"] = "Always",
                ["schedulerName"] = "default-scheduler",
                ["securityContext"] = new JsonObject(),
                ["serviceAccountName"] = Account(pod.Component),
                ["terminationGracePeriodSeconds"] = 30,
            },
            ["status"] = PodStatus.Running(endpoint.Address.ToString(), NodeContent.Address(node), since, pod.Uid, (app, $"registry.example/kubevirt/{app}:{context.Tag}")),
        };
    }

    private static JsonObject Workload(ContentContext context, ComponentKind component) => new()
    {
        ["revisionHistoryLimit"] = 10,
        ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["kubevirt.io"] = App(component) } },
        ["template"] = new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["kubevirt.io"] = App(component), ["prometheus.kubevirt.io"] = "true" }, ["name"] = App(component) },
            ["spec"] = new JsonObject
            {
                ["containers"] = new JsonArray(Container(context, component, 8443)),
                ["nodeSelector"] = new JsonObject { ["kubernetes.io/os"] = "linux" },
                ["serviceAccountName"] = Account(component),
            },
        },
    };

    private static JsonObject Deployment(ContentContext context, ComponentKind component)
    {
        int count = context.Cluster.PodsOf(component).Count();
        JsonObject spec = Workload(context, component);
        spec["progressDeadlineSeconds"] = 600;
        spec["replicas"] = count;
        spec["strategy"] = new JsonObject { ["rollingUpdate"] = new JsonObject { ["maxSurge"] = "25%", ["maxUnavailable"] = "25%" }, ["type"] = "RollingUpdate" };
        SimulatedPod? pod = context.Cluster.PodsOf(component).FirstOrDefault();
        JsonObject deployment = new() { ["spec"] = spec };
        deployment["status"] = WorkloadStatus.OfDeployment(1, deployment, (App(component), pod?.Labels[pod.RevisionLabel] ?? ""), (count, count, count, 0), context.Installed);
        return deployment;
    }

    private static JsonObject Service(string address, int port, string? target, JsonObject? selector)
    {
        JsonObject entry = new() { ["port"] = port, ["protocol"] = "TCP", ["targetPort"] = target is null ? JsonValue.Create(8443) : JsonValue.Create(target) };
        if (target is not null) entry["name"] = target;
        JsonObject spec = new()
        {
            ["clusterIP"] = address, ["clusterIPs"] = new JsonArray(address), ["ipFamilies"] = new JsonArray("IPv4"), ["ipFamilyPolicy"] = "SingleStack", ["ports"] = new JsonArray(entry),
        };
        if (selector is not null) spec["selector"] = selector;
        spec["sessionAffinity"] = "None";
        spec["type"] = "ClusterIP";
        return new JsonObject { ["spec"] = spec, ["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() } };
    }
}
