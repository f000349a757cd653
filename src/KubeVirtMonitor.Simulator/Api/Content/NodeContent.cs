using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Nodes and namespaces.</summary>
internal static class NodeContent
{
    public static IEnumerable<ApiObject> Nodes(ContentContext context, ResourceType type) =>
        context.Cluster.Nodes.Select((node, index) => context.Make(type, null, node.Name, node.Labels, () => Node(context, node, index)));

    public static IEnumerable<ApiObject> Namespaces(ContentContext context, ResourceType type)
    {
        IEnumerable<string> names = context.Cluster.VirtualMachines.Select(vm => vm.Namespace).Distinct();
        foreach (string name in names.Concat(context.Options.EveryKind ? ["kinds"] : []).Concat(["default", "kube-system", "kube-public", "kube-node-lease", context.Space, .. AgentContent.Namespaces(context.Options), .. MonitoringContent.Namespaces(context.Options)]).Distinct().Order(StringComparer.Ordinal))
        {
            Dictionary<string, string> labels = new(StringComparer.Ordinal) { ["kubernetes.io/metadata.name"] = name };
            if (name == context.Space) labels["kubevirt.io"] = "";
            yield return context.Make(type, null, name, new JsonObject { ["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") }, ["status"] = new JsonObject { ["phase"] = "Active" } }, labels);
        }
    }

    /// <summary>The address of a node, from the range that RFC 2544 sets aside for benchmarks.</summary>
    public static string Address(int index) => string.Create(CultureInfo.InvariantCulture, $"198.18.{index / 250}.{1 + (index % 250)}");

    private static JsonObject Node(ContentContext context, SimulatedNode node, int index)
    {
        JsonObject resources = new() { ["cpu"] = "64", ["devices.kubevirt.io/kvm"] = "1k", ["memory"] = "256Gi", ["pods"] = "500" };
        JsonObject condition = Meta.Condition("Ready", true, context.Installed, "KubeletReady", "kubelet is posting ready status");
        condition.Remove("lastProbeTime");
        condition["lastHeartbeatTime"] = Meta.Time(context.Cluster.StartTime);
        return new JsonObject
        {
            ["metadata"] = Meta.Of(node.Name, null, node.Uid, context.Installed, node.Labels),
            ["spec"] = new JsonObject { ["podCIDR"] = string.Create(CultureInfo.InvariantCulture, $"198.19.{index % 256}.0/24") },
            ["status"] = new JsonObject
            {
                ["addresses"] = new JsonArray(
                    new JsonObject { ["address"] = Address(index), ["type"] = "InternalIP" },
                    new JsonObject { ["address"] = node.Name, ["type"] = "Hostname" }),
                ["allocatable"] = resources.DeepClone(),
                ["capacity"] = resources,
                ["conditions"] = new JsonArray(condition),
                ["daemonEndpoints"] = new JsonObject { ["kubeletEndpoint"] = new JsonObject { ["Port"] = 10250 } },
                ["nodeInfo"] = new JsonObject
                {
                    ["architecture"] = "amd64",
                    ["bootID"] = context.Uid("boot", node.Name).ToString(),
                    ["containerRuntimeVersion"] = "containerd://2.1.4",
                    ["kernelVersion"] = "6.12.0",
                    ["kubeProxyVersion"] = context.Options.KubernetesVersion,
                    ["kubeletVersion"] = context.Options.KubernetesVersion,
                    ["machineID"] = context.Uid("machine", node.Name).ToString("N"),
                    ["operatingSystem"] = "linux",
                    ["osImage"] = "Simulated Linux",
                    ["systemUUID"] = context.Uid("system", node.Name).ToString(),
                },
            },
        };
    }
}
