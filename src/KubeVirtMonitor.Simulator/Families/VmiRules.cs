namespace KubeVirtMonitor.Simulator;

/// <summary>
/// The families of the machine instances on a virt-handler, as each release names, types and scales them. W is the weight of the instance,
/// D the weight times 10 on the root disk; see <see cref="SeriesValue"/> for what becomes of start and rate. Times are in nanoseconds here.
/// </summary>
internal static class VmiRules
{
    private const long Second = 1_000_000_000;
    private const long Millisecond = 1_000_000;
    private const long MiB = 1 << 20;
    private const long GiB = 1 << 30;

    public static IReadOnlyList<VmiRule> For(SimulatedRelease release)
    {
        List<VmiRule> rules = [.. Processor(release), .. Memory(release), .. Network(), .. Storage(release), .. FileSystems(release)];
        if (release.IsV1Dot9) rules.AddRange(Guest());
        return rules;
    }

    private static IEnumerable<VmiRule> Processor(SimulatedRelease release)
    {
        // 1.0 types CPU times as gauges and cuts them to whole seconds.
        string type = release.IsV1Dot0 ? "gauge" : "counter";
        string total = release.IsV1Dot0 ? "" : "_total";
        Func<SeriesValue, SeriesValue> seconds = release.IsV1Dot0 ? WholeSeconds : value => value;
        yield return new($"kubevirt_vmi_cpu_usage_seconds{total}", type, "CPU time of the domain in all modes.", VmiShape.Instance, p => seconds(Nanoseconds(5 * Second, 10_000_003, p.W * p.Vmi.Cpus)), Share(static (load, p) => load.Cpu(p.Vmi.Cpus)));
        yield return new($"kubevirt_vmi_cpu_user_usage_seconds{total}", type, "CPU time of the domain in user mode.", VmiShape.Instance, p => seconds(Nanoseconds(3 * Second, 6_000_002, p.W * p.Vmi.Cpus)), Share(static (load, p) => load.Cpu(p.Vmi.Cpus) - System(load, p)));
        yield return new($"kubevirt_vmi_cpu_system_usage_seconds{total}", type, "CPU time of the domain in system mode.", VmiShape.Instance, p => seconds(Nanoseconds(2 * Second, 4_000_001, p.W * p.Vmi.Cpus)), Share(System));

        // v1.0.0 counts whole seconds, v1.2.2 milliseconds, v1.9.0 seconds; the wait was milliseconds in both old ones.
        yield return new($"kubevirt_vmi_vcpu_seconds{total}", "counter", "Time that each virtual CPU spent in a state.", VmiShape.VcpuState, p => Scale(Nanoseconds(5 * Second, 10_000_003, p.W), release.IsV1Dot0 ? 0 : release.IsV1Dot2 ? 6 : 9, whole: !release.IsV1Dot9), Share(static (load, p) => load.Run(p.Index, p.Vmi.Cpus)));
        yield return new($"kubevirt_vmi_vcpu_wait_seconds{total}", "counter", "Time that each virtual CPU waited for input and output.", VmiShape.Vcpu, p => Scale(Nanoseconds(37_605_456, 500_009, p.W * (p.Index + 1)), release.IsV1Dot9 ? 9 : 6, whole: release.IsV1Dot0), Share(static (load, p) => load.Vcpu("wait", p.Index) ?? load.Vcpu("ready", p.Index)));
        if (!release.IsV1Dot0)
        {
            yield return new("kubevirt_vmi_vcpu_delay_seconds_total", "counter", "Time that each virtual CPU waited for a physical one.", VmiShape.Vcpu, p => Nanoseconds(75_210_912, 1_000_003, p.W * (p.Index + 1)), Share(static (load, p) => load.Vcpu("ready", p.Index)));
            yield return new("kubevirt_vmi_node_cpu_affinity", "gauge", "Number of pairs of virtual and physical CPUs that may meet.", VmiShape.Instance, p => SeriesValue.Fixed(2 * p.Vmi.Cpus));
        }
        else
        {
            yield return new("kubevirt_vmi_cpu_affinity", "counter", "Which virtual CPU may run on which physical one, in the labels.", VmiShape.Affinity, _ => SeriesValue.Fixed(1));
        }

        static LoadRule Share(Func<MachineLoad, VmiPart, decimal?> cores) => LoadRule.Rate((load, part) => cores(load, part) * Second);

        static decimal? System(MachineLoad load, VmiPart p) => load["system"] is { } system && load.Cpu(p.Vmi.Cpus) is not null ? system : load.Cpu(p.Vmi.Cpus) * 0.4m;
    }

