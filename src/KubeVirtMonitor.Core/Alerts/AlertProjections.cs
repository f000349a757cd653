using System.Globalization;

using KubeVirtMonitor.Json;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.Alerts;

/// <summary>What alerts read of objects: a few fields out of kilobytes. Each method throws <see cref="FormatException"/> where a field has the wrong type.</summary>
internal static class AlertProjections
{
    /// <summary>The pods of machines.</summary>
    public const string LauncherSelector = $"{ComponentFacts.Label}=virt-launcher";

    private const string MachineLabel = "vm.kubevirt.io/name";
    private const string Schedulable = "kubevirt.io/schedulable";
    private const string Arbiter = "node-role.kubernetes.io/arbiter";

    // KubeVirt's groups of states (pkg/monitoring/metrics/virt-controller/vmstats_collector.go), and those that its alerts name.
    private static readonly HashSet<string> Errors = new(StringComparer.OrdinalIgnoreCase)
    {
        "CrashLoopBackOff", "Unknown", "ErrorUnschedulable", "ErrImagePull", "ImagePullBackOff", "ErrorPvcNotFound", "DataVolumeError",
    };

    private static readonly HashSet<string> Passing = new(StringComparer.OrdinalIgnoreCase) { "Provisioning", "Starting", "Stopping", "Terminating" };

    /// <summary>Deployments.</summary>
    public static ResourceType Deployments { get; } = new("apps", "v1", "deployments");

    /// <summary>Daemon sets.</summary>
    public static ResourceType DaemonSets { get; } = new("apps", "v1", "daemonsets");

    /// <summary>What pods use at the moment.</summary>
    public static ResourceType PodMetrics { get; } = new("metrics.k8s.io", "v1beta1", "pods");

    /// <summary>Whether KubeVirt counts a state among the errors.</summary>
    public static bool IsError(string status) => Errors.Contains(status);

    /// <summary>A pod of a component; null for others.</summary>
    public static AlertPod? ReadPod(ReadOnlySpan<byte> json)
    {
        PodProjection pod = PodProjection.Read(json);
        if (ComponentFacts.KindOf(pod.Meta.Labels.GetValueOrDefault(ComponentFacts.Label)) is not { } kind) return null;
        (double? cpu, double? memory) = RequestsOf(json, ComponentFacts.NameOf(kind));
        Condition? ready = pod.Readiness.Conditions["Ready"];
        return new AlertPod(pod.Meta.Name, kind, pod.Phase, pod.Readiness.IsReady)
        {
            Namespace = pod.Meta.Namespace,
            Node = pod.Node,
            // One that was never placed on a node does not even say that it is not ready.
            ReadySince = ready is null && pod.Phase == "Pending" ? pod.Meta.Created : ready?.Since,
            Created = pod.Meta.Created,
            ReadyNote = pod.Readiness.Note(pod.Meta.IsDeleted),
            CpuRequest = cpu,
            MemoryRequest = memory,
        };
    }

    /// <summary>A pod of a machine.</summary>
    public static (string Namespace, string Name, string? Vmi, string? Node, string? Phase, double? Memory) ReadLauncher(ReadOnlySpan<byte> json)
    {
        PodProjection pod = PodProjection.Read(json);
        return (pod.Meta.Namespace, pod.Meta.Name, pod.Meta.Labels.GetValueOrDefault(MachineLabel), pod.Node, pod.Phase, RequestsOf(json, "compute").Memory);
    }

    /// <summary>A deployment: how many pods it should have, and since when it has lacked what it needs to be available.</summary>
    public static (string Name, int Replicas, DateTimeOffset? UnavailableSince) ReadDeployment(ReadOnlySpan<byte> json)
    {
        ConditionFields fields = default;
        ObjectMeta meta = ObjectMeta.Read(json, ref fields);
        return (meta.Name, (int)(JsonFields.IntegerAt(json, "spec", "replicas") ?? 1), fields.UnavailableSince);
    }

