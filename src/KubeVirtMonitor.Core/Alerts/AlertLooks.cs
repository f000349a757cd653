using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Usage;

namespace KubeVirtMonitor.Alerts;

/// <summary>What scrapes of components give to alerts: one look at each, or two. Used by one thread.</summary>
internal sealed class AlertLooks
{
    private static readonly string[] Load = ["guest_load_1m", "vcpu_seconds.count"];
    private static readonly string[] Memory = ["memory_available_bytes", "memory_usable_bytes"];
    private static readonly string[] Paging = ["memory_pgmajfault.count", "memory_swap_in_traffic_bytes", "memory_swap_out_traffic_bytes"];
    private static readonly string[] Space = ["filesystem_used_bytes", "filesystem_capacity_bytes"];
    private static readonly string[] Waits = ["vcpu_delay_seconds.count"];
    private static readonly string[] Latency = ["storage_iops_read.count", "storage_iops_write.count", "storage_read_times_seconds.count", "storage_write_times_seconds.count"];
    private static readonly string[] Packets = ["network_receive_packets.count", "network_transmit_packets.count", "network_receive_packets_dropped.count", "network_transmit_packets_dropped.count"];
    private static readonly string[] Queues = ["workqueue.depth", "workqueue.longest_running_processor_seconds"];

    private readonly Dictionary<string, PodLook> _pods = new(StringComparer.Ordinal);
    private readonly UsageTracker _usage = new();
    private readonly HashSet<(string? Namespace, string Vmi)> _ephemeral = [];
    private readonly Dictionary<(string? Namespace, string Vmi), (double Panics, string? Node, string Pod)> _panics = [];
    private SeriesDescriptor? _descriptor;
    private Kind _kind;
    private PodLook? _pod;

    /// <summary>The pods that were scraped, by name; those whose scrape failed included.</summary>
    public Dictionary<string, PodLook> Pods { get; } = new(StringComparer.Ordinal);

    /// <summary>How many looks there were.</summary>
    public int Count { get; private set; }

    /// <summary>Machines with a hot-plugged volume that they lose when they are restarted.</summary>
    public IReadOnlyCollection<(string? Namespace, string Vmi)> Ephemeral => _ephemeral;

    /// <summary>Crashes of guests since their virt-handler started.</summary>
    public IReadOnlyDictionary<(string? Namespace, string Vmi), (double Panics, string? Node, string Pod)> Panics => _panics;

    /// <summary>What machines use; null until <see cref="Complete"/> was called.</summary>
    public UsageLook? Usage { get; private set; }

    /// <summary>The names of metrics that alerts are evaluated from, so that nothing else becomes a sample.</summary>
    /// <param name="definitions">The alerts.</param>
    /// <param name="withGrowth">Whether there are going to be two looks: without, counters are not wanted.</param>
    public static HashSet<string> NamesFor(IEnumerable<AlertDefinition> definitions, bool withGrowth)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (AlertDefinition definition in definitions)
        {
            AlertRule rule = definition.Rule;
            string check = definition.Component is { } component ? ComponentFacts.CheckNameOf(component) : "";
            string status = check.Replace("kubevirt_", ".virt_", StringComparison.Ordinal);
            switch (rule)
            {
                case AlertRule.FewReady or AlertRule.FewOrNoneReady or AlertRule.FewReadyOfReached or AlertRule.NoneReady or AlertRule.LowReady:
                    names.Add($"{check}{status}.ready_status");
                    break;
                case AlertRule.NoLeader or AlertRule.SeveralLeaders:
                    names.Add($"{check}{status}.leading_status");
                    break;
                case AlertRule.RestErrors when withGrowth:
                    names.Add($"{check}.rest.client_requests.count");
                    break;
                case AlertRule.WorkQueue:
                    names.UnionWith(ComponentsWithQueues.SelectMany(static one => Queues.Select(queue => $"{ComponentFacts.CheckNameOf(one)}.{queue}")));
                    break;
                case AlertRule.EphemeralHotplug:
                    names.Add("kubevirt_controller.vmi.contains_ephemeral_hotplug_volume");
                    break;
                case AlertRule.Panics:
                    names.UnionWith(["kubevirt_handler.vmi.guest_os_panic.count", "kubevirt_handler.process.start_time_seconds"]);
                    break;
                default:
                    string[] machine = MachineNames(rule, withGrowth);
                    names.UnionWith(machine.Select(static name => $"kubevirt_handler.vmi.{name}"));
                    // Whether the statistics were read anew shows in what always grows.
                    if (machine.Length > 0 && withGrowth && definition.Window > TimeSpan.Zero) names.Add("kubevirt_handler.vmi.cpu_usage_seconds.count");
                    break;
            }
        }

