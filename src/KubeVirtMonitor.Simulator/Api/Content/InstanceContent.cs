using System.Globalization;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Instances: VirtualMachineInstance objects and their migrations.</summary>
internal static class InstanceContent
{
    public static IEnumerable<ApiObject> Instances(ContentContext context, ResourceType type) =>
        context.Cluster.VirtualMachineInstances.Select(vmi => context.Make(type, vmi.Namespace, vmi.Name, vmi.Labels, () => Instance(context, vmi)));

    public static IEnumerable<ApiObject> Migrations(ContentContext context, ResourceType type) =>
        context.Cluster.Migrations.Select(migration => context.Make(type, migration.Namespace, migration.Name, Label(migration), () => Migration(context, migration)));

    /// <summary>The object of a migration.</summary>
    public static ApiObject Migration(ContentContext context, ResourceType type, SimulatedMigration migration) =>
        context.Make(type, migration.Namespace, migration.Name, Label(migration), () => Migration(context, migration));

    /// <summary>The uid of the machine of an instance.</summary>
    public static Guid MachineUid(ContentContext context, SimulatedVmi vmi) => StableId.Uid(context.Cluster.Options.Seed, "vm", vmi.Name);

    /// <summary>The uid of the launcher pod of an instance.</summary>
    public static Guid LauncherUid(ContentContext context, SimulatedVmi vmi) => context.Uid("pods", vmi.LauncherPod);

    public static JsonObject Instance(ContentContext context, SimulatedVmi vmi)
    {
        JsonObject metadata = Meta.Of(vmi.Name, vmi.Namespace, vmi.Uid, vmi.Created, vmi.Labels);
        JsonObject annotations = MachineContent.Observed();
        annotations["kubevirt.io/vm-generation"] = "1";
        annotations["vm.kubevirt.io/os"] = vmi.Windows ? "windows" : "fedora";
        annotations["vm.kubevirt.io/workload"] = "server";
        metadata["annotations"] = annotations;
        if (vmi.Outdated) ((JsonObject?)metadata["labels"])?.Add("kubevirt.io/outdatedLauncherImage", "");
        metadata["finalizers"] = new JsonArray("kubevirt.io/virtualMachineControllerFinalize", "kubevirt.io/foregroundDeleteVirtualMachine");
        metadata["generation"] = 7;
        metadata["ownerReferences"] = new JsonArray(Meta.Owner("kubevirt.io/v1", "VirtualMachine", vmi.Name, MachineUid(context, vmi)));
        JsonObject spec = MachineContent.InstanceSpec(vmi.Name, vmi.Cpus, vmi.MemoryBytes, vmi.Windows);
        spec["evictionStrategy"] = "LiveMigrate";
        foreach (PluggedDisk disk in vmi.PluggedDisks) Plug(spec, disk);
        return new JsonObject { ["metadata"] = metadata, ["spec"] = spec, ["status"] = vmi.Node is null ? Waiting(vmi) : Running(context, vmi) };
    }

    /// <summary>Adds a disk to the spec of an instance that runs.</summary>
    public static void Plug(JsonObject spec, PluggedDisk disk)
    {
        if (spec["domain"]?["devices"] is JsonObject devices) List(devices, "disks").Add((JsonNode)new JsonObject { ["disk"] = new JsonObject { ["bus"] = "scsi" }, ["name"] = disk.Name });
        List(spec, "volumes").Add((JsonNode)new JsonObject { ["name"] = disk.Name, ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = disk.Name, ["hotpluggable"] = true } });

