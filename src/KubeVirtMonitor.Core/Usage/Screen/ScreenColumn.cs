using System.Globalization;

namespace KubeVirtMonitor.Usage;

/// <summary>A figure as a column of the live screen.</summary>
/// <param name="Name">The property of <see cref="KubeVirtUsage"/>.</param>
/// <param name="Header">What stands above it.</param>
/// <param name="Width">The characters that its values take.</param>
/// <param name="Unit">How its values are written.</param>
/// <param name="Value">Reads it.</param>
/// <param name="Meaning">What it is, in a line.</param>
internal sealed record ScreenColumn(string Name, string Header, int Width, ScreenUnit Unit, Func<KubeVirtUsage, double?> Value, string Meaning)
{
    private static readonly string[] ByteUnits = ["", "K", "M", "G", "T", "P", "E"];
    private static readonly string[] Thousands = ["", "k", "M", "G", "T"];

    /// <summary>Above which it is marked.</summary>
    public UsageThreshold? Threshold { get; init; }

    /// <summary>The characters of its values, or of its header with the sign for the order, without marks.</summary>
    public int TextWidth => Math.Max(Width, Header.Length + 1);

    /// <summary>The characters that it takes with its marks.</summary>
    public int FullWidth => TextWidth + (Threshold is null ? 0 : 2);

    /// <summary>What the screen shows of a topic, the most telling first.</summary>
    public static IReadOnlyList<ScreenColumn> Of(UsageTopic topic) => Topics[(int)topic];

    /// <summary>What the history of a topic is of.</summary>
    public static Func<KubeVirtUsage, double?> HistoryOf(UsageTopic topic) => Histories[(int)topic];

    /// <summary>Whether the history of a topic is of percentages, which have a scale of their own.</summary>
    public static bool IsHistoryPercent(UsageTopic topic) => topic is UsageTopic.Cpu or UsageTopic.Memory or UsageTopic.Migration;

    /// <summary>A value as it is shown; <c>-</c> where there is none.</summary>
    public string Text(KubeVirtUsage usage) => Value(usage) is { } value ? Format(value, Unit) : "-";

    /// <summary>A value in at most six characters, and a duration in words where it has no end.</summary>
    internal static string Format(double value, ScreenUnit unit) => unit switch
    {
        ScreenUnit.Percent => Fixed(value, 1),
        ScreenUnit.Cores => Fixed(value, value < 99.995 ? 2 : 1),
        ScreenUnit.Count => value.ToString("0", CultureInfo.InvariantCulture),
        ScreenUnit.Milliseconds => Fixed(value, value < 999.95 ? 1 : 0),
        ScreenUnit.Bytes => Scaled(value, 1024, ByteUnits),
        ScreenUnit.Duration => Duration(value),
        _ => Scaled(value, 1000, Thousands),
    };

    private static string Fixed(double value, int digits) => value.ToString(digits switch { 0 => "0", 1 => "0.0", _ => "0.00" }, CultureInfo.InvariantCulture);

    private static string Scaled(double value, double step, string[] units)
    {
        int power = 0;
        // What rounds up to a step belongs to the next unit.
        while (Math.Abs(value) >= step - 0.5 && power < units.Length - 1)
        {
            value /= step;
            power++;
        }

        return Fixed(value, value is 0 || Math.Abs(value) >= 99.95 || (power == 0 && step > 1000) ? 0 : 1) + units[power];
    }

    private static string Duration(double seconds)
    {
        if (double.IsPositiveInfinity(seconds)) return "does not converge";
        if (seconds >= TimeSpan.MaxValue.TotalSeconds) return "> 100 d";
        TimeSpan span = TimeSpan.FromSeconds(Math.Ceiling(seconds));
        return span.TotalDays >= 100 ? "> 100 d"
            : span.TotalDays >= 1 ? $"{span.Days} d {span.Hours:00} h"
            : span.TotalHours >= 1 ? $"{span.Hours} h {span.Minutes:00} min"
            : span.TotalMinutes >= 1 ? $"{span.Minutes} min {span.Seconds:00} s" : $"{span.Seconds} s";
    }