    private static IEnumerable<VmiRule> Memory(SimulatedRelease release)
    {
        string old = release.IsV1Dot0 ? "_total" : "";
        string total = release.IsV1Dot0 ? "" : "_total";
        yield return new($"kubevirt_vmi_memory_domain_bytes{old}", "gauge", "Memory that the domain was given.", VmiShape.Instance, p => SeriesValue.Fixed(p.Vmi.MemoryBytes), Level("balloon-size"));
        yield return new("kubevirt_vmi_memory_actual_balloon_bytes", "gauge", "Size of the balloon.", VmiShape.Instance, p => SeriesValue.Fixed(p.Vmi.MemoryBytes), Level("balloon-size"));
        yield return new("kubevirt_vmi_memory_resident_bytes", "gauge", "Resident memory of the process that runs the domain.", VmiShape.Instance, p => SeriesValue.Wandering(p.Vmi.MemoryBytes + (256 * MiB), 4096 * p.W), Level("resident"));
        yield return Balloon("kubevirt_vmi_memory_available_bytes", "gauge", "Memory that the guest sees.", p => SeriesValue.Fixed(p.Vmi.AvailableBytes), Level("available"));
        yield return Balloon("kubevirt_vmi_memory_usable_bytes", "gauge", "Memory that can be taken from the guest without making it swap.", p => SeriesValue.Wandering(p.Vmi.MemoryBytes / 2, 4096 * p.W), LoadRule.Level(Usable));
        yield return Balloon("kubevirt_vmi_memory_unused_bytes", "gauge", "Memory that the guest does not use at all.", p => SeriesValue.Wandering(p.Vmi.MemoryBytes / 4, 4096 * p.W), LoadRule.Level(static (load, p) => load["unused"] ?? (Usable(load, p) / 2)));
        yield return Balloon("kubevirt_vmi_memory_cached_bytes", "gauge", "Memory that the guest uses as a cache.", p => p.Vmi.Windows ? null : SeriesValue.Wandering(p.Vmi.MemoryBytes / 8, 4096 * p.W), LoadRule.Level(static (load, p) => load["cached"] ?? (Usable(load, p) / 2)));
        yield return Balloon($"kubevirt_vmi_memory_swap_in_traffic_bytes{old}", "gauge", "Bytes that the guest read from swap.", p => p.W % 5 == 0 ? SeriesValue.Fixed(0) : SeriesValue.Growing(40_960 * p.W, 4096 * p.W), Rate("swap-in"));
        yield return Balloon($"kubevirt_vmi_memory_swap_out_traffic_bytes{old}", "gauge", "Bytes that the guest wrote to swap.", p => p.W % 5 == 0 ? SeriesValue.Fixed(0) : SeriesValue.Growing(61_440 * p.W, 8192 * p.W), Rate("swap-out"));

        // The tenths of a fault are in the numbers.
        yield return Balloon($"kubevirt_vmi_memory_pgmajfault{total}", "counter", "Page faults that needed the disk.", p => SeriesValue.Growing(40 * p.W, p.W) with { Divisor = 10 }, LoadRule.Rate(static (load, _) => load["major-faults"] * 10));
        yield return Balloon($"kubevirt_vmi_memory_pgminfault{total}", "counter", "Page faults that did not need the disk.", p => SeriesValue.Growing(4000 * p.W, 25 * p.W), Rate("minor-faults"));

        static VmiRule Balloon(string name, string type, string help, Func<VmiPart, SeriesValue?> value, LoadRule load) =>
            new(name, type, help, VmiShape.Instance, p => p.Vmi.HasBalloon ? value(p) : null, load, Freshness.Balloon);

        static decimal? Usable(MachineLoad load, VmiPart p) => (load["available"] ?? p.Vmi.AvailableBytes) - load["memory"];
    }

