using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// What kube-state-metrics tells of the objects of a cluster, as far as KubeVirt's rules ask for it. Names, labels and their order are those of kube-state-metrics 2.x
/// (internal/store/pod.go, node.go, deployment.go and daemonset.go). Labels of nodes are told only where a list of them allows it, as in OpenShift; by default there is none.
/// </summary>
internal sealed class KubeState(ResourceStore store, bool nodeLabels)
{
    private static readonly string[] Phases = ["Pending", "Succeeded", "Failed", "Unknown", "Running"];
    private static readonly string[] Statuses = ["True", "False", "Unknown"];

    public Task SendAsync(HttpContext context)
    {
        if (context.Request.Path.Value != "/metrics")
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return context.Response.WriteAsync(Write(), context.RequestAborted);
    }

    /// <summary>The whole scrape.</summary>
    public string Write()
    {
        JsonObject[] pods = [.. store["", "pods"].List().Select(static pod => pod.ToJson())];
        JsonObject[] nodes = [.. store["", "nodes"].List().Select(static node => node.ToJson())];
        StringBuilder text = new();
        Family(text, "kube_daemonset_status_desired_number_scheduled", "The number of nodes that should be running the daemon pod.", Workloads("daemonsets", "daemonset", "status", "desiredNumberScheduled"));
        Family(text, "kube_daemonset_status_number_ready", "The number of nodes that should be running the daemon pod and have one or more of the daemon pod running and ready.", Workloads("daemonsets", "daemonset", "status", "numberReady"));
        Family(text, "kube_deployment_spec_replicas", "Number of desired pods for a deployment.", Workloads("deployments", "deployment", "spec", "replicas"));
        if (nodeLabels) Family(text, "kube_node_labels", "Kubernetes labels converted to Prometheus labels.", nodes.Select(static node => Line(1, [.. Node(node), .. Labels(node)])));
        Family(text, "kube_node_role", "The role of a cluster node.", nodes.SelectMany(Roles), "[ALPHA] ");
        Family(text, "kube_node_spec_unschedulable", "Whether a node can schedule new pods.", nodes.Select(static node => Line((bool?)node["spec"]?["unschedulable"] == true ? 1 : 0, Node(node))));
        Family(text, "kube_node_status_allocatable", "The allocatable for different resources of a node that are available for scheduling.", nodes.SelectMany(Allocatable));
        Family(text, "kube_pod_container_resource_requests", "The number of requested request resource by a container. It is recommended to use the kube_pod_resource_requests metric exposed by kube-scheduler instead, as it is more precise.", pods.SelectMany(Requests));
        Family(text, "kube_pod_info", "Information about pod.", pods.Select(Info));
        Family(text, "kube_pod_status_phase", "The pods current phase.", pods.SelectMany(static pod => Phases.Select(phase => Line((string?)pod["status"]?["phase"] == phase ? 1 : 0, [.. Pod(pod), ("phase", phase)]))));
        Family(text, "kube_pod_status_ready", "Describes whether the pod is ready to serve requests.", pods.SelectMany(Ready));
        return text.ToString();
    }

    private static void Family(StringBuilder text, string name, string help, IEnumerable<string> lines, string stability = "[STABLE] ")
    {
        text.Append("# HELP ").Append(name).Append(' ').Append(stability).Append(help).Append("\n# TYPE ").Append(name).Append(" gauge\n");
        foreach (string line in lines) text.Append(name).Append(line).Append('\n');
    }

    private static string Line(double value, params (string Name, string Value)[] labels) =>
        $"{{{string.Join(',', labels.Select(static label => $"{label.Name}=\"{label.Value.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""))}}} {GoNumber.ToString(value)}";

    private static (string, string)[] Pod(JsonObject pod) => [("namespace", Text(pod["metadata"]?["namespace"])), ("pod", Text(pod["metadata"]?["name"])), ("uid", Text(pod["metadata"]?["uid"]))];

    private static (string, string)[] Node(JsonObject node) => [("node", Text(node["metadata"]?["name"]))];

    private static string Text(JsonNode? node) => node?.ToString() ?? "";

    private static string Clean(string name) => string.Concat(name.Select(static letter => char.IsAsciiLetterOrDigit(letter) || letter == '_' ? letter : '_'));

    private static IEnumerable<(string, string)> Labels(JsonObject node) => (node["metadata"]?["labels"] as JsonObject ?? []).OrderBy(static label => label.Key, StringComparer.Ordinal).Select(static label => ("label_" + Clean(label.Key), Text(label.Value)));

    private static IEnumerable<string> Roles(JsonObject node)
    {
        const string Prefix = "node-role.kubernetes.io/";
        return (node["metadata"]?["labels"] as JsonObject ?? []).Where(static label => label.Key.StartsWith(Prefix, StringComparison.Ordinal)).Select(label => Line(1, [.. Node(node), ("role", label.Key[Prefix.Length..])]));
    }

    private static IEnumerable<string> Allocatable(JsonObject node) => (node["status"]?["allocatable"] as JsonObject ?? []).Select(resource => Line(
        Quantity(Text(resource.Value)), [.. Node(node), ("resource", Clean(resource.Key)), ("unit", UnitOf(resource.Key))]));

    private static IEnumerable<string> Requests(JsonObject pod) =>
        from container in pod["spec"]?["containers"] as JsonArray ?? []
        from request in container["resources"]?["requests"] as JsonObject ?? []
        select Line(Quantity(Text(request.Value)), [.. Pod(pod), ("container", Text(container["name"])), ("node", Text(pod["spec"]?["nodeName"])), ("resource", Clean(request.Key)), ("unit", UnitOf(request.Key))]);

    private static string Info(JsonObject pod)
    {
        JsonNode? owner = (pod["metadata"]?["ownerReferences"] as JsonArray)?.FirstOrDefault(static one => (bool?)one?["controller"] == true);
        return Line(1,
        [
            .. Pod(pod), ("host_ip", Text(pod["status"]?["hostIP"])), ("pod_ip", Text(pod["status"]?["podIP"])), ("node", Text(pod["spec"]?["nodeName"])),
            ("created_by_kind", Text(owner?["kind"])), ("created_by_name", Text(owner?["name"])), ("priority_class", Text(pod["spec"]?["priorityClassName"])), ("host_network", "false"),
        ]);
    }

    private static IEnumerable<string> Ready(JsonObject pod) =>
        from condition in pod["status"]?["conditions"] as JsonArray ?? []
        where (string?)condition["type"] == "Ready"
        from status in Statuses
        select Line((string?)condition["status"] == status ? 1 : 0, [.. Pod(pod), ("condition", status.ToLowerInvariant())]);

    private static string UnitOf(string resource) => resource switch { "cpu" => "core", "memory" or "ephemeral-storage" or "storage" => "byte", _ => "integer" };

    private static double Quantity(string text)
    {
        string unit = text.TrimStart('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.');
        double factor = unit switch { "m" => 0.001, "k" => 1e3, "M" => 1e6, "G" => 1e9, "Ki" => 1L << 10, "Mi" => 1L << 20, "Gi" => 1L << 30, "Ti" => 1L << 40, _ => 1 };
        return double.Parse(text[..^unit.Length], CultureInfo.InvariantCulture) * factor;
    }

    private IEnumerable<string> Workloads(string plural, string label, string part, string field) => store["apps", plural].List().Select(static item => item.ToJson()).Select(item =>
        Line((double?)item[part]?[field] ?? 0, ("namespace", Text(item["metadata"]?["namespace"])), (label, Text(item["metadata"]?["name"]))));
}
