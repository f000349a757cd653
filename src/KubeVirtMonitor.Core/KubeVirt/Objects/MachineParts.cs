using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Takes a machine or an instance apart. What is missing, or of another type than in KubeVirt's API, is absent.</summary>
internal static class MachineParts
{
    private static readonly string[] DiskKinds = ["disk", "cdrom", "lun"];
    private static readonly string[] Bindings = ["masquerade", "bridge", "sriov", "passtBinding", "passt", "slirp", "macvtap"];

    /// <summary>The parts of an instance.</summary>
    /// <param name="vmi">The VirtualMachineInstance.</param>
    public static KubeVirtMachineDetail OfInstance(JsonObject vmi)
    {
        JsonNode? spec = JsonText.At(vmi, "spec");
        JsonNode? status = JsonText.At(vmi, "status");
        return new KubeVirtMachineDetail
        {
            Cpu = CpuOf(spec, status),
            Memory = MemoryOf(spec, status),
            Disks = DisksOf(spec, status),
            Interfaces = InterfacesOf(spec, status),
            Conditions = ConditionsOf(status),
            Migration = MigrationOf(JsonText.At(status, "migrationState")),
            PodNodes = List((JsonText.At(status, "activePods") as JsonObject ?? []).Select(static pod => JsonText.Of(pod.Value)).Where(static node => !string.IsNullOrEmpty(node)).OfType<string>().Distinct().Order(StringComparer.Ordinal)),
        };
    }

    /// <summary>The parts of a machine.</summary>
    /// <param name="vm">The VirtualMachine.</param>
    /// <param name="expanded">The same with its instance type and preference applied.</param>
    public static KubeVirtMachineDetail OfMachine(JsonObject vm, JsonObject expanded)
    {
        JsonNode? spec = JsonText.At(expanded, "spec", "template", "spec");
        return new KubeVirtMachineDetail
        {
            Cpu = CpuOf(spec, null),
            Memory = MemoryOf(spec, null),
            Disks = DisksOf(spec, null),
            Interfaces = InterfacesOf(spec, null),
            Conditions = ConditionsOf(JsonText.At(vm, "status")),
            PodNodes = TextList<string>.Empty,
        };
    }

    /// <summary>The conditions of an object.</summary>
    public static IReadOnlyList<KubeVirtCondition> ConditionsOf(JsonNode? status) => List(Items(status, "conditions").Select(static condition => new KubeVirtCondition
    {
        Type = Text(condition, "type") ?? "",
        Status = Text(condition, "status"),
        Reason = Problems.OneLine(Text(condition, "reason")),
        Message = Problems.OneLine(Text(condition, "message")),
        Since = Time(condition, "lastTransitionTime"),
    }));

    /// <summary>What the guest agent says.</summary>
    /// <param name="status">The <c>guestOSInfo</c> of the instance's status.</param>
    /// <param name="agent">What the subresource <c>guestosinfo</c> answers; null where nobody was asked.</param>
    public static KubeVirtGuest GuestOf(JsonNode? status, JsonNode? agent)
    {
        JsonNode? system = JsonText.At(agent, "os") is JsonObject { Count: > 0 } told ? told : status;
        string named = $"{Text(system, "name")} {Text(system, "versionId")}".Trim();
        return new KubeVirtGuest
        {
            OS = Text(system, "prettyName") ?? (named.Length > 0 ? named : null),
            Id = Text(system, "id"),
            Version = Text(system, "versionId") ?? Text(system, "version"),
            Kernel = Text(system, "kernelRelease"),
            Machine = Text(system, "machine"),
            HostName = Text(agent, "hostname"),
            TimeZone = Text(agent, "timezone"),
            AgentVersion = Text(agent, "guestAgentVersion"),
        };
    }

    private static KubeVirtCpu CpuOf(JsonNode? spec, JsonNode? status)
    {
        JsonNode? wanted = JsonText.At(spec, "domain", "cpu");
        JsonNode? current = JsonText.At(status, "currentCPUTopology") is JsonObject topology ? topology : null;
        int vcpus = SizeOf(spec).VCpus;
        (int sockets, int cores, int threads) = Topology(current ?? wanted);
        // Without a topology, all vCPUs that resources ask for are sockets.
        if (current is null && sockets * cores * threads == 1) sockets = vcpus;
        int now = sockets * cores * threads;
        return new KubeVirtCpu
        {
            VCpus = now,
            Sockets = sockets,
            Cores = cores,
            Threads = threads,
            MaxSockets = JsonText.Integer(JsonText.At(wanted, "maxSockets")) is { } most and > 0 ? most : null,
            Requested = vcpus == now ? null : vcpus,
            Model = Text(wanted, "model"),
            Dedicated = JsonText.Is(JsonText.At(wanted, "dedicatedCpuPlacement"), true),
        };
    }

