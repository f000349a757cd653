using System.Globalization;
using KubeVirtMonitor.Usage;

namespace KubeVirtMonitor.Display;

/// <summary>Figures of usage as people read them in a column; a dash where there is no value, which is never 0.</summary>
/// <remarks>For views only. The objects keep plain numbers.</remarks>
public static class UsageText
{
    private const string None = "-";

    /// <summary>A number of any size in 6 characters or less: 3 digits that count, thousands and more with their letter.</summary>
    /// <param name="value">The number; null = there is none.</param>
    /// <param name="provider">The culture; null = the current one.</param>
    public static string Number(double? value, IFormatProvider? provider = null)
    {
        if (value is not { } number) return None;
        if (!double.IsFinite(number)) return number.ToString(CultureInfo.InvariantCulture);
        double size = Math.Abs(number);
        (double divisor, string letter) = size switch
        {
            < 9999.5 => (1d, ""),
            < 999_950 => (1e3, "k"),
            < 999_950_000 => (1e6, "M"),
            < 999_950_000_000 => (1e9, "G"),
            _ => (1e12, "T"),
        };
        double shown = number / divisor;
        string format = Math.Abs(shown) switch
        {
            _ when divisor == 1 && number == Math.Truncate(number) => "0",
            < 9.995 => "0.00",
            < 99.95 => "0.0",
            _ => "0",
        };
        return shown.ToString(format, provider) + letter;
    }

    /// <summary>A percentage with one decimal.</summary>
    /// <param name="value">The percentage; null = there is none.</param>
    /// <param name="provider">The culture; null = the current one.</param>
    public static string Percent(double? value, IFormatProvider? provider = null) => value is { } percent ? percent.ToString("0.0", provider) : None;

    /// <summary>Bytes, in the unit that fits.</summary>
    /// <param name="value">The bytes; null = there are none known.</param>
    /// <param name="provider">The culture; null = the current one.</param>
    public static string Bytes(double? value, IFormatProvider? provider = null) => value is { } bytes ? ValueText.Of(bytes, "byte", provider) : None;

    /// <summary>A duration, in the unit that fits.</summary>
    /// <param name="value">The duration; null = there is none.</param>
    /// <param name="provider">The culture; null = the current one.</param>
    internal static string Duration(TimeSpan? value, IFormatProvider? provider = null) => value is { } time ? ValueText.Of(time.TotalSeconds, "second", provider) : None;

    /// <summary>When a migration will be over: the time that is left, that it does not converge, or nothing while none runs.</summary>
    /// <param name="usage">The usage of a machine.</param>
    /// <param name="provider">The culture; null = the current one.</param>
    public static string Migration(KubeVirtUsage usage, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(usage);
        return usage.MigrationConverges switch
        {
            null => None,
            false => "does not converge",
            true => Duration(usage.MigrationTimeLeft, provider),
        };
    }

    /// <summary>What a part of a machine did, in 38 characters or so: of a virtual CPU what it ran and waited, of a drive reads and writes, of an interface what came in and went out.</summary>
    /// <param name="detail">The part.</param>
    /// <param name="provider">The culture; null = the current one.</param>
    public static string Of(KubeVirtUsageDetail detail, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(detail);
        string Both(double? first, double? second) => $"{Number(first, provider)}/{Number(second, provider)}";
        return detail.Kind switch
        {
            UsageDevice.VCpu => $"run {Percent(detail.RunPercent, provider)} %, ready {Percent(detail.ReadyPercent, provider)} %",
            UsageDevice.Drive => $"{Both(detail.ReadIops, detail.WriteIops)} IOPS {Both(detail.ReadLatencyMs, detail.WriteLatencyMs)} ms {Bytes(detail.ReadBytesPerSecond + detail.WriteBytesPerSecond, provider)}/s",
            UsageDevice.Interface => $"in {Bytes(detail.ReceiveBytesPerSecond, provider)}/s, out {Bytes(detail.TransmitBytesPerSecond, provider)}/s"
                + (detail.ReceiveDropPercent > 0 || detail.TransmitDropPercent > 0 ? $", drops {Both(detail.ReceiveDropPercent, detail.TransmitDropPercent)} %" : "")
                + (detail.ReceiveErrorPercent > 0 || detail.TransmitErrorPercent > 0 ? $", errors {Both(detail.ReceiveErrorPercent, detail.TransmitErrorPercent)} %" : ""),
            _ => $"{Percent(detail.UsedPercent, provider)} % of {Bytes(detail.Capacity, provider)}{(detail.FileSystemType is null ? "" : $" {detail.FileSystemType}")}",
        };
    }