        static JsonArray List(JsonObject of, string name)
        {
            if (of[name] is JsonArray present) return present;
            JsonArray added = [];
            of[name] = added;
            return added;
        }
    }

    private static JsonObject Waiting(SimulatedVmi vmi) => new()
    {
        ["conditions"] = vmi.IsStarting
            ? new JsonArray(Meta.Condition("Ready", false, vmi.Created, "GuestNotRunning", "Guest VM is not reported as running"))
            : new JsonArray(
                Meta.Condition("PodScheduled", false, vmi.Created, "Unschedulable", "0 nodes are available: insufficient memory."),
                Meta.Condition("Ready", false, vmi.Created, "GuestNotRunning", "Guest VM is not reported as running")),
        ["guestOSInfo"] = new JsonObject(),
        ["phase"] = vmi.Phase,
        ["phaseTransitionTimestamps"] = Transitions(vmi, ["Pending", "Scheduling"]),
        ["qosClass"] = "Burstable",
        ["runtimeUser"] = 107,
    };

    private static JsonObject Running(ContentContext context, SimulatedVmi vmi)
    {
        DateTimeOffset started = vmi.Started;
        JsonArray conditions = [Meta.Condition("Ready", true, started)];
        if (vmi.AgentConnected) conditions.Add((JsonNode)Meta.Condition("AgentConnected", true, started));
        conditions.Add((JsonNode)Meta.Condition("LiveMigratable", vmi.Evictable, null, vmi.Evictable ? null : "DisksNotLiveMigratable", vmi.Evictable ? null : "cannot migrate VMI"));
        JsonObject status = new()
        {
            ["activePods"] = ActivePods(context, vmi),
            ["conditions"] = conditions,
            ["currentCPUTopology"] = new JsonObject { ["cores"] = vmi.Cpus },
            ["guestOSInfo"] = GuestSystem(vmi),
            ["interfaces"] = new JsonArray(new JsonObject
            {
                ["infoSource"] = vmi.AgentConnected ? "domain, guest-agent" : "domain",
                ["interfaceName"] = "eth0",
                ["ipAddress"] = vmi.IPAddress,
                ["ipAddresses"] = new JsonArray(vmi.IPAddress),
                ["mac"] = string.Create(CultureInfo.InvariantCulture, $"02:00:00:{(vmi.Ordinal >> 16) & 255:x2}:{(vmi.Ordinal >> 8) & 255:x2}:{vmi.Ordinal & 255:x2}"),
                ["name"] = "default",
                ["podInterfaceName"] = "eth0",
            }),
            ["launcherContainerImageVersion"] = LauncherContent.Image(context),
            ["machine"] = new JsonObject { ["type"] = "pc-q35-rhel9.6.0" },
            ["memory"] = new JsonObject { ["guestAtBoot"] = Meta.Quantity(vmi.MemoryBytes), ["guestCurrent"] = Meta.Quantity(vmi.MemoryBytes), ["guestRequested"] = Meta.Quantity(vmi.MemoryBytes) },
        };
        if (vmi.Migration is { } migration)
        {
            status["migrationState"] = State(context, migration);
        }
        else if (vmi.Migrating)
        {
            status["migrationState"] = new JsonObject
            {
                ["migrationUid"] = context.Uid("vmim", $"migrate-{vmi.Name}").ToString(), ["sourceNode"] = vmi.Node, ["startTimestamp"] = Meta.Time(context.Cluster.StartTime.AddSeconds(-60)),
            };
        }

        status["migrationTransport"] = "Unix";
        status["nodeName"] = vmi.Node;
        status["phase"] = vmi.Phase;
        status["phaseTransitionTimestamps"] = Transitions(vmi, ["Pending", "Scheduling", "Scheduled", "Running"]);
        status["qosClass"] = "Burstable";
        status["runtimeUser"] = 107;
        status["volumeStatus"] = new JsonArray([new JsonObject { ["name"] = "rootdisk", ["target"] = "vda" }, .. vmi.PluggedDisks.Select((disk, index) => new JsonObject
        {
            ["hotplugVolume"] = new JsonObject { ["attachPodName"] = $"hp-volume-{disk.Name}", ["attachPodUID"] = context.Uid("pods", $"{vmi.Name}/{disk.Name}").ToString() },
            ["message"] = $"Successfully attach hotplugged volume {disk.Name} to VM",
            ["name"] = disk.Name,
            ["phase"] = "Ready",
            ["reason"] = "VolumeReady",
            ["target"] = $"sd{(char)('a' + index)}",
        })]);
        return status;
    }

    /// <summary>The launcher pods of an instance: two of them while it moves.</summary>
    private static JsonObject ActivePods(ContentContext context, SimulatedVmi vmi)
    {
        JsonObject pods = new() { [LauncherUid(context, vmi).ToString()] = vmi.Node };
        if (vmi is { Migrating: true, Migration: { TargetPod: { } target, TargetNode: { } node } }) pods[LauncherUid(context, vmi with { LauncherPod = target }).ToString()] = node;
        return pods;
    }

    private static JsonObject State(ContentContext context, SimulatedMigration migration)
    {
        JsonObject state = new() { ["migrationUid"] = context.Uid("vmim", migration.Name).ToString(), ["mode"] = "PreCopy", ["sourceNode"] = migration.Node, ["startTimestamp"] = Meta.Time(migration.Started) };
        if (migration.TargetNode is not null) state["targetNode"] = migration.TargetNode;
        if (migration.TargetPod is not null) state["targetPod"] = migration.TargetPod;
        if (migration.Ended is not { } ended) return state;
        state["completed"] = true;
        state["endTimestamp"] = Meta.Time(ended);
        if (migration.Phase == "Failed") state["failed"] = true;
        return state;
    }

    private static JsonObject GuestSystem(SimulatedVmi vmi) => !vmi.AgentConnected ? [] : vmi.Windows
        ? new JsonObject { ["id"] = "mswindows", ["kernelRelease"] = "20348", ["machine"] = "x86_64", ["name"] = "Microsoft Windows", ["prettyName"] = "Windows Server 2022", ["version"] = "2022", ["versionId"] = "2022" }
        : new JsonObject { ["id"] = "fedora", ["kernelRelease"] = "6.14.0", ["machine"] = "x86_64", ["name"] = "Fedora Linux", ["prettyName"] = "Fedora Linux 42", ["version"] = "42", ["versionId"] = "42" };

    private static JsonArray Transitions(SimulatedVmi vmi, string[] phases)
    {
        JsonArray transitions = [];
        for (int i = 0; i < phases.Length; i++)
            transitions.Add((JsonNode)new JsonObject { ["phase"] = phases[i], ["phaseTransitionTimestamp"] = Meta.Time(i < 2 ? vmi.Created : vmi.Started) });
        return transitions;
    }

    private static Dictionary<string, string> Label(SimulatedMigration migration) => new(StringComparer.Ordinal) { ["kubevirt.io/vmi-name"] = migration.Vmi };

    private static JsonObject Migration(ContentContext context, SimulatedMigration migration)
    {
        JsonObject metadata = Meta.Of(migration.Name, migration.Namespace, context.Uid("vmim", migration.Name), migration.Started, Label(migration));
        metadata["annotations"] = MachineContent.Observed();
        if (migration.Ended is null) metadata["finalizers"] = new JsonArray("kubevirt.io/migrationJobFinalize");
        metadata["generation"] = 1;
        JsonObject state = State(context, migration);
        if (migration.TargetNode is null) state.Remove("migrationUid");
        if (migration.TargetNode is null) state.Remove("mode");
        return new JsonObject
        {
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["vmiName"] = migration.Vmi },
            ["status"] = new JsonObject
            {
                ["migrationState"] = state,
                ["phase"] = migration.Phase,
                ["phaseTransitionTimestamps"] = new JsonArray(new JsonObject { ["phase"] = "Pending", ["phaseTransitionTimestamp"] = Meta.Time(migration.Started) }),
            },
        };
    }
}
