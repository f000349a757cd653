using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Roles and bindings: those of Kubernetes, those of KubeVirt, and those of the users of the simulator.</summary>
internal static class AccessContent
{
    private const string Rbac = "rbac.authorization.k8s.io";

    private static readonly string[] Read = ["get", "list", "watch"];
    private static readonly string[] Machines = ["virtualmachines", "virtualmachineinstances", "virtualmachineinstancereplicasets", "virtualmachineinstancemigrations"];
    private static readonly string[] Subresources =
    [
        "virtualmachineinstances/console", "virtualmachineinstances/vnc", "virtualmachineinstances/portforward", "virtualmachineinstances/guestosinfo",
        "virtualmachineinstances/filesystemlist", "virtualmachineinstances/userlist", "virtualmachines/expand-spec",
    ];

    public static IEnumerable<ApiObject> Roles(ContentContext context, ResourceType type)
    {
        yield return Role(context, type, "cluster-admin", Rule(["*"], ["*"], ["*"]), Paths(["*"], ["*"]));
        yield return Role(context, type, "system:discovery", Paths(["get"], ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/"]));
        yield return Role(context, type, "system:public-info-viewer", Paths(["get"], ["/healthz", "/livez", "/readyz", "/version", "/version/"]));
        yield return Role(
            context,
            type,
            "system:basic-user",
            Rule(["create"], ["authorization.k8s.io"], ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]),
            Rule(["create"], ["authentication.k8s.io"], ["selfsubjectreviews"]));
        yield return Role(
            context,
            type,
            "view",
            Rule(Read, [""], ["configmaps", "endpoints", "events", "namespaces", "pods", "pods/log", "pods/status", "serviceaccounts", "services"]),
            Rule(Read, ["apps"], ["daemonsets", "deployments"]));
        yield return Role(context, type, "kubevirt.io:view", Rule(Read, ["kubevirt.io"], [.. Machines, "kubevirts"]), Rule(["get"], ["subresources.kubevirt.io"], ["virtualmachines/expand-spec", "virtualmachineinstances/guestosinfo", "virtualmachineinstances/filesystemlist", "virtualmachineinstances/userlist"]));
        yield return Role(context, type, "kubevirt.io:edit", Rule(["*"], ["kubevirt.io"], Machines), Rule(["get"], ["subresources.kubevirt.io"], Subresources));
        yield return Role(context, type, "kubevirt.io:admin", Rule(["*"], ["kubevirt.io"], Machines), Rule(["get"], ["subresources.kubevirt.io"], Subresources));
        yield return Role(context, type, "kubevirt.io:default", Paths(["get"], ["/apis/subresources.kubevirt.io/*"]), Rule(["get", "list"], ["subresources.kubevirt.io"], ["version", "guestfs"]), Rule(["get", "list"], ["kubevirt.io"], ["kubevirts"]));
        yield return Role(context, type, "instancetype.kubevirt.io:view", Rule(Read, [SpecExpander.Group], ["virtualmachineclusterinstancetypes", "virtualmachineinstancetypes", "virtualmachineclusterpreferences"]));
        if (context.Route is not null) yield return Role(context, type, "cluster-monitoring-view", Rule(["get", "create", "update"], ["monitoring.coreos.com"], ["prometheuses/api"]), Rule(["get"], [""], ["namespaces"]));
        yield return Role(
            context,
            type,
            "simulator:monitor",
            Rule(Read, [""], ["namespaces", "nodes", "pods", "services", "endpoints", "events"]),
            Rule(["get", "create"], [""], ["pods/proxy", "pods/portforward", "services/proxy"]),
            Rule(["get"], [""], ["configmaps"]),
            Rule(Read, ["coordination.k8s.io"], ["leases"]),
            Rule(Read, ["apps"], ["daemonsets", "deployments"]));
    }

    public static IEnumerable<ApiObject> Bindings(ContentContext context, ResourceType type)
    {
        if (context.Route is not null) yield return Binding(context, type, "simulator:monitoring", "cluster-monitoring-view", "User", "monitor");
        yield return Binding(context, type, "cluster-admin", "cluster-admin", "Group", "system:masters");
        yield return Binding(context, type, "system:discovery", "system:discovery", "Group", "system:authenticated");
        yield return Binding(context, type, "system:basic-user", "system:basic-user", "Group", "system:authenticated");
        yield return Binding(context, type, "system:public-info-viewer", "system:public-info-viewer", "Group", "system:authenticated", "system:unauthenticated");
        yield return Binding(context, type, "kubevirt.io:default", "kubevirt.io:default", "Group", "system:authenticated");
        yield return Binding(context, type, "instancetype.kubevirt.io:view", "instancetype.kubevirt.io:view", "Group", "system:authenticated");
        yield return Binding(context, type, "simulator:admin", "cluster-admin", "User", "admin", "token-admin", "exec-admin", "rotating-admin");
        yield return Binding(context, type, "simulator:monitor", "simulator:monitor", "User", "monitor");
        yield return Binding(context, type, "simulator:monitor-view", "kubevirt.io:view", "User", "monitor", "viewer");
        yield return Binding(context, type, "simulator:viewer", "view", "User", "viewer");
    }

    private static ApiObject Role(ContentContext context, ResourceType type, string name, params JsonObject[] rules) =>
        context.Make(type, null, name, new JsonObject { ["rules"] = new JsonArray([.. rules]) });

    private static ApiObject Binding(ContentContext context, ResourceType type, string name, string role, string kind, params string[] subjects) => context.Make(type, null, name, new JsonObject
    {
        ["subjects"] = new JsonArray([.. subjects.Select(subject => new JsonObject { ["kind"] = kind, ["apiGroup"] = Rbac, ["name"] = subject })]),
        ["roleRef"] = new JsonObject { ["apiGroup"] = Rbac, ["kind"] = "ClusterRole", ["name"] = role },
    });

    private static JsonObject Rule(string[] verbs, string[] groups, string[] resources) =>
        new() { ["apiGroups"] = JsonText.Strings(groups), ["resources"] = JsonText.Strings(resources), ["verbs"] = JsonText.Strings(verbs) };

    private static JsonObject Paths(string[] verbs, string[] paths) => new() { ["nonResourceURLs"] = JsonText.Strings(paths), ["verbs"] = JsonText.Strings(verbs) };
}