    /// <summary>A node.</summary>
    public static AlertNode ReadNode(ReadOnlySpan<byte> json)
    {
        NodeFields fields = default;
        ObjectMeta meta = ObjectMeta.Read(json, ref fields);
        return new AlertNode(meta.Name)
        {
            HasAllocatable = fields.HasAllocatable,
            HasKvm = fields.HasKvm,
            IsCordoned = fields.IsCordoned,
            IsSchedulable = meta.Labels.GetValueOrDefault(Schedulable) == "true",
            IsArbiter = meta.Labels.ContainsKey(Arbiter),
        };
    }

    /// <summary>The KubeVirt resource.</summary>
    public static AlertInstallation ReadInstallation(ReadOnlySpan<byte> json)
    {
        InstallationFields fields = default;
        ObjectMeta.Read(json, ref fields);
        return new AlertInstallation(fields.UseEmulation, fields.EvictionStrategy, fields.Outdated);
    }

    /// <summary>A VirtualMachine; null where it is in a state that it may stay in.</summary>
    public static AlertMachine? ReadMachine(ReadOnlySpan<byte> json)
    {
        // Nearly all are as they should be, and of those nothing but the state is read.
        if (JsonFields.TextAt(json, "status", "printableStatus") is not { } status || (!Passing.Contains(status) && !Errors.Contains(status))) return null;
        ObjectMeta meta = ObjectMeta.Read(json);
        DateTimeOffset? since = status.Equals("Terminating", StringComparison.OrdinalIgnoreCase) ? JsonFields.TimeAt(json, "metadata", "deletionTimestamp") : null;
        return new AlertMachine(meta.Namespace, meta.Name, status, since ?? StatusSince(json));
    }