        return names;
    }

    /// <summary>Whether a component has anything of these names.</summary>
    public static bool Wants(IReadOnlyCollection<string> names, ComponentKind component) => names.Any(name => name.StartsWith(ComponentFacts.CheckNameOf(component) + ".", StringComparison.Ordinal));

    /// <summary>Takes a sample.</summary>
    public void Take(MetricSample sample)
    {
        SeriesDescriptor descriptor = sample.Descriptor;
        if (!ReferenceEquals(descriptor, _descriptor))
        {
            _descriptor = descriptor;
            _kind = KindOf(descriptor.Name);
            if (!_pods.TryGetValue(descriptor.Context.Target, out _pod)) _pods.Add(descriptor.Context.Target, _pod = new PodLook());
            _pod.Time = descriptor.Context.Timestamp;
        }

        switch (_kind)
        {
            case Kind.Usage:
                _usage.Add(sample);
                break;
            case Kind.Ready:
                _pod!.Ready = sample.Value == 1;
                break;
            case Kind.Leading:
                _pod!.Leading = sample.Value == 1;
                break;
            case Kind.Requests:
                _pod!.Requests = (_pod.Requests ?? 0) + sample.Value;
                if (IsError(sample.ReadLabel("code"u8))) _pod.Errors += sample.Value;
                break;
            case Kind.Depth:
                _pod!.QueueOf(sample.ReadLabel("name"u8)).Depth = sample.Value;
                break;
            case Kind.Longest:
                _pod!.QueueOf(sample.ReadLabel("name"u8)).Longest = sample.Value;
                break;
            case Kind.Started:
                _pod!.Started = sample.Time;
                break;
            case Kind.Ephemeral:
                MachineIdentity plugged = sample.ReadMachine();
                if (sample.Value == 1 && plugged.Vmi is { } vmi) _ephemeral.Add((plugged.Namespace, vmi));
                break;
            case Kind.Panics:
                MachineIdentity crashed = sample.ReadMachine();
                if (crashed.Vmi is { } name)
                {
                    (double panics, _, _) = _panics.GetValueOrDefault((crashed.Namespace, name));
                    _panics[(crashed.Namespace, name)] = (panics + sample.Value, crashed.Node, descriptor.Context.Target);
                }

                break;
        }
    }

    /// <summary>Takes the end of the scrape of a pod.</summary>
    public void End(ScrapeResult result)
    {
        _descriptor = null;
        _usage.EndTarget(result.Target.Name, result.Error is null, hasAll: true);
        if (result.Target.PodName is not { } pod) return;
        PodLook look = _pods.Remove(result.Target.Name, out PodLook? known) ? known : new PodLook();
        look.Error = result.Error;
        look.CertificateExpires = result.CertificateExpires;
        look.Target = result.Target.Name;
        look.Before = Pods.TryGetValue(pod, out PodLook? before) && before.Error is null ? before : null;
        if (look.Before is not null) look.Before.Before = null;
        Pods[pod] = look;
    }

    /// <summary>Ends a look that is followed by another.</summary>
    public void Turn()
    {
        Count++;
        _usage.Turn();
        _ephemeral.Clear();
        _panics.Clear();
        _pods.Clear();
    }

    /// <summary>Ends the last look, and works out what machines use.</summary>
    /// <param name="nodeOf">The node of a machine by the API server; null where it is not known.</param>
    public void Complete(Func<string?, string, string?> nodeOf)
    {
        Count++;
        Usage = _usage.Complete(withDevices: true, (_, space, name) => nodeOf(space, name));
    }

    private static ComponentKind[] ComponentsWithQueues { get; } = [ComponentKind.Controller, ComponentKind.Handler, ComponentKind.Operator];

    private static string[] MachineNames(AlertRule rule, bool withGrowth) => rule switch
    {
        AlertRule.GuestQueue => Load,
        AlertRule.MemoryPressure or AlertRule.MemoryLow => withGrowth ? [.. Memory, .. Paging] : Memory,
        AlertRule.FileSystemWarning or AlertRule.FileSystemCritical => Space,
        AlertRule.CpuReadyWarning or AlertRule.CpuReadyCritical when withGrowth => Waits,
        AlertRule.DiskLatencyWarning or AlertRule.DiskLatencyCritical when withGrowth => Latency,
        AlertRule.PacketDrops when withGrowth => Packets,
        _ => [],
    };

    // As the expressions of KubeVirt have it: (4|5)[0-9][0-9], anchored.
    private static bool IsError(string? code) => code is [('4' or '5'), (>= '0' and <= '9'), (>= '0' and <= '9')];

    private static Kind KindOf(string name)
    {
        string rest = name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..];
        if (rest.EndsWith(".ready_status", StringComparison.Ordinal)) return Kind.Ready;
        if (rest.EndsWith(".leading_status", StringComparison.Ordinal)) return Kind.Leading;
        return rest switch
        {
            "rest.client_requests.count" => Kind.Requests,
            "workqueue.depth" => Kind.Depth,
            "workqueue.longest_running_processor_seconds" => Kind.Longest,
            "process.start_time_seconds" => Kind.Started,
            "vmi.contains_ephemeral_hotplug_volume" => Kind.Ephemeral,
            "vmi.guest_os_panic.count" => Kind.Panics,
            _ => Kind.Usage,
        };
    }

    private enum Kind
    {
        Usage,
        Ready,
        Leading,
        Requests,
        Depth,
        Longest,
        Started,
        Ephemeral,
        Panics,
    }
}

