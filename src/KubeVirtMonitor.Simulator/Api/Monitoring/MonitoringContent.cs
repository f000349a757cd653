using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// The services of monitoring with the addresses behind them, and OpenShift's route. Names, labels and ports are those of the manifests of kube-prometheus and kube-thanos, of the charts
/// kube-prometheus-stack, rancher-monitoring and prometheus, of the operators of Prometheus and VictoriaMetrics, and of OpenShift's cluster-monitoring-operator.
/// </summary>
internal static class MonitoringContent
{
    public const string OpenShift = "openshift-monitoring";
    public const string Managed = "openshift-config-managed";

    private const string Name = "app.kubernetes.io/name";
    private const string Part = "app.kubernetes.io/part-of";
    private const string Component = "app.kubernetes.io/component";
    private const string Instance = "app.kubernetes.io/instance";
    private const string ManagedBy = "app.kubernetes.io/managed-by";

    private static readonly (string, int)[] Operated = [("web", 9090)];

    private static readonly Entry[] Services =
    [
        new(MonitoringStack.KubePrometheus, "monitoring", "prometheus-k8s", [("web", 9090), ("reloader-web", 8080)], (Component, "prometheus"), (Instance, "k8s"), (Name, "prometheus"), (Part, "kube-prometheus")),
        new(MonitoringStack.KubePrometheus, "monitoring", "prometheus-operated", Operated, ("operated-prometheus", "true")),
        new(MonitoringStack.KubePrometheus, "monitoring", "alertmanager-main", [("web", 9093), ("reloader-web", 8080)], (Component, "alert-router"), (Instance, "main"), (Name, "alertmanager"), (Part, "kube-prometheus")),
        new(MonitoringStack.KubePrometheusStack, "monitoring", "kube-prometheus-stack-prometheus", [("http-web", 9090), ("reloader-web", 8080)], ("app", "kube-prometheus-stack-prometheus"), (Instance, "kube-prometheus-stack"), (Part, "kube-prometheus-stack"), ("release", "kube-prometheus-stack")),
        new(MonitoringStack.KubePrometheusStack, "monitoring", "prometheus-operated", Operated, ("operated-prometheus", "true")),
        new(MonitoringStack.KubePrometheusStack, "monitoring", "kube-prometheus-stack-operator", [("https", 443)], ("app", "kube-prometheus-stack-operator"), (Part, "kube-prometheus-stack")),
        new(MonitoringStack.Rancher, "cattle-monitoring-system", "rancher-monitoring-prometheus", [("http-web", 9090)], ("app", "rancher-monitoring-prometheus"), (Instance, "rancher-monitoring"), (Part, "rancher-monitoring"), ("release", "rancher-monitoring")),
        new(MonitoringStack.Rancher, "cattle-monitoring-system", "prometheus-operated", Operated, ("operated-prometheus", "true")),
        new(MonitoringStack.Chart, "prometheus", "prometheus-server", [("http", 80)], (Component, "server"), (Name, "prometheus"), (Instance, "prometheus"), (Part, "prometheus"), (ManagedBy, "Helm")),
        new(MonitoringStack.VictoriaMetrics, "victoria-metrics", "vmsingle-main", [("http", 8428)], (Component, "monitoring"), (Name, "vmsingle"), (Instance, "main"), (ManagedBy, "vm-operator")),
        new(MonitoringStack.VictoriaMetricsCluster, "victoria-metrics", "vmselect-main", [("http", 8481)], (Component, "monitoring"), (Name, "vmselect"), (Instance, "main"), (ManagedBy, "vm-operator")),
        new(MonitoringStack.VictoriaMetricsCluster, "victoria-metrics", "vminsert-main", [("http", 8480)], (Component, "monitoring"), (Name, "vminsert"), (Instance, "main"), (ManagedBy, "vm-operator")),
        new(MonitoringStack.Thanos, "thanos", "thanos-query", [("grpc", 10901), ("http", 9090)], (Component, "query-layer"), (Name, "thanos-query"), (Instance, "thanos-query")),
        new(MonitoringStack.OpenShift, OpenShift, "thanos-querier", [("web", 9091), ("tenancy", 9092), ("tenancy-rules", 9093), ("metrics", 9094)], (Component, "query-layer"), (Name, "thanos-query"), (Instance, "thanos-querier"), (Part, OpenShift)),
        new(MonitoringStack.OpenShift, OpenShift, "prometheus-k8s", [("web", 9091), ("metrics", 9092)], (Component, "prometheus"), (Name, "prometheus"), (Instance, "k8s"), (Part, OpenShift), (ManagedBy, "cluster-monitoring-operator")),
    ];

    /// <summary>The namespaces of what is installed.</summary>
    public static IEnumerable<string> Namespaces(ApiServerOptions options) =>
        Of(options).Select(static one => one.Space).Concat(options.Monitoring?.Stacks.Contains(MonitoringStack.OpenShift) == true ? [Managed] : []).Distinct();

