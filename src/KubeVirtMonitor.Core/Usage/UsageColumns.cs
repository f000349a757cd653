using System.Collections.Frozen;

namespace KubeVirtMonitor.Usage;

/// <summary>Which families usage is made of, by the module's names, which are those of every KubeVirt version; units that differ by version are corrected before.</summary>
internal static class UsageColumns
{
    /// <summary>The <c>resource</c> and the <c>source</c> of the series that has the memory that a guest is configured with.</summary>
    public const string ConfiguredResource = "memory";

    /// <inheritdoc cref="ConfiguredResource"/>
    public const string ConfiguredSource = "guest_effective";

    private const string Handler = "kubevirt_handler.vmi.";
    private const string Controller = "kubevirt_controller.";

    // In the order of UsageShape. A row has the columns of its shape; those of migrations are followed by columns for their times.
    private static readonly Family[][] Shapes =
    [
        [
            Counter("cpu_usage_seconds.count", UsageFigure.CpuUsage),
            Counter("cpu_user_usage_seconds.count", UsageFigure.CpuUser),
            Counter("cpu_system_usage_seconds.count", UsageFigure.CpuSystem),
            Slow("memory_swap_in_traffic_bytes", UsageFigure.SwapIn),
            Slow("memory_swap_out_traffic_bytes", UsageFigure.SwapOut),
            Slow("memory_pgmajfault.count", UsageFigure.MajorFaults),
            Slow("memory_pgminfault.count", UsageFigure.MinorFaults),
            Gauge("memory_domain_bytes", UsageFigure.MemoryDomain),
            Gauge("memory_available_bytes", UsageFigure.MemoryAvailable),
            Gauge("memory_usable_bytes", UsageFigure.MemoryUsable),
            Gauge("memory_unused_bytes", UsageFigure.MemoryUnused),
            Gauge("memory_cached_bytes", UsageFigure.MemoryCached),
            Gauge("memory_actual_balloon_bytes", UsageFigure.MemoryBalloon),
            Gauge("memory_resident_bytes", UsageFigure.MemoryResident),
            Gauge("guest_load_1m", UsageFigure.Load1),
            Gauge("guest_load_5m", UsageFigure.Load5),
            Gauge("guest_load_15m", UsageFigure.Load15),
            Gauge("dirty_rate_bytes_per_second", UsageFigure.DirtyRate),
            Migration("migration_data_processed_bytes", UsageFigure.MigrationProcessed),
            Migration("migration_data_remaining_bytes", UsageFigure.MigrationRemaining),
            Migration("migration_data_bytes.count", UsageFigure.MigrationTotal),
            Migration("migration_memory_transfer_rate_bytes", UsageFigure.MigrationRate),
            Migration("migration_dirty_memory_rate_bytes", UsageFigure.MigrationDirtyRate),
        ],
        [
            Counter("vcpu_seconds.count", UsageFigure.VCpuRun),
            Counter("vcpu_delay_seconds.count", UsageFigure.VCpuReady),
        ],
        [
            Counter("storage_iops_read.count", UsageFigure.ReadOperations),
            Counter("storage_iops_write.count", UsageFigure.WriteOperations),
            Counter("storage_flush_requests.count", UsageFigure.Flushes),
            Counter("storage_read_traffic_bytes.count", UsageFigure.ReadBytes),
            Counter("storage_write_traffic_bytes.count", UsageFigure.WriteBytes),
            Counter("storage_read_times_seconds.count", UsageFigure.ReadTime),
            Counter("storage_write_times_seconds.count", UsageFigure.WriteTime),
            Counter("storage_flush_times_seconds.count", UsageFigure.FlushTime),
        ],
        [
            Counter("network_receive_bytes.count", UsageFigure.ReceivedBytes),
            Counter("network_transmit_bytes.count", UsageFigure.SentBytes),
            Counter("network_receive_packets.count", UsageFigure.ReceivedPackets),
            Counter("network_transmit_packets.count", UsageFigure.SentPackets),
            Counter("network_receive_errors.count", UsageFigure.ReceiveErrors),
            Counter("network_transmit_errors.count", UsageFigure.SendErrors),
            Counter("network_receive_packets_dropped.count", UsageFigure.ReceiveDrops),
            Counter("network_transmit_packets_dropped.count", UsageFigure.SendDrops),
        ],
        [
            Gauge("filesystem_used_bytes", UsageFigure.FileSystemUsed),
            Gauge("filesystem_capacity_bytes", UsageFigure.FileSystemCapacity),
        ],
    ];

    // Of virt-controller, which knows of machines what virt-handler does not. Values of one machine in several series: the largest.
    private static readonly (string Name, UsageFact Fact)[] Facts =
    [
        (Controller + "vmi.launcher_memory_overhead_bytes", UsageFact.LauncherOverhead),
        (Controller + "vm.resource_requests", UsageFact.ConfiguredMemory),
        (Controller + "vm.error_status_last_transition_timestamp_seconds.count", UsageFact.StatusSince),
        (Controller + "vm.migrating_status_last_transition_timestamp_seconds.count", UsageFact.StatusSince),
        (Controller + "vm.non_running_status_last_transition_timestamp_seconds.count", UsageFact.StatusSince),
        (Controller + "vm.running_status_last_transition_timestamp_seconds.count", UsageFact.StatusSince),
        (Controller + "vm.starting_status_last_transition_timestamp_seconds.count", UsageFact.StatusSince),
        (Controller + "vmi.migration_start_time_seconds", UsageFact.MigrationStart),
        (Controller + "vmi.migration_end_time_seconds", UsageFact.MigrationEnd),
    ];