/// <summary>What the scrape of a pod gave.</summary>
internal sealed class PodLook
{
    /// <summary>Why it failed; null where it did not.</summary>
    public MonitorException? Error { get; set; }

    /// <summary>The address, as samples have it.</summary>
    public string? Target { get; set; }

    /// <summary>When it was asked for.</summary>
    public DateTimeOffset Time { get; set; }

    /// <summary>Whether it says that it is ready; null where it does not say.</summary>
    public bool? Ready { get; set; }

    /// <summary>Whether it says that it leads; null where it does not say.</summary>
    public bool? Leading { get; set; }

    /// <summary>Requests that it made to the API server; null where it does not say.</summary>
    public double? Requests { get; set; }

    /// <summary>Those that were answered with 4xx or 5xx.</summary>
    public double Errors { get; set; }

    /// <summary>When its process started.</summary>
    public DateTimeOffset? Started { get; set; }

    /// <summary>When its certificate ends.</summary>
    public DateTimeOffset? CertificateExpires { get; set; }

    /// <summary>Its work queues.</summary>
    public Dictionary<string, QueueLook> Queues { get; } = new(StringComparer.Ordinal);

    /// <summary>The look before this one; null where there was none, or it failed.</summary>
    public PodLook? Before { get; set; }

    /// <summary>A work queue.</summary>
    public QueueLook QueueOf(string? name)
    {
        if (!Queues.TryGetValue(name ?? "", out QueueLook? queue)) Queues.Add(name ?? "", queue = new QueueLook());
        return queue;
    }
}

/// <summary>A work queue at one moment.</summary>
internal sealed class QueueLook
{
    /// <summary>Items that wait.</summary>
    public double Depth { get; set; }

    /// <summary>How long the slowest item has been in hand, in seconds.</summary>
    public double Longest { get; set; }
}
