using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The virt-launcher pods: one for each instance, with the container <c>compute</c> and, beside it as an init container that goes on, <c>guest-console-log</c>.</summary>
internal static class LauncherContent
{
    private const string ConsoleLog = "guest-console-log";

    public static IEnumerable<ApiObject> Pods(ContentContext context, ResourceType type) =>
        context.Cluster.VirtualMachineInstances.Select(vmi => Pod(context, type, vmi));

    /// <summary>The pod of an instance on its node.</summary>
    public static ApiObject Pod(ContentContext context, ResourceType type, SimulatedVmi vmi)
    {
        Dictionary<string, string> labels = Labels(vmi);
        return context.Make(type, vmi.Namespace, vmi.LauncherPod, labels, () => Pod(context, vmi, labels));
    }

    public static string Image(ContentContext context) => $"registry.example/kubevirt/virt-launcher:{context.Tag}";

    private static Dictionary<string, string> Labels(SimulatedVmi vmi)
    {
        Dictionary<string, string> labels = new(vmi.Labels, StringComparer.Ordinal)
        {
            ["kubevirt.io"] = "virt-launcher",
            ["kubevirt.io/created-by"] = vmi.Uid.ToString(),
            ["vm.kubevirt.io/name"] = vmi.Name,
            ["vmi.kubevirt.io/id"] = vmi.Name,
        };
        return labels;
    }

    private static JsonObject Pod(ContentContext context, SimulatedVmi vmi, Dictionary<string, string> labels)
    {
        JsonObject metadata = Meta.Of(vmi.LauncherPod, vmi.Namespace, InstanceContent.LauncherUid(context, vmi), vmi.Created, labels);
        metadata["annotations"] = new JsonObject { ["kubectl.kubernetes.io/default-container"] = "compute", ["kubevirt.io/domain"] = vmi.Name };
        metadata["generation"] = 1;
        metadata["generateName"] = $"virt-launcher-{vmi.Name}-";
        metadata["ownerReferences"] = new JsonArray(Meta.Owner("kubevirt.io/v1", "VirtualMachineInstance", vmi.Name, vmi.Uid));
        JsonObject spec = new()
        {
            ["automountServiceAccountToken"] = false,
            ["containers"] = new JsonArray(new JsonObject
            {
                ["command"] = new JsonArray("/usr/bin/virt-launcher-monitor", "--name", vmi.Name, "--uid", vmi.Uid.ToString(), "--namespace", vmi.Namespace),
                ["env"] = new JsonArray(new JsonObject
                {
                    ["name"] = "POD_NAME",
                    ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = "metadata.name" } },
                }),
                ["image"] = Image(context),
                ["imagePullPolicy"] = "IfNotPresent",
                ["name"] = "compute",
                ["resources"] = new JsonObject
                {
                    ["limits"] = new JsonObject { ["devices.kubevirt.io/kvm"] = "1" },
                    ["requests"] = new JsonObject { ["cpu"] = string.Create(CultureInfo.InvariantCulture, $"{100 * vmi.Cpus}m"), ["memory"] = Meta.Quantity(vmi.MemoryBytes + (300L << 20)) },
                },
                ["terminationMessagePath"] = "/dev/termination-log",
                ["terminationMessagePolicy"] = "FallbackToLogsOnError",
            }),
            ["initContainers"] = new JsonArray(new JsonObject
            {
                ["args"] = new JsonArray("--logfile", $"/var/run/kubevirt-private/{vmi.Uid}/virt-serial0-log"),
                ["command"] = new JsonArray("/usr/bin/virt-tail"),
                ["image"] = Image(context),
                ["imagePullPolicy"] = "IfNotPresent",
                ["name"] = ConsoleLog,
                ["resources"] = new JsonObject
                {
                    ["limits"] = new JsonObject { ["cpu"] = "15m", ["memory"] = "60M" },
                    ["requests"] = new JsonObject { ["cpu"] = "5m", ["memory"] = "35M" },
                },
                ["restartPolicy"] = "Always",
            }),
            ["dnsPolicy"] = "ClusterFirst",
            ["hostname"] = vmi.Name,
            ["readinessGates"] = new JsonArray(new JsonObject { ["conditionType"] = "kubevirt.io/virtual-machine-unpaused" }),
            ["restartPolicy"] = "Never",
            ["schedulerName"] = "default-scheduler",
            ["securityContext"] = new JsonObject { ["runAsUser"] = 107 },
            ["serviceAccountName"] = "default",
            ["terminationGracePeriodSeconds"] = 60,
        };
        if (vmi.Node is not null) spec["nodeName"] = vmi.Node;
        return new JsonObject { ["metadata"] = metadata, ["spec"] = spec, ["status"] = Status(context, vmi) };
    }

    private static JsonObject Status(ContentContext context, SimulatedVmi vmi)
    {
        if (vmi.Node is null) return PodStatus.Pending(vmi.Created);
        DateTimeOffset started = vmi.Started.AddSeconds(-2);
        int node = vmi.Ordinal / Math.Max(1, context.Cluster.Options.VmisPerHandler);
        if (context.Cluster.Nodes[node].Name != vmi.Node) node = context.Cluster.Nodes.TakeWhile(each => each.Name != vmi.Node).Count();
        JsonObject status = PodStatus.Running(vmi.IPAddress, NodeContent.Address(node), started, StableId.Uid(0, "launcher", $"{vmi.Uid}/{vmi.LauncherPod}"), ("compute", Image(context)));
        ((JsonArray)status["conditions"]!).Insert(3, Meta.Condition("kubevirt.io/virtual-machine-unpaused", true, started));
        JsonObject log = status["containerStatuses"]![0]!.DeepClone().AsObject();
        log["name"] = ConsoleLog;
        status["initContainerStatuses"] = new JsonArray(log);
        return status;
    }
}