    private static IEnumerable<VmiRule> Network()
    {
        static SeriesValue Received(VmiPart p) => SeriesValue.Growing(150_001 * p.W, 1500 * p.W);
        static SeriesValue Sent(VmiPart p) => SeriesValue.Growing(90_001 * p.W, 900 * p.W);
        yield return new("kubevirt_vmi_network_traffic_bytes_total", "counter", "Bytes sent and received. Deprecated.", VmiShape.Direction, p => p.Index == 0 ? Received(p) : Sent(p), LoadRule.Rate(static (load, p) => load[p.Index == 0 ? "rx" : "tx"]));
        yield return new("kubevirt_vmi_network_receive_bytes_total", "counter", "Bytes received.", VmiShape.Interface, p => Received(p), Rate("rx"));
        yield return new("kubevirt_vmi_network_transmit_bytes_total", "counter", "Bytes sent.", VmiShape.Interface, p => Sent(p), Rate("tx"));
        yield return new("kubevirt_vmi_network_receive_packets_total", "counter", "Packets received.", VmiShape.Interface, p => SeriesValue.Growing(100 * p.W, p.W), Rate("rx-packets"));
        yield return new("kubevirt_vmi_network_transmit_packets_total", "counter", "Packets sent.", VmiShape.Interface, p => SeriesValue.Growing(80 * p.W, p.W), Rate("tx-packets"));
        yield return new("kubevirt_vmi_network_receive_errors_total", "counter", "Broken packets received.", VmiShape.Interface, _ => SeriesValue.Growing(0, 0), Rate("rx-errors"));
        yield return new("kubevirt_vmi_network_transmit_errors_total", "counter", "Packets that could not be sent.", VmiShape.Interface, _ => SeriesValue.Growing(0, 0), Rate("tx-errors"));
        yield return new("kubevirt_vmi_network_receive_packets_dropped_total", "counter", "Received packets that were dropped.", VmiShape.Interface, p => SeriesValue.Growing(3 + (p.W % 2), 0), Rate("rx-drops"));
        yield return new("kubevirt_vmi_network_transmit_packets_dropped_total", "counter", "Packets that were dropped before they were sent.", VmiShape.Interface, _ => SeriesValue.Growing(0, 0), Rate("tx-drops"));
    }

    private static IEnumerable<VmiRule> Storage(SimulatedRelease release)
    {
        // 1.0 gives the times in milliseconds and says so in the name.
        string unit = release.IsV1Dot0 ? "ms" : "seconds";
        int decimals = release.IsV1Dot0 ? 6 : 9;
        static SeriesValue Reads(VmiPart p) => SeriesValue.Growing(75 * p.D, p.D);
        static SeriesValue Writes(VmiPart p) => SeriesValue.Growing(150 * p.D, 2 * p.D);
        static SeriesValue Flushes(VmiPart p) => SeriesValue.Growing(7 * p.D, p.D);
        yield return Drive("kubevirt_vmi_storage_iops_read_total", "Reads.", p => Reads(p), Count("read"));
        yield return Drive("kubevirt_vmi_storage_iops_write_total", "Writes.", p => Writes(p), Count("write"));
        yield return Drive("kubevirt_vmi_storage_flush_requests_total", "Flushes.", p => Flushes(p), Count("flush"));
        yield return Drive("kubevirt_vmi_storage_read_traffic_bytes_total", "Bytes read.", p => SeriesValue.Growing(307_200 * p.D, 4096 * p.D), Each(Reads, "read", "size", 4096));
        yield return Drive("kubevirt_vmi_storage_write_traffic_bytes_total", "Bytes written.", p => SeriesValue.Growing(1_228_800 * p.D, 12_288 * p.D), Each(Writes, "write", "size", 4096));
        yield return Drive($"kubevirt_vmi_storage_read_times_{unit}_total", "Time spent on reads.", p => Scale(Nanoseconds(7_521_091, 100_003, p.D), decimals), Each(Reads, "read", "latency", Millisecond));
        yield return Drive($"kubevirt_vmi_storage_write_times_{unit}_total", "Time spent on writes.", p => Scale(Nanoseconds(22_563_273, 300_007, p.D), decimals), Each(Writes, "write", "latency", Millisecond));
        yield return Drive($"kubevirt_vmi_storage_flush_times_{unit}_total", "Time spent on flushes.", p => Scale(Nanoseconds(37_605_456, 50_021, p.D), decimals), Each(Flushes, "flush", "latency", Millisecond));

        static VmiRule Drive(string name, string help, Func<VmiPart, SeriesValue?> value, LoadRule load) => new(name, "counter", help, VmiShape.Drive, value, load);

        static LoadRule Count(string operation) => LoadRule.Rate((load, p) => load.Drive(operation, p.Drive));

        static LoadRule Each(Func<VmiPart, SeriesValue> operations, string operation, string amount, decimal byDefault) =>
            LoadRule.Each(operations, (load, p) => load.Drive(operation, p.Drive), (load, p) => load.Drive($"{operation}-{amount}", p.Drive), byDefault);
    }