    /// <summary>How bad a figure is: <c>Error</c>, <c>Warning</c>, or nothing; the names of the styles in <c>$PSStyle.Formatting</c>.</summary>
    /// <param name="figure">The property: CpuReadyPercent, CpuReadyMaxPercent or DiskLatencyMs.</param>
    /// <param name="value">Its value; null = it is not known.</param>
    public static string? Severity(string figure, double? value) => (figure == nameof(KubeVirtUsage.DiskLatencyMs) ? UsageThresholds.DiskLatencyMs : UsageThresholds.CpuReadyPercent).Of(value) switch
    {
        UsageSeverity.Critical => "Error",
        UsageSeverity.Warning => "Warning",
        _ => null,
    };

    /// <summary>The namespace of usage in a column, after its cluster where the look is at several.</summary>
    /// <param name="usage">The usage.</param>
    public static string Namespace(KubeVirtUsage usage)
    {
        ArgumentNullException.ThrowIfNull(usage);
        string name = usage.Scope is UsageScope.Node or UsageScope.Cluster ? "(all)" : usage.Namespace ?? "";
        return usage.Moment?.Clusters.Length > 1 && usage.Scope != UsageScope.Cluster ? $"{usage.Cluster}/{name}" : name;
    }

    /// <summary>The look that usage is of, as the head of a table: the clusters, the local time and the interval.</summary>
    /// <param name="usage">The usage.</param>
    /// <param name="provider">The culture; null = the current one.</param>
    public static string Look(KubeVirtUsage usage, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(usage);
        return usage.Moment is not { } moment ? usage.Cluster ?? "(no session)"
            : $"{string.Join(", ", moment.Clusters)}, {moment.Time.LocalDateTime.ToString(moment.IsStored ? "yyyy-MM-dd HH:mm:ss" : "HH:mm:ss", CultureInfo.InvariantCulture)}{(moment.Interval is { } interval ? $", over {ValueText.Of(interval.TotalSeconds, "second", provider)}" : ", one look")}";
    }

    /// <summary>The clusters and the interval of usage at one of several moments, as the head of a table that has their times in a column.</summary>
    /// <param name="usage">The usage.</param>
    /// <param name="provider">The culture; null = the current one.</param>
    public static string Range(KubeVirtUsage usage, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(usage);
        return $"{(usage.Moment is { } moment ? string.Join(", ", moment.Clusters) : usage.Cluster)}, each over {ValueText.Of((usage.Moment?.Interval ?? usage.Interval ?? TimeSpan.Zero).TotalSeconds, "second", provider)}";
    }

    /// <summary>What usage is of in a column: namespace and name, a node, a namespace; after its cluster where there are several.</summary>
    /// <param name="usage">The usage.</param>
    public static string Place(KubeVirtUsage usage)
    {
        ArgumentNullException.ThrowIfNull(usage);
        return usage.Moment?.Clusters.Length > 1 && usage.Scope != UsageScope.Cluster ? $"{usage.Cluster}/{usage}" : $"{usage}";
    }

    /// <summary>What parts are, as the head of a table.</summary>
    /// <param name="detail">The part.</param>
    public static string Head(KubeVirtUsageDetail detail)
    {
        ArgumentNullException.ThrowIfNull(detail);
        return $"{detail.Kind}";
    }

