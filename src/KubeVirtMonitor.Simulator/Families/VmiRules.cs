namespace KubeVirtMonitor.Simulator;

/// <summary>
/// The families of the machine instances on a virt-handler, as each release names, types and scales them. W is the weight of the instance,
/// D the weight times 10 on the root disk; see <see cref="SeriesValue"/> for what becomes of start and rate. Times are in nanoseconds here.
/// </summary>
internal static class VmiRules
{
    private const long Second = 1_000_000_000;
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
        yield return new($"kubevirt_vmi_cpu_usage_seconds{total}", type, "CPU time of the domain in all modes.", VmiShape.Instance, p => seconds(Nanoseconds(5 * Second, 10_000_003, p.W * p.Vmi.Cpus)));
        yield return new($"kubevirt_vmi_cpu_user_usage_seconds{total}", type, "CPU time of the domain in user mode.", VmiShape.Instance, p => seconds(Nanoseconds(3 * Second, 6_000_002, p.W * p.Vmi.Cpus)));
        yield return new($"kubevirt_vmi_cpu_system_usage_seconds{total}", type, "CPU time of the domain in system mode.", VmiShape.Instance, p => seconds(Nanoseconds(2 * Second, 4_000_001, p.W * p.Vmi.Cpus)));

        // v1.0.0 counts whole seconds, v1.2.2 milliseconds, v1.9.0 seconds; the wait was milliseconds in both old ones.
        yield return new($"kubevirt_vmi_vcpu_seconds{total}", "counter", "Time that each virtual CPU spent in a state.", VmiShape.VcpuState, p => Scale(Nanoseconds(5 * Second, 10_000_003, p.W), release.IsV1Dot0 ? 0 : release.IsV1Dot2 ? 6 : 9, whole: !release.IsV1Dot9));
        yield return new($"kubevirt_vmi_vcpu_wait_seconds{total}", "counter", "Time that each virtual CPU waited for input and output.", VmiShape.Vcpu, p => Scale(Nanoseconds(37_605_456, 500_009, p.W * (p.Index + 1)), release.IsV1Dot9 ? 9 : 6, whole: release.IsV1Dot0));
        if (!release.IsV1Dot0)
        {
            yield return new("kubevirt_vmi_vcpu_delay_seconds_total", "counter", "Time that each virtual CPU waited for a physical one.", VmiShape.Vcpu, p => Nanoseconds(75_210_912, 1_000_003, p.W * (p.Index + 1)));
            yield return new("kubevirt_vmi_node_cpu_affinity", "gauge", "Number of pairs of virtual and physical CPUs that may meet.", VmiShape.Instance, p => SeriesValue.Fixed(2 * p.Vmi.Cpus));
        }
        else
        {
            yield return new("kubevirt_vmi_cpu_affinity", "counter", "Which virtual CPU may run on which physical one, in the labels.", VmiShape.Affinity, _ => SeriesValue.Fixed(1));
        }
    }

    private static IEnumerable<VmiRule> Memory(SimulatedRelease release)
    {
        string old = release.IsV1Dot0 ? "_total" : "";
        string total = release.IsV1Dot0 ? "" : "_total";
        static SeriesValue? Balloon(VmiPart p, SeriesValue value) => p.Vmi.AgentConnected ? value : null;
        yield return new($"kubevirt_vmi_memory_domain_bytes{old}", "gauge", "Memory that the domain was given.", VmiShape.Instance, p => SeriesValue.Fixed(p.Vmi.MemoryBytes));
        yield return new("kubevirt_vmi_memory_actual_balloon_bytes", "gauge", "Size of the balloon.", VmiShape.Instance, p => SeriesValue.Fixed(p.Vmi.MemoryBytes));
        yield return new("kubevirt_vmi_memory_resident_bytes", "gauge", "Resident memory of the process that runs the domain.", VmiShape.Instance, p => SeriesValue.Wandering(p.Vmi.MemoryBytes + (256 * MiB), 4096 * p.W));
        yield return new("kubevirt_vmi_memory_available_bytes", "gauge", "Memory that the guest sees.", VmiShape.Instance, p => Balloon(p, SeriesValue.Fixed(p.Vmi.MemoryBytes - (200 * MiB))));
        yield return new("kubevirt_vmi_memory_usable_bytes", "gauge", "Memory that can be taken from the guest without making it swap.", VmiShape.Instance, p => Balloon(p, SeriesValue.Wandering(p.Vmi.MemoryBytes / 2, 4096 * p.W)));
        yield return new("kubevirt_vmi_memory_unused_bytes", "gauge", "Memory that the guest does not use at all.", VmiShape.Instance, p => Balloon(p, SeriesValue.Wandering(p.Vmi.MemoryBytes / 4, 4096 * p.W)));
        yield return new("kubevirt_vmi_memory_cached_bytes", "gauge", "Memory that the guest uses as a cache.", VmiShape.Instance, p => p.Vmi.Windows ? null : Balloon(p, SeriesValue.Wandering(p.Vmi.MemoryBytes / 8, 4096 * p.W)));
        yield return new($"kubevirt_vmi_memory_swap_in_traffic_bytes{old}", "gauge", "Bytes that the guest read from swap.", VmiShape.Instance, p => Balloon(p, p.W % 5 == 0 ? SeriesValue.Fixed(0) : SeriesValue.Growing(40_960 * p.W, 4096 * p.W)));
        yield return new($"kubevirt_vmi_memory_swap_out_traffic_bytes{old}", "gauge", "Bytes that the guest wrote to swap.", VmiShape.Instance, p => Balloon(p, p.W % 5 == 0 ? SeriesValue.Fixed(0) : SeriesValue.Growing(61_440 * p.W, 8192 * p.W)));
        yield return new($"kubevirt_vmi_memory_pgmajfault{total}", "counter", "Page faults that needed the disk.", VmiShape.Instance, p => Balloon(p, SeriesValue.Growing(40 * p.W, p.W) with { Divisor = 10 }));
        yield return new($"kubevirt_vmi_memory_pgminfault{total}", "counter", "Page faults that did not need the disk.", VmiShape.Instance, p => Balloon(p, SeriesValue.Growing(4000 * p.W, 25 * p.W)));
    }

    private static IEnumerable<VmiRule> Network()
    {
        static SeriesValue Received(VmiPart p) => SeriesValue.Growing(150_001 * p.W, 1500 * p.W);
        static SeriesValue Sent(VmiPart p) => SeriesValue.Growing(90_001 * p.W, 900 * p.W);
        yield return new("kubevirt_vmi_network_traffic_bytes_total", "counter", "Bytes sent and received. Deprecated.", VmiShape.Direction, p => p.Index == 0 ? Received(p) : Sent(p));
        yield return new("kubevirt_vmi_network_receive_bytes_total", "counter", "Bytes received.", VmiShape.Interface, p => Received(p));
        yield return new("kubevirt_vmi_network_transmit_bytes_total", "counter", "Bytes sent.", VmiShape.Interface, p => Sent(p));
        yield return new("kubevirt_vmi_network_receive_packets_total", "counter", "Packets received.", VmiShape.Interface, p => SeriesValue.Growing(100 * p.W, p.W));
        yield return new("kubevirt_vmi_network_transmit_packets_total", "counter", "Packets sent.", VmiShape.Interface, p => SeriesValue.Growing(80 * p.W, p.W));
        yield return new("kubevirt_vmi_network_receive_errors_total", "counter", "Broken packets received.", VmiShape.Interface, _ => SeriesValue.Fixed(0));
        yield return new("kubevirt_vmi_network_transmit_errors_total", "counter", "Packets that could not be sent.", VmiShape.Interface, _ => SeriesValue.Fixed(0));
        yield return new("kubevirt_vmi_network_receive_packets_dropped_total", "counter", "Received packets that were dropped.", VmiShape.Interface, p => SeriesValue.Fixed(3 + (p.W % 2)));
        yield return new("kubevirt_vmi_network_transmit_packets_dropped_total", "counter", "Packets that were dropped before they were sent.", VmiShape.Interface, _ => SeriesValue.Fixed(0));
    }

    private static IEnumerable<VmiRule> Storage(SimulatedRelease release)
    {
        // 1.0 gives the times in milliseconds and says so in the name.
        string unit = release.IsV1Dot0 ? "ms" : "seconds";
        int decimals = release.IsV1Dot0 ? 6 : 9;
        yield return new("kubevirt_vmi_storage_iops_read_total", "counter", "Reads.", VmiShape.Drive, p => SeriesValue.Growing(75 * p.D, p.D));
        yield return new("kubevirt_vmi_storage_iops_write_total", "counter", "Writes.", VmiShape.Drive, p => SeriesValue.Growing(150 * p.D, 2 * p.D));
        yield return new("kubevirt_vmi_storage_flush_requests_total", "counter", "Flushes.", VmiShape.Drive, p => SeriesValue.Growing(7 * p.D, p.D));
        yield return new("kubevirt_vmi_storage_read_traffic_bytes_total", "counter", "Bytes read.", VmiShape.Drive, p => SeriesValue.Growing(307_200 * p.D, 4096 * p.D));
        yield return new("kubevirt_vmi_storage_write_traffic_bytes_total", "counter", "Bytes written.", VmiShape.Drive, p => SeriesValue.Growing(1_228_800 * p.D, 12_288 * p.D));
        yield return new($"kubevirt_vmi_storage_read_times_{unit}_total", "counter", "Time spent on reads.", VmiShape.Drive, p => Scale(Nanoseconds(7_521_091, 100_003, p.D), decimals));
        yield return new($"kubevirt_vmi_storage_write_times_{unit}_total", "counter", "Time spent on writes.", VmiShape.Drive, p => Scale(Nanoseconds(22_563_273, 300_007, p.D), decimals));
        yield return new($"kubevirt_vmi_storage_flush_times_{unit}_total", "counter", "Time spent on flushes.", VmiShape.Drive, p => Scale(Nanoseconds(37_605_456, 50_021, p.D), decimals));
    }

    private static IEnumerable<VmiRule> FileSystems(SimulatedRelease release)
    {
        string old = release.IsV1Dot0 ? "_total" : "";
        yield return new($"kubevirt_vmi_filesystem_capacity_bytes{old}", "gauge", "Size of a file system in the guest.", VmiShape.FileSystem, p => SeriesValue.Fixed(p.Index == 1 ? 20 * GiB : p.Vmi.Windows ? 500 * MiB : GiB));
        yield return new("kubevirt_vmi_filesystem_used_bytes", "gauge", "Bytes used on a file system in the guest.", VmiShape.FileSystem, p => p.Index == 1 ? SeriesValue.Wandering((2 * GiB) + (64 * MiB * p.W), 4096 * p.W) : SeriesValue.Fixed(200 * MiB));
    }

    private static IEnumerable<VmiRule> Guest()
    {
        static SeriesValue? Load(VmiPart p, SeriesValue value) => p.Vmi.AgentConnected && !p.Vmi.Windows ? value : null;
        yield return new("kubevirt_vmi_guest_load_1m", "gauge", "Load of the guest over one minute.", VmiShape.Instance, p => Load(p, SeriesValue.Wandering(5 + p.W, 1, 2)));
        yield return new("kubevirt_vmi_guest_load_5m", "gauge", "Load of the guest over five minutes.", VmiShape.Instance, p => Load(p, SeriesValue.Fixed(50, 2)));
        yield return new("kubevirt_vmi_guest_load_15m", "gauge", "Load of the guest over fifteen minutes.", VmiShape.Instance, p => Load(p, SeriesValue.Fixed(25, 2)));
        yield return new("kubevirt_vmi_dirty_rate_bytes_per_second", "gauge", "Rate at which the guest changes its memory.", VmiShape.Instance, p => p.Vmi.Migrating ? null : SeriesValue.Wandering(MiB * (p.W % 10), 4096));
    }

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