    private static (int Sockets, int Cores, int Threads) Topology(JsonNode? cpu)
    {
        return (Count("sockets"), Count("cores"), Count("threads"));

        int Count(string name) => JsonText.Integer(JsonText.At(cpu, name)) is { } count and > 0 ? count : 1;
    }

    private static KubeVirtMemory MemoryOf(JsonNode? spec, JsonNode? status)
    {
        JsonNode? current = JsonText.At(status, "memory");
        return new KubeVirtMemory
        {
            Guest = Bytes(JsonText.At(current, "guestCurrent")) ?? SizeOf(spec).Memory,
            AtBoot = Bytes(JsonText.At(current, "guestAtBoot")),
            Requested = Bytes(JsonText.At(current, "guestRequested")),
            MaxGuest = Bytes(JsonText.At(spec, "domain", "memory", "maxGuest")),
            PodRequest = Bytes(JsonText.At(spec, "domain", "resources", "requests", "memory")),
            HugePages = Text(JsonText.At(spec, "domain", "memory", "hugepages"), "pageSize"),
        };
    }

    // The rules for the size of a guest are those of the lists.
    private static GuestSize SizeOf(JsonNode? spec)
    {
        GuestSize size = default;
        if (JsonText.At(spec, "domain") is not JsonObject domain) return size;
        JsonCursor reader = new(Encoding.UTF8.GetBytes(domain.ToJsonString()));
        size.Read(ref reader, "spec.domain");
        return size;
    }

    private static TextList<KubeVirtDisk> DisksOf(JsonNode? spec, JsonNode? status)
    {
        List<JsonNode> disks = [.. Items(JsonText.At(spec, "domain", "devices"), "disks")];
        HashSet<string?> shared = [.. Items(JsonText.At(spec, "domain", "devices"), "filesystems").Select(static one => Text(one, "name"))];
        Dictionary<string, JsonNode> states = ByName(Items(status, "volumeStatus"));
        Dictionary<string, JsonNode> volumes = ByName(Items(spec, "volumes"));
        // A drive without a medium is a disk without a volume.
        IEnumerable<string> names = volumes.Keys.Concat(ByName(disks).Keys.Where(name => !volumes.ContainsKey(name)));
        return List(names.Select(name =>
        {
            JsonNode? disk = disks.Find(one => Text(one, "name") == name);
            JsonNode? state = states.GetValueOrDefault(name);
            KeyValuePair<string, JsonNode?> source = (volumes.GetValueOrDefault(name) as JsonObject ?? []).FirstOrDefault(static field => field.Key != "name" && field.Value is JsonObject);
            string? kind = DiskKinds.FirstOrDefault(one => JsonText.At(disk, one) is JsonObject) ?? (shared.Contains(name) ? "filesystem" : disk is null ? null : "disk");
            return new KubeVirtDisk
            {
                Name = name,
                Kind = kind,
                Bus = kind is null ? null : Text(JsonText.At(disk, kind), "bus"),
                Source = source.Key,
                SourceName = SourceName(source.Value),
                Target = Text(state, "target"),
                Size = StoredIn(state) ?? Bytes(JsonText.At(source.Value, "capacity")),
                HotPlugged = JsonText.At(state, "hotplugVolume") is JsonObject || JsonText.Is(JsonText.At(source.Value, "hotpluggable"), true),
                Shareable = JsonText.Is(JsonText.At(disk, "shareable"), true),
                BootOrder = JsonText.Integer(JsonText.At(disk, "bootOrder")),
                Phase = Text(state, "phase"),
            };
        }));
    }

    private static string? SourceName(JsonNode? source) =>
        Text(source, "claimName") ?? Text(source, "name") ?? Text(source, "image") ?? Text(source, "secretName") ?? Text(source, "serviceAccountName")
        ?? Text(source, "path") ?? Text(JsonText.At(source, "persistentVolumeClaim"), "claimName") ?? Text(JsonText.At(source, "secretRef"), "name") ?? Text(JsonText.At(source, "secret"), "name") ?? Text(JsonText.At(source, "configMap"), "name");