    private static readonly int Migrations = Shapes[0].Count(static family => family.Kind == UsageKind.Migration);

    private static readonly FrozenDictionary<string, UsageColumn> ByName = Columns().ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The names of all families that usage is made of.</summary>
    public static IEnumerable<string> Names => ByName.Keys;

    /// <summary>The families that tell a fact, of which the largest value counts.</summary>
    public static IEnumerable<string> NamesOf(UsageFact fact) => Facts.Where(known => known.Fact == fact).Select(static known => known.Name);

    /// <summary>The full name of a family of a shape.</summary>
    public static string NameOf(Family family) => Handler + family.Name;

    /// <summary>The labels that tell the rows of a shape within a machine apart.</summary>
    public static ReadOnlySpan<string> LabelsOf(UsageShape shape) => shape switch
    {
        UsageShape.VCpu => (string[])["id"],
        UsageShape.Drive => (string[])["drive"],
        UsageShape.Interface => (string[])["interface"],
        UsageShape.FileSystem => (string[])["mount_point", "disk_name", "file_system_type"],
        _ => [],
    };

    /// <summary>The column of a family; null where usage has none.</summary>
    public static UsageColumn? Of(string name) => ByName.TryGetValue(name, out UsageColumn? column) ? column : null;

    /// <summary>How many values a row of a shape has.</summary>
    public static int Width(UsageShape shape) => shape == UsageShape.Machine ? Shapes[0].Length + (2 * Migrations) : Shapes[(int)shape].Length;

    /// <summary>The families of a shape, in the order of its columns.</summary>
    public static ReadOnlySpan<Family> FamiliesOf(UsageShape shape) => Shapes[(int)shape];

    /// <summary>The column with the time of a family of migrations.</summary>
    public static int TimeColumn(int column) => Shapes[0].Length + column - Array.FindIndex(Shapes[0], static family => family.Kind == UsageKind.Migration);

    /// <summary>The column with the time by our clock when a measurement of a migration was first seen.</summary>
    public static int SeenColumn(int column) => TimeColumn(column) + Migrations;

    private static IEnumerable<KeyValuePair<string, UsageColumn>> Columns()
    {
        for (int shape = 0; shape < Shapes.Length; shape++)
        {
            for (int i = 0; i < Shapes[shape].Length; i++)
                yield return new(Handler + Shapes[shape][i].Name, new UsageColumn((UsageShape)shape, i, Shapes[shape][i].Kind == UsageKind.Migration ? TimeColumn(i) : -1, default));
        }

        foreach ((string name, UsageFact fact) in Facts) yield return new(name, new UsageColumn(UsageShape.Fact, 0, -1, fact));
    }

    private static Family Counter(string name, UsageFigure figure) => new(name, figure, UsageKind.Counter);

    private static Family Slow(string name, UsageFigure figure) => new(name, figure, UsageKind.SlowCounter);

    private static Family Gauge(string name, UsageFigure figure) => new(name, figure, UsageKind.Gauge);

    private static Family Migration(string name, UsageFigure figure) => new(name, figure, UsageKind.Migration);

    /// <summary>A family and what becomes of it.</summary>
    internal readonly record struct Family(string Name, UsageFigure Figure, UsageKind Kind);
}

/// <summary>Where the values of a family are kept.</summary>
/// <param name="Shape">The rows that have it.</param>
/// <param name="Index">Its number among the columns of the row.</param>
/// <param name="Time">The column with the time of its newest line, for families whose lines have one; -1 for the others.</param>
/// <param name="Fact">What it says, where the shape is <see cref="UsageShape.Fact"/>.</param>
internal sealed record UsageColumn(UsageShape Shape, int Index, int Time, UsageFact Fact);

/// <summary>What has values of its own.</summary>
internal enum UsageShape
{
    Machine,
    VCpu,
    Drive,
    Interface,
    FileSystem,

    /// <summary>What virt-controller knows of a machine.</summary>
    Fact,
}

/// <summary>What becomes of the values of a family.</summary>
internal enum UsageKind
{
    /// <summary>Counts up; its increase a second is the figure.</summary>
    Counter,

    /// <summary>The same, counted only every 10 seconds.</summary>
    SlowCounter,

    /// <summary>Is the figure.</summary>
    Gauge,

    /// <summary>Is the figure, while its lines are new: several measurements are in one scrape, with their times, and again in the next.</summary>
    Migration,
}

/// <summary>What virt-controller knows of a machine.</summary>
internal enum UsageFact
{
    LauncherOverhead,

    /// <summary>The memory that the guest is configured with, since KubeVirt 1.8.</summary>
    ConfiguredMemory,
    StatusSince,
    MigrationStart,
    MigrationEnd,
}