    /// <summary>A topic of usage, in a line for the list view.</summary>
    /// <param name="usage">The usage.</param>
    /// <param name="topic">Cpu, Ready, Load, Memory, Guest, Swap, Disks, Reads, Writes, Flushes, Received, Sent, Migration or Interval.</param>
    /// <param name="provider">The culture; null = the current one.</param>
    public static string Line(KubeVirtUsage usage, string topic, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(usage);
        string N(double? value) => Number(value, provider);
        string P(double? value) => Percent(value, provider);
        string B(double? value) => Bytes(value, provider);
        return topic switch
        {
            "Cpu" => $"{P(usage.CpuPercent)} % of {N(usage.VCpus)} {(usage.VCpus == 1 ? "vCPU" : "vCPUs")} ({N(usage.CpuUsed)} CPUs; guest {P(usage.GuestCpuPercent)} %)",
            "Ready" => $"{P(usage.CpuReadyPercent)} % (highest vCPU {P(usage.CpuReadyMaxPercent)} %; {N(usage.CpuReadyMs)} ms in 20 s)",
            "Load" => usage.Load1 is null ? None : $"{N(usage.Load1)}, {N(usage.Load5)}, {N(usage.Load15)} (queue {N(usage.CpuQueue)})",
            "Memory" => $"{B(usage.Memory)} (resident {B(usage.MemoryResident)})",
            "Guest" => $"{P(usage.MemoryUsedPercent)} % of {B(usage.MemoryVisible)} (cached {B(usage.MemoryCached)}, unused {B(usage.MemoryUnused)})",
            "Swap" => usage.SwapInBytesPerSecond is null && usage.MajorFaultsPerSecond is null ? None : $"in {B(usage.SwapInBytesPerSecond)}/s, out {B(usage.SwapOutBytesPerSecond)}/s, {N(usage.MajorFaultsPerSecond)} major faults/s",
            "Reads" => $"{N(usage.DiskReadIops)} IOPS, {B(usage.DiskReadBytesPerSecond)}/s, {N(usage.DiskReadLatencyMs)} ms",
            "Writes" => $"{N(usage.DiskWriteIops)} IOPS, {B(usage.DiskWriteBytesPerSecond)}/s, {N(usage.DiskWriteLatencyMs)} ms",
            "Flushes" => $"{N(usage.DiskFlushIops)} IOPS, {N(usage.DiskFlushLatencyMs)} ms",
            "Disks" => $"{N(usage.DiskQueueDepth)} reads and writes at the same time, {N(usage.DiskLatencyMs)} ms each",
            "Received" => $"{B(usage.NetworkReceiveBytesPerSecond)}/s, {N(usage.NetworkReceivePacketsPerSecond)} packets/s (dropped {N(usage.NetworkReceiveDropPercent)} %, errors {N(usage.NetworkReceiveErrorPercent)} %)",
            "Sent" => $"{B(usage.NetworkTransmitBytesPerSecond)}/s, {N(usage.NetworkTransmitPacketsPerSecond)} packets/s (dropped {N(usage.NetworkTransmitDropPercent)} %, errors {N(usage.NetworkTransmitErrorPercent)} %)",
            "Migration" => usage.MigrationPercent is null && usage.MigrationRemaining is null ? None : $"{P(usage.MigrationPercent)} %, {B(usage.MigrationRemaining)} left at {B(usage.MigrationBytesPerSecond)}/s, dirty {B(usage.MigrationDirtyBytesPerSecond)}/s: {Migration(usage, provider)}",
            "Interval" => usage.Interval is not { } interval ? "unknown: there was one look" : $"{ValueText.Of(interval.TotalSeconds, "second", provider)}{(usage.Restarted ? ", restarted in between" : usage.Refreshed == false ? ", not read anew in between" : "")}",
            _ => throw new ArgumentOutOfRangeException(nameof(topic), topic, null),
        };
    }
}
