namespace KubeVirtMonitor.Simulator;

/// <summary>What the Prometheus client library for Go adds to every endpoint: the runtime, the process, the scrapes themselves.</summary>
internal static class GoRuntimeFamilies
{
    private const long MiB = 1 << 20;

    public static IEnumerable<MetricFamily> For(SimulatedCluster cluster)
    {
        bool v19 = cluster.Release.IsV1Dot9;
        long started = cluster.StartTime.ToUnixTimeSeconds() - 3600;
        List<MetricFamily> families =
        [
            new FamilyBuilder("go_gc_duration_seconds", "Pauses of the garbage collector.", "summary")
                .AddSummary(
                    [("0", 49_735), ("0.25", 62_450), ("0.5", 72_720), ("0.75", 100_238), ("1", 2_951_245)],
                    SeriesValue.Growing(204_560_487, 72_720, 9),
                    SeriesValue.Growing(1875, 1))
                .Build(),
            Gauge("go_goroutines", "Goroutines that exist.", SeriesValue.Wandering(120, 1)),
            new FamilyBuilder("go_info", "The Go environment.", "gauge").Add(SeriesValue.Fixed(1), ("version", cluster.Release.GoVersion)).Build(),
            Gauge("go_threads", "Threads that were created.", SeriesValue.Fixed(14)),
            Counter("process_cpu_seconds_total", "CPU time of the process.", SeriesValue.Growing(1234, 3, 2)),
            Gauge("process_max_fds", "Most files that the process may have open.", SeriesValue.Fixed(1_048_576)),
            Gauge("process_open_fds", "Files that the process has open.", SeriesValue.Wandering(23, 1)),
            Gauge("process_resident_memory_bytes", "Resident memory of the process.", SeriesValue.Wandering(96 * MiB, 8192)),
            Gauge("process_start_time_seconds", "When the process started.", SeriesValue.Fixed((started * 100) + 52, 2)),
            Gauge("process_virtual_memory_bytes", "Virtual memory of the process.", SeriesValue.Fixed(1_717_866_496)),
            Gauge("process_virtual_memory_max_bytes", "Most virtual memory that the process may have.", SeriesValue.Exactly(18_446_744_073_709_551_615d)),
            Gauge("promhttp_metric_handler_requests_in_flight", "Scrapes that are being served.", SeriesValue.Fixed(1)),
            new FamilyBuilder("promhttp_metric_handler_requests_total", "Scrapes that were served, by status code.", "counter")
                .Add(SeriesValue.Growing(240, 1) with { Divisor = 15 }, ("code", "200"))
                .Add(SeriesValue.Fixed(0), ("code", "500"))
                .Add(SeriesValue.Fixed(0), ("code", "503"))
                .Build(),
            .. MemoryStatistics(started),
        ];
        if (v19)
        {
            families.Add(Gauge("go_gc_gogc_percent", "The heap size target of the garbage collector.", SeriesValue.Fixed(100)));
            families.Add(Gauge("go_gc_gomemlimit_bytes", "The memory limit of the Go runtime.", SeriesValue.Exactly(long.MaxValue)));
            families.Add(Gauge("go_sched_gomaxprocs_threads", "Threads that may run Go code at once.", SeriesValue.Fixed(4)));
            families.Add(Counter("process_network_receive_bytes_total", "Bytes that the process received.", SeriesValue.Growing(1_577_152_085, 2048)));
            families.Add(Counter("process_network_transmit_bytes_total", "Bytes that the process sent.", SeriesValue.Growing(1_078_722_803, 4096)));
        }
        else
        {
            families.Add(Counter("go_memstats_lookups_total", "Pointer lookups.", SeriesValue.Fixed(0)));
        }

        return families;
    }

    /// <summary>The same families, and those beside them, of a process that began in the course of the simulation: counters began with zero then.</summary>
    public static IEnumerable<MetricFamily> Restarted(IEnumerable<MetricFamily> families, SimulatedCluster cluster, long began)
    {
        RestartedMeter meter = new(began);
        SeriesValue started = SeriesValue.Fixed(((cluster.StartTime.ToUnixTimeSeconds() * 100) + (began / (TimeSpan.TicksPerSecond / 100))), 2);
        return families.Select(family => family.Name is "process_start_time_seconds" or "go_memstats_last_gc_time_seconds"
            ? family.With(series => series with { Value = started })
            : family.With(series => series with { Meter = meter }));
    }

    private static IEnumerable<MetricFamily> MemoryStatistics(long started)
    {
        (string Name, SeriesValue Value)[] gauges =
        [
            ("alloc_bytes", SeriesValue.Wandering(21 * MiB, 65_536)),
            ("buck_hash_sys_bytes", SeriesValue.Fixed(1_925_698)),
            ("gc_sys_bytes", SeriesValue.Fixed(6_188_536)),
            ("heap_alloc_bytes", SeriesValue.Wandering(21 * MiB, 65_536)),
            ("heap_idle_bytes", SeriesValue.Fixed(69_525_504)),
            ("heap_inuse_bytes", SeriesValue.Wandering(27 * MiB, 65_536)),
            ("heap_objects", SeriesValue.Wandering(105_909, 100)),
            ("heap_released_bytes", SeriesValue.Fixed(61_267_968)),
            ("heap_sys_bytes", SeriesValue.Fixed(97_812_480)),
            ("last_gc_time_seconds", new SeriesValue((started * 100) + 11, 100, Wave.Counter, 2)),
            ("mcache_inuse_bytes", SeriesValue.Fixed(4800)),
            ("mcache_sys_bytes", SeriesValue.Fixed(15_600)),
            ("mspan_inuse_bytes", SeriesValue.Fixed(351_120)),
            ("mspan_sys_bytes", SeriesValue.Fixed(521_424)),
            ("next_gc_bytes", SeriesValue.Fixed(38_741_912)),
            ("other_sys_bytes", SeriesValue.Fixed(1_230_414)),
            ("stack_inuse_bytes", SeriesValue.Fixed(2_850_816)),
            ("stack_sys_bytes", SeriesValue.Fixed(2_850_816)),
            ("sys_bytes", SeriesValue.Fixed(110_544_968)),
        ];
        foreach ((string name, SeriesValue value) in gauges)
        {
            yield return Gauge($"go_memstats_{name}", $"Memory statistics of the Go runtime: {name.Replace('_', ' ')}.", value);
        }

        yield return Counter("go_memstats_alloc_bytes_total", "Bytes that were allocated, freed or not.", SeriesValue.Growing(4_080_429_088, 1_000_003));
        yield return Counter("go_memstats_frees_total", "Objects that were freed.", SeriesValue.Growing(38_863_331, 10_007));
        yield return Counter("go_memstats_mallocs_total", "Objects that were allocated.", SeriesValue.Growing(38_969_240, 10_007));
    }

    private static MetricFamily Gauge(string name, string help, SeriesValue value) => new FamilyBuilder(name, help, "gauge").Add(value).Build();

    private static MetricFamily Counter(string name, string help, SeriesValue value) => new FamilyBuilder(name, help, "counter").Add(value).Build();
}