    private static long? StoredIn(JsonNode? state) =>
        Bytes(JsonText.At(state, "persistentVolumeClaimInfo", "capacity", "storage"))
        ?? (Bytes(JsonText.At(state, "size")) is { } size and > 0 ? size : (long?)null)
        ?? Bytes(JsonText.At(state, "persistentVolumeClaimInfo", "requests", "storage"));

    private static TextList<KubeVirtInterface> InterfacesOf(JsonNode? spec, JsonNode? status)
    {
        Dictionary<string, JsonNode> wanted = ByName(Items(JsonText.At(spec, "domain", "devices"), "interfaces"));
        Dictionary<string, JsonNode> networks = ByName(Items(spec, "networks"));
        Dictionary<string, JsonNode> states = ByName(Items(status, "interfaces"));
        IEnumerable<KubeVirtInterface> declared = wanted.Select(one => Interface(one.Key, one.Value, networks.GetValueOrDefault(one.Key), states.GetValueOrDefault(one.Key)));
        // Interfaces within the guest, such as bridges and VPNs, have no name in the machine.
        IEnumerable<KubeVirtInterface> found = Items(status, "interfaces").Where(one => Text(one, "name") is not { } name || !wanted.ContainsKey(name))
            .Select(one => Interface(Text(one, "name") ?? Text(one, "interfaceName") ?? "", null, null, one));
        return List(declared.Concat(found));
    }

    private static KubeVirtInterface Interface(string name, JsonNode? wanted, JsonNode? network, JsonNode? state)
    {
        List<string> addresses = [];
        foreach (string? address in Items(state, "ipAddresses").Select(JsonText.Of).Prepend(Text(state, "ipAddress")))
        {
            if (!string.IsNullOrEmpty(address) && !addresses.Contains(address)) addresses.Add(address);
        }

        return new KubeVirtInterface
        {
            Name = name,
            Network = JsonText.At(network, "pod") is JsonObject ? "pod" : Text(JsonText.At(network, "multus"), "networkName"),
            Binding = Bindings.FirstOrDefault(binding => JsonText.At(wanted, binding) is JsonObject) ?? Text(JsonText.At(wanted, "binding"), "name"),
            Model = Text(wanted, "model"),
            Mac = Text(state, "mac") ?? Text(wanted, "macAddress"),
            IPAddresses = List(addresses),
            GuestName = Text(state, "interfaceName"),
            LinkState = Text(state, "linkState"),
        };
    }

    private static KubeVirtMigration? MigrationOf(JsonNode? state) => state is not JsonObject ? null : new KubeVirtMigration
    {
        SourceNode = Text(state, "sourceNode"),
        TargetNode = Text(state, "targetNode"),
        TargetPod = Text(state, "targetPod"),
        Started = Time(state, "startTimestamp"),
        Ended = Time(state, "endTimestamp"),
        Completed = JsonText.Is(JsonText.At(state, "completed"), true),
        Failed = JsonText.Is(JsonText.At(state, "failed"), true),
        FailureReason = Text(state, "failureReason"),
        Mode = Text(state, "mode"),
    };

    /// <summary>The items of an array; none where it is absent.</summary>
    public static IEnumerable<JsonNode> Items(JsonNode? parent, string name) => ((parent as JsonObject)?[name] as JsonArray ?? []).OfType<JsonNode>();

    private static Dictionary<string, JsonNode> ByName(IEnumerable<JsonNode> items)
    {
        Dictionary<string, JsonNode> named = new(StringComparer.Ordinal);
        foreach (JsonNode item in items)
        {
            if (Text(item, "name") is { } name) named.TryAdd(name, item);
        }

        return named;
    }

    /// <summary>A text that is not empty; null for anything else.</summary>
    public static string? Text(JsonNode? parent, string name) => JsonText.Of((parent as JsonObject)?[name]) is { Length: > 0 } text ? text : null;

    private static DateTimeOffset? Time(JsonNode? parent, string name) =>
        (parent as JsonObject)?[name] is JsonValue value && value.GetValueKind() == JsonValueKind.String && DateTimeOffset.TryParse(
            value.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal | System.Globalization.DateTimeStyles.AdjustToUniversal, out DateTimeOffset time)
            ? time
            : null;

    private static long? Bytes(JsonNode? quantity) => Quantity.Bytes(Quantity.Of(quantity));

    private static TextList<T> List<T>(IEnumerable<T> items) => new([.. items]);
}