    /// <summary>Whether a service leads to the server of monitoring.</summary>
    public static bool Leads(ApiServerOptions options, string? space, string service) => Of(options).Any(one => one.Space == space && one.Service == service);

    public static IEnumerable<ApiObject> ServicesOf(ContentContext context, ResourceType type) => Of(context.Options).Select((one, index) =>
    {
        string address = string.Create(CultureInfo.InvariantCulture, $"198.19.254.{index + 1}");
        JsonArray ports = [.. one.Ports.Select(static port => (JsonNode)new JsonObject { ["name"] = port.Name, ["port"] = port.Number, ["protocol"] = "TCP", ["targetPort"] = port.Name })];
        string cluster = one.Service == "prometheus-operated" ? "None" : address;
        JsonObject spec = new()
        {
            ["clusterIP"] = cluster, ["clusterIPs"] = new JsonArray(cluster), ["ipFamilies"] = new JsonArray("IPv4"), ["ipFamilyPolicy"] = "SingleStack", ["ports"] = ports,
            ["selector"] = new JsonObject { [Name] = one.Labels.GetValueOrDefault(Name, "prometheus") }, ["sessionAffinity"] = "None", ["type"] = "ClusterIP",
        };
        return context.Make(type, one.Space, one.Service, new JsonObject { ["spec"] = spec, ["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() } }, one.Labels);
    });

    public static IEnumerable<ApiObject> EndpointsOf(ContentContext context, ResourceType type) => Of(context.Options).Select((one, index) =>
    {
        string pod = $"{one.Service}-0";
        JsonObject address = new()
        {
            ["ip"] = string.Create(CultureInfo.InvariantCulture, $"198.19.253.{index + 1}"),
            ["targetRef"] = new JsonObject { ["kind"] = "Pod", ["name"] = pod, ["namespace"] = one.Space, ["uid"] = context.Uid("pods", $"{one.Space}/{pod}").ToString() },
        };
        JsonArray ports = [.. one.Ports.Select(static port => (JsonNode)new JsonObject { ["name"] = port.Name, ["port"] = port.Number, ["protocol"] = "TCP" })];
        JsonObject body = new() { ["subsets"] = new JsonArray(new JsonObject { ["addresses"] = new JsonArray(address), ["ports"] = ports }) };
        return context.Make(type, one.Space, one.Service, body, one.Labels);
    });

    public static IEnumerable<ApiObject> Routes(ContentContext context, ResourceType type)
    {
        if (context.Route is not { } route) yield break;
        JsonObject spec = new()
        {
            ["host"] = route.Host, ["path"] = "/api", ["port"] = new JsonObject { ["targetPort"] = "web" },
            ["tls"] = new JsonObject { ["insecureEdgeTerminationPolicy"] = "Redirect", ["termination"] = "reencrypt" },
            ["to"] = new JsonObject { ["kind"] = "Service", ["name"] = "thanos-querier", ["weight"] = 100 }, ["wildcardPolicy"] = "None",
        };
        JsonObject admitted = new()
        {
            ["conditions"] = new JsonArray(new JsonObject { ["lastTransitionTime"] = Meta.Time(context.Installed), ["status"] = "True", ["type"] = "Admitted" }),
            ["host"] = route.Host, ["routerCanonicalHostname"] = "router-default.apps.simulated.example", ["routerName"] = "default", ["wildcardPolicy"] = "None",
        };
        Dictionary<string, string> labels = Of(context.Options).First(static one => one.Service == "thanos-querier").Labels;
        yield return context.Make(type, OpenShift, "thanos-querier", new JsonObject { ["spec"] = spec, ["status"] = new JsonObject { ["ingress"] = new JsonArray(admitted) } }, labels);
    }

    public static IEnumerable<ApiObject> ConfigMaps(ContentContext context, ResourceType type)
    {
        if (context.Route is not { } route) yield break;
        yield return context.Make(type, Managed, "default-ingress-cert", new JsonObject { ["data"] = new JsonObject { ["ca-bundle.crt"] = route.AuthorityPem } });
        yield return context.Make(type, Managed, "monitoring-shared-config", new JsonObject { ["data"] = new JsonObject { ["thanosPublicURL"] = $"https://{route.Host}" } });
    }

    private static IEnumerable<Entry> Of(ApiServerOptions options) =>
        options.Monitoring is { } monitoring ? Services.Where(one => monitoring.Stacks.Contains(one.Stack)).DistinctBy(static one => (one.Space, one.Service)) : [];

    private sealed record Entry(MonitoringStack Stack, string Space, string Service, (string Name, int Number)[] Ports, params (string Key, string Value)[] Pairs)
    {
        public Dictionary<string, string> Labels { get; } = Pairs.ToDictionary(static pair => pair.Key, static pair => pair.Value, StringComparer.Ordinal);
    }
}
