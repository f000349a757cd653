using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Events: of the first instances, of the migrations, and of the instance that finds no node.</summary>
internal static class EventContent
{
    private const int Instances = 20;

    public static IEnumerable<ApiObject> Events(ContentContext context, ResourceType type)
    {
        foreach (SimulatedVmi vmi in context.Cluster.VirtualMachineInstances.Take(Instances).Where(vmi => vmi.Node is not null))
        {
            yield return Event(context, type, "VirtualMachine", vmi, InstanceContent.MachineUid(context, vmi), 0, "Normal", "SuccessfulCreate", $"Started the virtual machine by creating the new virtual machine instance {vmi.Name}", "virtualmachine-controller");
            yield return Event(context, type, "VirtualMachineInstance", vmi, vmi.Uid, 1, "Normal", "SuccessfulCreate", $"Created virtual machine pod {vmi.LauncherPod}", "virtualmachine-controller");
            yield return Event(context, type, "VirtualMachineInstance", vmi, vmi.Uid, 8, "Normal", "Started", "VirtualMachineInstance started.", "virt-handler");
            if (vmi.Migrating) yield return Event(context, type, "VirtualMachineInstance", vmi, vmi.Uid, 600, "Normal", "PreparingTarget", "VirtualMachineInstance Migration Target Prepared.", "virt-handler");
        }

        foreach (SimulatedVmi vmi in context.Cluster.VirtualMachineInstances.Where(vmi => vmi.Node is null))
            yield return Event(context, type, "VirtualMachineInstance", vmi, vmi.Uid, 2, "Warning", "FailedScheduling", "0 nodes are available: insufficient memory.", "default-scheduler");
    }

    private static ApiObject Event(ContentContext context, ResourceType type, string kind, SimulatedVmi vmi, Guid uid, int after, string severity, string reason, string message, string source)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{vmi.Name}.{context.Uid("event", $"{kind}/{vmi.Name}/{reason}").ToString("N")[..16]}");
        return context.Make(type, vmi.Namespace, name, null, () =>
        {
            // Events of a real cluster are gone after an hour, so these are from the last one, whatever the age of the instance.
            DateTimeOffset time = context.Cluster.StartTime.AddMinutes(-30).AddSeconds(after);
            return new JsonObject
            {
                ["metadata"] = Meta.Of(name, vmi.Namespace, context.Uid("events", name), time),
                ["involvedObject"] = new JsonObject
                {
                    ["kind"] = kind, ["namespace"] = vmi.Namespace, ["name"] = vmi.Name, ["uid"] = uid.ToString(), ["apiVersion"] = "kubevirt.io/v1", ["resourceVersion"] = "1",
                },
                ["reason"] = reason,
                ["message"] = message,
                ["source"] = new JsonObject { ["component"] = source },
                ["firstTimestamp"] = Meta.Time(time),
                ["lastTimestamp"] = Meta.Time(time),
                ["count"] = 1,
                ["type"] = severity,
                ["eventTime"] = null,
                ["reportingComponent"] = source,
                ["reportingInstance"] = "",
            };
        });
    }
}
