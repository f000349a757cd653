using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Machines: VirtualMachine objects.</summary>
internal static class MachineContent
{
    public static IEnumerable<ApiObject> Machines(ContentContext context, ResourceType type)
    {
        Dictionary<(string, string), SimulatedVmi> running = context.Cluster.VirtualMachineInstances.ToDictionary(vmi => (vmi.Namespace, vmi.Name));
        return context.Cluster.VirtualMachines.Select(vm =>
            context.Make(type, vm.Namespace, vm.Name, vm.Labels, () => Machine(vm, running.GetValueOrDefault((vm.Namespace, vm.Name)), context.Options.AgentNamespace is not null)));
    }

    private static JsonObject Machine(SimulatedVm vm, SimulatedVmi? vmi, bool watched)
    {
        JsonObject metadata = Meta.Of(vm.Name, vm.Namespace, vm.Uid, vm.Created, vm.Labels);
        metadata["annotations"] = Observed();
        metadata["finalizers"] = new JsonArray("kubevirt.io/virtualMachineControllerFinalize");
        metadata["generation"] = 1;
        Wrote(metadata, vm.StatusSince);
        return new JsonObject
        {
            ["metadata"] = metadata,
            ["spec"] = new JsonObject
            {
                ["runStrategy"] = vmi is null ? "Halted" : "Always",
                ["template"] = new JsonObject { ["metadata"] = TemplateMetadata(vm, vmi, watched), ["spec"] = InstanceSpec(vm.Name, vm.Cpus, vm.MemoryBytes, vm.Windows) },
            },
            ["status"] = Status(vm, vmi),
        };
    }

    /// <summary>Notes when virt-controller wrote the status last, as the API server does.</summary>
    public static void Wrote(JsonObject metadata, DateTimeOffset time) => metadata["managedFields"] = new JsonArray(new JsonObject
    {
        ["apiVersion"] = "kubevirt.io/v1",
        ["fieldsType"] = "FieldsV1",
        ["fieldsV1"] = new JsonObject { ["f:status"] = new JsonObject { ["."] = new JsonObject(), ["f:conditions"] = new JsonObject(), ["f:printableStatus"] = new JsonObject(), ["f:volumeSnapshotStatuses"] = new JsonObject() } },
        ["manager"] = "virt-controller",
        ["operation"] = "Update",
        ["subresource"] = "status",
        ["time"] = Meta.Time(time),
    });

    public static JsonObject Observed() => new() { ["kubevirt.io/latest-observed-api-version"] = "v1", ["kubevirt.io/storage-observed-api-version"] = "v1" };

    /// <summary>The spec of an instance, as a machine has it in its template.</summary>
    public static JsonObject InstanceSpec(string name, int cpus, long memory, bool windows) => new()
    {
        ["architecture"] = "amd64",
        ["domain"] = new JsonObject
        {
            ["cpu"] = new JsonObject { ["cores"] = cpus },
            ["devices"] = new JsonObject
            {
                ["disks"] = new JsonArray(new JsonObject { ["disk"] = new JsonObject { ["bus"] = "virtio" }, ["name"] = "rootdisk" }),
                ["interfaces"] = new JsonArray(new JsonObject { ["masquerade"] = new JsonObject(), ["name"] = "default" }),
            },
            ["firmware"] = new JsonObject { ["serial"] = StableId.Uid(0, "serial", name).ToString(), ["uuid"] = StableId.Uid(0, "firmware", name).ToString() },
            ["machine"] = new JsonObject { ["type"] = "q35" },
            ["memory"] = new JsonObject { ["guest"] = Meta.Quantity(memory) },
            ["resources"] = new JsonObject(),
        },
        ["networks"] = new JsonArray(new JsonObject { ["name"] = "default", ["pod"] = new JsonObject() }),
        ["volumes"] = new JsonArray(new JsonObject
        {
            ["containerDisk"] = new JsonObject { ["image"] = $"registry.example/{(windows ? "windows:2022" : "fedora:42")}" },
            ["name"] = "rootdisk",
        }),
    };

    /// <summary>The labels of the template become those of the instance; every second stopped machine has a template without any, unless an Agent watches, whose kubevirt_api stops at such a machine.</summary>
    private static JsonObject TemplateMetadata(SimulatedVm vm, SimulatedVmi? vmi, bool watched)
    {
        JsonObject metadata = new() { ["creationTimestamp"] = null };
        if (vmi is not null)
        {
            metadata["labels"] = JsonText.Map(vmi.Labels.Where(label => label.Key is not ("kubevirt.io/nodeName" or "vm.kubevirt.io/name")));
        }
        else if (watched || vm.Ordinal % 2 == 0)
        {
            metadata["labels"] = new JsonObject { ["kubevirt.io/domain"] = vm.Name, ["kubevirt.io/size"] = "small" };
        }

        return metadata;
    }

    /// <summary>The status of a machine.</summary>
    public static JsonObject Status(SimulatedVm vm, SimulatedVmi? vmi)
    {
        bool running = vmi is { Phase: "Running" };
        JsonArray conditions = [];
        if (vmi is null) conditions.Add((JsonNode)Meta.Condition("Ready", false, vm.Status == "Stopped" ? vm.Created : vm.StatusSince, "VMINotExists", "VMI does not exist"));
        else if (running) conditions.Add((JsonNode)Meta.Condition("Ready", true, vmi!.Started));
        else conditions.Add((JsonNode)Meta.Condition("Ready", false, vm.Created, "GuestNotRunning", "Guest VM is not reported as running"));
        if (vmi is not null) conditions.Add((JsonNode)Meta.Condition("LiveMigratable", vmi.Evictable, null, vmi.Evictable ? null : "DisksNotLiveMigratable", vmi.Evictable ? null : "cannot migrate VMI"));
        JsonObject status = new() { ["conditions"] = conditions };
        if (vmi is not null) status["created"] = true;
        status["printableStatus"] = vm.Status;
        if (running) status["ready"] = true;
        status["runStrategy"] = vmi is null && vm.Status == "Stopped" ? "Halted" : "Always";
        status["volumeSnapshotStatuses"] = new JsonArray(new JsonObject
        {
            ["enabled"] = false, ["name"] = "rootdisk", ["reason"] = "Snapshot is not supported for this volumeSource type [rootdisk]",
        });
        return status;
    }
}