    private static IEnumerable<VmiRule> FileSystems(SimulatedRelease release)
    {
        string old = release.IsV1Dot0 ? "_total" : "";
        yield return new($"kubevirt_vmi_filesystem_capacity_bytes{old}", "gauge", "Size of a file system in the guest.", VmiShape.FileSystem, p => SeriesValue.Fixed(p.Index == 1 ? 20 * GiB : p.Vmi.Windows ? 500 * MiB : GiB), null, Freshness.FileSystems);
        yield return new("kubevirt_vmi_filesystem_used_bytes", "gauge", "Bytes used on a file system in the guest.", VmiShape.FileSystem, p => p.Index == 1 ? SeriesValue.Wandering((2 * GiB) + (64 * MiB * p.W), 4096 * p.W) : SeriesValue.Fixed(200 * MiB), LoadRule.Level(static (load, p) => p.Index == 1 ? load["fs-used"] : null), Freshness.FileSystems);
    }

    private static IEnumerable<VmiRule> Guest()
    {
        yield return Load("1m", "one minute", p => SeriesValue.Wandering(5 + p.W, 1, 2), "load");
        yield return Load("5m", "five minutes", _ => SeriesValue.Fixed(50, 2), "load5");
        yield return Load("15m", "fifteen minutes", _ => SeriesValue.Fixed(25, 2), "load15");
        yield return new("kubevirt_vmi_dirty_rate_bytes_per_second", "gauge", "Rate at which the guest changes its memory.", VmiShape.Instance, p => p.Vmi.Migrating ? null : SeriesValue.Wandering(MiB * (p.W % 10), 4096), Level("dirty"), Freshness.DirtyRate);

        // The load has two decimals.
        static VmiRule Load(string over, string words, Func<VmiPart, SeriesValue> value, string key) => new(
            $"kubevirt_vmi_guest_load_{over}", "gauge", $"Load of the guest over {words}.", VmiShape.Instance, p => p.Vmi.AgentConnected && !p.Vmi.Windows ? value(p) : null, LoadRule.Level((load, _) => load[key] * 100), Freshness.Guest);
    }

    private static LoadRule Rate(string key) => LoadRule.Rate((load, _) => load[key]);

    private static LoadRule Level(string key) => LoadRule.Level((load, _) => load[key]);

    /// <summary>A time of factor × (start + rate × s) nanoseconds, written in seconds.</summary>
    private static SeriesValue Nanoseconds(long start, long rate, long factor) => SeriesValue.Growing(start * factor, rate * factor, 9);

    /// <summary>The same nanoseconds written with fewer decimals: 6 for milliseconds; cut to a whole number on demand, as an integer division does.</summary>
    private static SeriesValue Scale(SeriesValue nanoseconds, int decimals, bool whole = false) => (decimals, whole) switch
    {
        (0, _) => WholeSeconds(nanoseconds),
        (6, true) => nanoseconds with { Decimals = 0, Divisor = 1_000_000 },
        _ => nanoseconds with { Decimals = (byte)decimals },
    };

    private static SeriesValue WholeSeconds(SeriesValue nanoseconds) => nanoseconds with { Decimals = 0, Divisor = 1_000_000_000 };
}