    private static readonly ScreenColumn[][] Topics =
    [
        [
            new(nameof(KubeVirtUsage.CpuPercent), "CPU%", 5, ScreenUnit.Percent, static usage => usage.CpuPercent, "CPU used, in percent of the virtual CPUs"),
            new(nameof(KubeVirtUsage.CpuUsed), "USED", 5, ScreenUnit.Cores, static usage => usage.CpuUsed, "CPUs of the node used"),
            new(nameof(KubeVirtUsage.CpuReadyPercent), "RDY%", 5, ScreenUnit.Percent, static usage => usage.CpuReadyPercent, "CPU ready, the mean of the virtual CPUs") { Threshold = UsageThresholds.CpuReadyPercent },
            new(nameof(KubeVirtUsage.CpuReadyMaxPercent), "MAXRDY", 5, ScreenUnit.Percent, static usage => usage.CpuReadyMaxPercent, "CPU ready of the virtual CPU that waited longest") { Threshold = UsageThresholds.CpuReadyPercent },
            new(nameof(KubeVirtUsage.CpuOverhead), "OVHD", 5, ScreenUnit.Cores, static usage => usage.CpuOverhead, "CPUs used by the emulator and its I/O threads"),
            new(nameof(KubeVirtUsage.Load1), "LOAD", 5, ScreenUnit.Cores, static usage => usage.Load1, "load of the guest over 1 minute (guest agent)"),
            new(nameof(KubeVirtUsage.VCpus), "VCPU", 4, ScreenUnit.Count, static usage => usage.VCpus, "virtual CPUs"),
            new(nameof(KubeVirtUsage.CpuQueue), "QUEUE", 5, ScreenUnit.Number, static usage => usage.CpuQueue, "tasks that wait in the guest (guest agent)") { Threshold = UsageThresholds.CpuQueue },
            new(nameof(KubeVirtUsage.CpuUser), "USER", 5, ScreenUnit.Cores, static usage => usage.CpuUser, "CPUs used in user mode, the guest's code in it"),
            new(nameof(KubeVirtUsage.CpuSystem), "SYS", 5, ScreenUnit.Cores, static usage => usage.CpuSystem, "CPUs used in system mode"),
        ],
        [
            new(nameof(KubeVirtUsage.MemoryUsedPercent), "MEM%", 5, ScreenUnit.Percent, static usage => usage.MemoryUsedPercent, "memory in use in the guest, in percent of what it sees") { Threshold = UsageThresholds.MemoryUsedPercent },
            new(nameof(KubeVirtUsage.MemoryUsed), "USED", 6, ScreenUnit.Bytes, static usage => usage.MemoryUsed, "memory in use in the guest"),
            new(nameof(KubeVirtUsage.Memory), "SIZE", 6, ScreenUnit.Bytes, static usage => usage.Memory, "memory of the VM"),
            new(nameof(KubeVirtUsage.MemoryCached), "CACHE", 6, ScreenUnit.Bytes, static usage => usage.MemoryCached, "caches of the guest"),
            new(nameof(KubeVirtUsage.MemoryBallooned), "BALLN", 6, ScreenUnit.Bytes, static usage => usage.MemoryBallooned, "held back by the balloon"),
            new(nameof(KubeVirtUsage.MemoryResident), "RSS", 6, ScreenUnit.Bytes, static usage => usage.MemoryResident, "memory of the node that the VM takes"),
            new(nameof(KubeVirtUsage.SwapInBytesPerSecond), "SWPIN", 6, ScreenUnit.Bytes, static usage => usage.SwapInBytesPerSecond, "read from the guest's swap a second"),
            new(nameof(KubeVirtUsage.SwapOutBytesPerSecond), "SWPOUT", 6, ScreenUnit.Bytes, static usage => usage.SwapOutBytesPerSecond, "written to the guest's swap a second"),
            new(nameof(KubeVirtUsage.MajorFaultsPerSecond), "FLT/s", 5, ScreenUnit.Number, static usage => usage.MajorFaultsPerSecond, "page faults a second that read from disk"),
        ],
        [
            new(nameof(KubeVirtUsage.DiskReadIops), "RD/s", 5, ScreenUnit.Number, static usage => usage.DiskReadIops, "reads a second"),
            new(nameof(KubeVirtUsage.DiskWriteIops), "WR/s", 5, ScreenUnit.Number, static usage => usage.DiskWriteIops, "writes a second"),
            new(nameof(KubeVirtUsage.DiskReadLatencyMs), "RDms", 5, ScreenUnit.Milliseconds, static usage => usage.DiskReadLatencyMs, "mean time of a read, in milliseconds") { Threshold = UsageThresholds.DiskLatencyMs },
            new(nameof(KubeVirtUsage.DiskWriteLatencyMs), "WRms", 5, ScreenUnit.Milliseconds, static usage => usage.DiskWriteLatencyMs, "mean time of a write, in milliseconds") { Threshold = UsageThresholds.DiskLatencyMs },
            new(nameof(KubeVirtUsage.DiskReadBytesPerSecond), "RDB/s", 6, ScreenUnit.Bytes, static usage => usage.DiskReadBytesPerSecond, "bytes read a second"),
            new(nameof(KubeVirtUsage.DiskWriteBytesPerSecond), "WRB/s", 6, ScreenUnit.Bytes, static usage => usage.DiskWriteBytesPerSecond, "bytes written a second"),
            new(nameof(KubeVirtUsage.DiskQueueDepth), "QUEUE", 5, ScreenUnit.Cores, static usage => usage.DiskQueueDepth, "reads and writes under way, on average"),
            new(nameof(KubeVirtUsage.DiskFlushLatencyMs), "FLms", 5, ScreenUnit.Milliseconds, static usage => usage.DiskFlushLatencyMs, "mean time of a flush, in milliseconds"),
            new(nameof(KubeVirtUsage.DiskFlushIops), "FL/s", 5, ScreenUnit.Number, static usage => usage.DiskFlushIops, "flushes a second"),
            new(nameof(KubeVirtUsage.FileSystemMaxPercent), "FS%", 5, ScreenUnit.Percent, static usage => usage.FileSystemMaxPercent, "the fullest file system of the guest (guest agent)") { Threshold = UsageThresholds.FileSystemPercent },
        ],
        [
            new(nameof(KubeVirtUsage.NetworkReceiveBytesPerSecond), "RXB/s", 6, ScreenUnit.Bytes, static usage => usage.NetworkReceiveBytesPerSecond, "bytes received a second"),
            new(nameof(KubeVirtUsage.NetworkTransmitBytesPerSecond), "TXB/s", 6, ScreenUnit.Bytes, static usage => usage.NetworkTransmitBytesPerSecond, "bytes sent a second"),
            new(nameof(KubeVirtUsage.NetworkReceivePacketsPerSecond), "RXP/s", 5, ScreenUnit.Number, static usage => usage.NetworkReceivePacketsPerSecond, "packets received a second"),
            new(nameof(KubeVirtUsage.NetworkTransmitPacketsPerSecond), "TXP/s", 5, ScreenUnit.Number, static usage => usage.NetworkTransmitPacketsPerSecond, "packets sent a second"),
            new(nameof(KubeVirtUsage.NetworkReceiveDropPercent), "RXDR%", 5, ScreenUnit.Percent, static usage => usage.NetworkReceiveDropPercent, "packets dropped instead of received, in percent") { Threshold = UsageThresholds.PacketsLostPercent },
            new(nameof(KubeVirtUsage.NetworkTransmitDropPercent), "TXDR%", 5, ScreenUnit.Percent, static usage => usage.NetworkTransmitDropPercent, "packets dropped instead of sent, in percent") { Threshold = UsageThresholds.PacketsLostPercent },
            new(nameof(KubeVirtUsage.NetworkReceiveErrorPercent), "RXER%", 5, ScreenUnit.Percent, static usage => usage.NetworkReceiveErrorPercent, "packets not received because of errors, in percent") { Threshold = UsageThresholds.PacketsLostPercent },
            new(nameof(KubeVirtUsage.NetworkTransmitErrorPercent), "TXER%", 5, ScreenUnit.Percent, static usage => usage.NetworkTransmitErrorPercent, "packets not sent because of errors, in percent") { Threshold = UsageThresholds.PacketsLostPercent },
        ],
        [
            new(nameof(KubeVirtUsage.MigrationPercent), "DONE%", 5, ScreenUnit.Percent, static usage => usage.MigrationPercent, "how far the migration is; it can fall back"),
            new(nameof(KubeVirtUsage.MigrationRemaining), "REMAIN", 6, ScreenUnit.Bytes, static usage => usage.MigrationRemaining, "what it still has to move"),
            new(nameof(KubeVirtUsage.MigrationSecondsLeft), "TIME LEFT", 17, ScreenUnit.Duration, TimeLeft, "how long it will take at this pace") { Threshold = UsageThresholds.MigrationSeconds },
            new(nameof(KubeVirtUsage.MigrationBytesPerSecond), "MOVB/s", 6, ScreenUnit.Bytes, static usage => usage.MigrationBytesPerSecond, "memory moved a second"),
            new(nameof(KubeVirtUsage.MigrationDirtyBytesPerSecond), "DIRTB/s", 7, ScreenUnit.Bytes, static usage => usage.MigrationDirtyBytesPerSecond, "memory that the guest changes a second meanwhile"),
            new(nameof(KubeVirtUsage.DirtyBytesPerSecond), "DIRTY", 6, ScreenUnit.Bytes, static usage => usage.DirtyBytesPerSecond, "memory that the guest changes a second while it does not migrate"),
            new(nameof(KubeVirtUsage.MigrationProcessed), "MOVED", 6, ScreenUnit.Bytes, static usage => usage.MigrationProcessed, "what it has moved"),
        ],
    ];

    private static readonly Func<KubeVirtUsage, double?>[] Histories =
    [
        static usage => usage.CpuPercent,
        static usage => usage.MemoryUsedPercent,
        static usage => Sum(usage.DiskReadBytesPerSecond, usage.DiskWriteBytesPerSecond),
        static usage => Sum(usage.NetworkReceiveBytesPerSecond, usage.NetworkTransmitBytesPerSecond),
        static usage => usage.MigrationPercent,
    ];

    private static double? TimeLeft(KubeVirtUsage usage) => usage.MigrationConverges == false ? double.PositiveInfinity : usage.MigrationTimeLeft?.TotalSeconds;

    private static double? Sum(double? one, double? other) => one is null && other is null ? null : (one ?? 0) + (other ?? 0);
}

/// <summary>How a figure is written on the screen.</summary>
internal enum ScreenUnit
{
    Number,
    Percent,
    Cores,
    Count,
    Milliseconds,
    Bytes,
    Duration,
}