    /// <summary>A VirtualMachineInstance.</summary>
    public static (string Namespace, string Name, AlertInstance Instance) ReadInstance(ReadOnlySpan<byte> json, TextPool texts)
    {
        InstanceFields fields = new(texts);
        JsonCursor reader = new(json);
        (string space, string name) = ("", "");
        if (JsonFields.EnterObject(ref reader, "the object"))
        {
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("metadata"u8)) (space, name) = NameOf(ref reader, texts);
                else if (key.SequenceEqual("spec"u8)) fields.ReadSpec(ref reader);
                else if (key.SequenceEqual("status"u8)) fields.ReadStatus(ref reader);
                else reader.Skip();
            }
        }

        return name.Length == 0 ? throw new FormatException("metadata.name is missing") : (space, name, fields.ToInstance());
    }

    /// <summary>What a pod uses, of all its containers.</summary>
    public static (string Namespace, string Pod, double Cpu, double Memory, double Seconds) ReadPodUsage(ReadOnlySpan<byte> json)
    {
        ObjectMeta meta = ObjectMeta.Read(json);
        (decimal cpu, decimal memory) = (0, 0);
        JsonCursor reader = new(json);
        if (reader.EnterObject())
        {
            while (JsonFields.Find(ref reader, "containers"u8))
            {
                if (!JsonFields.EnterArray(ref reader, "containers")) continue;
                while (JsonFields.NextObject(ref reader, "containers"))
                {
                    while (JsonFields.Find(ref reader, "usage"u8))
                    {
                        if (!JsonFields.EnterObject(ref reader, "containers.usage")) continue;
                        while (reader.NextField(out ReadOnlySpan<byte> key))
                        {
                            if (key.SequenceEqual("cpu"u8)) cpu += Quantity.Read(ref reader, "containers.usage.cpu") ?? 0;
                            else if (key.SequenceEqual("memory"u8)) memory += Quantity.Read(ref reader, "containers.usage.memory") ?? 0;
                            else reader.Skip();
                        }
                    }
                }
            }
        }

        return (meta.Namespace, meta.Name, (double)cpu, (double)memory, SecondsOf(JsonFields.TextAt(json, "window")));
    }

    /// <summary>A duration as Go writes it, such as <c>1m2.5s</c>, in seconds; 0 where it is none.</summary>
    internal static double SecondsOf(string? text)
    {
        double seconds = 0;
        int start = 0;
        for (int i = 0; i < text?.Length; i++)
        {
            if (text[i] is not ('h' or 'm' or 's')) continue;
            if (!double.TryParse(text.AsSpan(start, i - start), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count)) return 0;
            seconds += count * (text[i] == 'h' ? 3600 : text[i] == 'm' ? 60 : 1);
            start = i + 1;
        }

        return seconds;
    }

    private static (string Namespace, string Name) NameOf(ref JsonCursor reader, TextPool texts)
    {
        (string space, string name) = ("", "");
        if (!JsonFields.EnterObject(ref reader, "metadata")) return (space, name);
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("name"u8)) name = JsonFields.Text(ref reader, "metadata.name") ?? "";
            else if (key.SequenceEqual("namespace"u8)) space = JsonFields.Text(ref reader, "metadata.namespace", texts) ?? "";
            else reader.Skip();
        }

        return (space, name);
    }

    // What the container requests, and where no container has the name, all of them together.
    private static (double? Cpu, double? Memory) RequestsOf(ReadOnlySpan<byte> json, string container)
    {
        (double? cpu, double? memory, bool isNamed) = (null, null, false);
        JsonCursor reader = new(json);
        if (!reader.EnterObject()) return default;
        while (JsonFields.Find(ref reader, "spec"u8))
        {
            if (!JsonFields.EnterObject(ref reader, "spec")) continue;
            while (JsonFields.Find(ref reader, "containers"u8))
            {
                if (!JsonFields.EnterArray(ref reader, "spec.containers")) continue;
                while (JsonFields.NextObject(ref reader, "spec.containers"))
                {
                    (string? name, decimal? ownCpu, decimal? ownMemory) = (null, null, null);
                    while (reader.NextField(out ReadOnlySpan<byte> key))
                    {
                        if (key.SequenceEqual("name"u8)) name = JsonFields.Text(ref reader, "spec.containers.name");
                        else if (key.SequenceEqual("resources"u8)) (ownCpu, ownMemory) = ReadRequests(ref reader);
                        else reader.Skip();
                    }

                    if (isNamed) continue;
                    isNamed = name == container;
                    if (isNamed) (cpu, memory) = ((double?)ownCpu, (double?)ownMemory);
                }
            }
        }

        return (cpu, memory);
    }

    private static (decimal? Cpu, decimal? Memory) ReadRequests(ref JsonCursor reader)
    {
        (decimal? cpu, decimal? memory) = (null, null);
        if (!JsonFields.EnterObject(ref reader, "resources")) return default;
        while (JsonFields.Find(ref reader, "requests"u8))
        {
            if (!JsonFields.EnterObject(ref reader, "resources.requests")) continue;
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("cpu"u8)) cpu = Quantity.Read(ref reader, "resources.requests.cpu");
                else if (key.SequenceEqual("memory"u8)) memory = Quantity.Read(ref reader, "resources.requests.memory");
                else reader.Skip();
            }
        }

        return (cpu, memory);
    }

    // Since when nothing of a status that has a state in words has been changed, as the API server notes it beside the fields of whoever wrote them last. Conditions do not tell: the state
    // changes without them, and KubeVirt's own metric kubevirt_vm_*_status_last_transition_timestamp_seconds is the time of conditions too.
    private static DateTimeOffset? StatusSince(ReadOnlySpan<byte> json)
    {
        DateTimeOffset? since = null;
        JsonCursor reader = new(json);
        if (!reader.EnterObject()) return null;
        while (JsonFields.Find(ref reader, "metadata"u8))
        {
            if (!JsonFields.EnterObject(ref reader, "metadata")) continue;
            while (JsonFields.Find(ref reader, "managedFields"u8))
            {
                if (!JsonFields.EnterArray(ref reader, "metadata.managedFields")) continue;
                while (JsonFields.NextObject(ref reader, "metadata.managedFields"))
                {
                    (DateTimeOffset? time, bool isState) = (null, false);
                    while (reader.NextField(out ReadOnlySpan<byte> key))
                    {
                        if (key.SequenceEqual("time"u8)) time = JsonFields.Time(ref reader, "metadata.managedFields.time");
                        else if (key.SequenceEqual("fieldsV1"u8)) isState = reader.ReadRaw().IndexOf("\"f:printableStatus\""u8) >= 0;
                        else reader.Skip();
                    }

                    if (isState) since = Latest(since, time);
                }
            }
        }

        return since;
    }

    private static DateTimeOffset? Latest(DateTimeOffset? left, DateTimeOffset? right) => left is null ? right : right is null || left > right ? left : right;

    private struct NodeFields : IObjectProjection
    {
        public bool HasAllocatable { get; private set; }

        public bool HasKvm { get; private set; }

        public bool IsCordoned { get; private set; }

        public void ReadSpec(ref JsonCursor reader)
        {
            if (!JsonFields.EnterObject(ref reader, "spec")) return;
            while (JsonFields.Find(ref reader, "unschedulable"u8)) IsCordoned = JsonFields.Flag(ref reader, "spec.unschedulable") == true;
        }

        public void ReadStatus(ref JsonCursor reader)
        {
            if (!JsonFields.EnterObject(ref reader, "status")) return;
            while (JsonFields.Find(ref reader, "allocatable"u8))
            {
                if (!JsonFields.EnterObject(ref reader, "status.allocatable")) continue;
                while (reader.NextField(out ReadOnlySpan<byte> key))
                {
                    HasAllocatable = true;
                    if (key.SequenceEqual("devices.kubevirt.io/kvm"u8)) HasKvm = Quantity.Read(ref reader, "status.allocatable") is > 0;
                    else reader.Skip();
                }
            }
        }
    }

    private struct ConditionFields : IObjectProjection
    {
        public DateTimeOffset? UnavailableSince { get; private set; }

        public void ReadSpec(ref JsonCursor reader) => reader.Skip();

        public void ReadStatus(ref JsonCursor reader)
        {
            if (!JsonFields.EnterObject(ref reader, "status")) return;
            while (JsonFields.Find(ref reader, "conditions"u8))
            {
                if (!JsonFields.EnterArray(ref reader, "status.conditions")) continue;
                while (JsonFields.NextObject(ref reader, "status.conditions"))
                {
                    (string? type, string? status, DateTimeOffset? since) = (null, null, null);
                    while (reader.NextField(out ReadOnlySpan<byte> key))
                    {
                        if (key.SequenceEqual("type"u8)) type = JsonFields.Text(ref reader, "status.conditions.type");
                        else if (key.SequenceEqual("status"u8)) status = JsonFields.Text(ref reader, "status.conditions.status");
                        else if (key.SequenceEqual("lastTransitionTime"u8)) since = JsonFields.Time(ref reader, "status.conditions.lastTransitionTime");
                        else reader.Skip();
                    }

                    if (type == "Available" && status == "False") UnavailableSince = since;
                }
            }
        }
    }

    private struct InstallationFields : IObjectProjection
    {
        public bool UseEmulation { get; private set; }

        public string? EvictionStrategy { get; private set; }

        public long Outdated { get; private set; }

        public void ReadSpec(ref JsonCursor reader)
        {
            if (!JsonFields.EnterObject(ref reader, "spec")) return;
            while (JsonFields.Find(ref reader, "configuration"u8))
            {
                if (!JsonFields.EnterObject(ref reader, "spec.configuration")) continue;
                while (reader.NextField(out ReadOnlySpan<byte> key))
                {
                    if (key.SequenceEqual("evictionStrategy"u8)) EvictionStrategy = JsonFields.Text(ref reader, "spec.configuration.evictionStrategy");
                    else if (!key.SequenceEqual("developerConfiguration"u8)) reader.Skip();
                    else if (JsonFields.EnterObject(ref reader, "spec.configuration.developerConfiguration"))
                    {
                        while (JsonFields.Find(ref reader, "useEmulation"u8)) UseEmulation = JsonFields.Flag(ref reader, "spec.configuration.developerConfiguration.useEmulation") == true;
                    }
                }
            }
        }

        public void ReadStatus(ref JsonCursor reader)
        {
            if (!JsonFields.EnterObject(ref reader, "status")) return;
            while (JsonFields.Find(ref reader, "outdatedVirtualMachineInstanceWorkloads"u8)) Outdated = JsonFields.Integer(ref reader, "status.outdatedVirtualMachineInstanceWorkloads") ?? 0;
        }
    }

    private struct InstanceFields(TextPool texts)
    {
        private string? _phase;
        private string? _node;
        private string? _strategy;
        private bool? _migratable;
        private bool _hasMigratable;
        private DateTimeOffset? _migratableSince;
        private string? _note;
        private DateTimeOffset? _phaseSince;

        public void ReadSpec(ref JsonCursor reader)
        {
            if (!JsonFields.EnterObject(ref reader, "spec")) return;
            while (JsonFields.Find(ref reader, "evictionStrategy"u8)) _strategy = JsonFields.Text(ref reader, "spec.evictionStrategy", texts);
        }

        public void ReadStatus(ref JsonCursor reader)
        {
            if (!JsonFields.EnterObject(ref reader, "status")) return;
            JsonCursor times = default;
            bool hasTimes = false;
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("phase"u8)) _phase = JsonFields.Text(ref reader, "status.phase", texts);
                else if (key.SequenceEqual("nodeName"u8)) _node = JsonFields.Text(ref reader, "status.nodeName", texts);
                else if (key.SequenceEqual("conditions"u8)) ReadConditions(ref reader);
                else if (key.SequenceEqual("phaseTransitionTimestamps"u8))
                {
                    // Which of them counts is known when the phase is.
                    times = new JsonCursor(reader.ReadRaw());
                    hasTimes = true;
                }
                else
                {
                    reader.Skip();
                }
            }

            if (hasTimes) ReadTimes(times);
        }

        public readonly AlertInstance ToInstance() => new(_phase, string.IsNullOrEmpty(_node) ? null : _node, _phaseSince, _strategy, _migratable, _hasMigratable, _migratableSince, _note);

        private void ReadConditions(ref JsonCursor reader)
        {
            if (!JsonFields.EnterArray(ref reader, "status.conditions")) return;
            while (JsonFields.NextObject(ref reader, "status.conditions"))
            {
                (string? type, string? status, string? reason, string? message, DateTimeOffset? since) = (null, null, null, null, null);
                while (reader.NextField(out ReadOnlySpan<byte> key))
                {
                    if (key.SequenceEqual("type"u8)) type = JsonFields.Text(ref reader, "status.conditions.type", texts);
                    else if (key.SequenceEqual("status"u8)) status = JsonFields.Text(ref reader, "status.conditions.status", texts);
                    else if (key.SequenceEqual("reason"u8)) reason = JsonFields.Text(ref reader, "status.conditions.reason", texts);
                    else if (key.SequenceEqual("message"u8)) message = JsonFields.Text(ref reader, "status.conditions.message", texts);
                    else if (key.SequenceEqual("lastTransitionTime"u8)) since = JsonFields.Time(ref reader, "status.conditions.lastTransitionTime");
                    else reader.Skip();
                }

                if (type != "LiveMigratable") continue;
                _hasMigratable = true;
                _migratable = status switch { "True" => true, "False" => false, _ => null };
                _migratableSince = since;
                _note = JsonFields.Joined(reason, message) is { Length: > 0 } why ? why : null;
            }
        }

        private void ReadTimes(JsonCursor reader)
        {
            if (!JsonFields.EnterArray(ref reader, "status.phaseTransitionTimestamps")) return;
            while (JsonFields.NextObject(ref reader, "status.phaseTransitionTimestamps"))
            {
                (string? phase, DateTimeOffset? time) = (null, null);
                while (reader.NextField(out ReadOnlySpan<byte> key))
                {
                    if (key.SequenceEqual("phase"u8)) phase = JsonFields.Text(ref reader, "status.phaseTransitionTimestamps.phase", texts);
                    else if (key.SequenceEqual("phaseTransitionTimestamp"u8)) time = JsonFields.Time(ref reader, "status.phaseTransitionTimestamps.phaseTransitionTimestamp");
                    else reader.Skip();
                }

                if (phase == _phase) _phaseSince = Latest(_phaseSince, time);
            }
        }
    }
}
