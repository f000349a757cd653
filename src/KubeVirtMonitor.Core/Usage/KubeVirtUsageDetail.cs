using KubeVirtMonitor.Usage;

namespace KubeVirtMonitor;

/// <summary>What one virtual CPU, drive, network interface or file system of a machine did over an interval between two scrapes. What does not apply to its kind, and what is not known, is null.</summary>
public sealed class KubeVirtUsageDetail
{
    private readonly UsageSums _sums;

    internal KubeVirtUsageDetail(UsageSums sums)
    {
        _sums = sums;
    }

    /// <summary>What it is.</summary>
    public required UsageDevice Kind { get; init; }

    /// <summary>Which: the number of a virtual CPU, the name of a disk, the name of a network, the mount point of a file system.</summary>
    public required string Device { get; init; }

    /// <summary>The namespace.</summary>
    public string? Namespace { get; init; }

    /// <summary>The machine, by the name that a VM and its instance share.</summary>
    public string? Vmi { get; init; }

    /// <summary>The node; null where it is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The cluster, as its session is shown, or as the series of a server with those of several clusters name it; null for files and addresses.</summary>
    public string? Cluster => NamedCluster ?? Session?.ToString();

    /// <summary>The end of the interval.</summary>
    public DateTimeOffset Timestamp { get; init; }

    /// <summary>The time between the two scrapes, in seconds; null where there was no earlier scrape.</summary>
    public double? IntervalSeconds => Interval?.TotalSeconds;

    /// <summary>The time between the two scrapes; null where there was no earlier one.</summary>
    internal TimeSpan? Interval { get; init; }

    /// <summary>Of a virtual CPU: how long it ran, as a percentage of the time.</summary>
    public double? RunPercent => 100 * _sums[UsageFigure.VCpuRun];

    /// <summary>Of a virtual CPU: how long it was ready and waited for a CPU of the node, as a percentage of the time.</summary>
    public double? ReadyPercent => 100 * _sums[UsageFigure.VCpuReady];

    /// <summary>Of a virtual CPU: the rest of the time, in which it was idle or blocked; waiting for disks is in it.</summary>
    public double? IdlePercent => 100 - RunPercent - ReadyPercent is { } rest ? Math.Max(rest, 0) : null;

    /// <summary>Of a drive: read operations a second.</summary>
    public double? ReadIops => _sums[UsageFigure.ReadOperations];

    /// <summary>Of a drive: write operations a second.</summary>
    public double? WriteIops => _sums[UsageFigure.WriteOperations];

    /// <summary>Of a drive: flushes a second.</summary>
    public double? FlushIops => _sums[UsageFigure.Flushes];

    /// <summary>Of a drive: bytes read a second.</summary>
    public double? ReadBytesPerSecond => _sums[UsageFigure.ReadBytes];

    /// <summary>Of a drive: bytes written a second.</summary>
    public double? WriteBytesPerSecond => _sums[UsageFigure.WriteBytes];

    /// <summary>Of a drive: mean time of a read, in milliseconds.</summary>
    public double? ReadLatencyMs => 1000 * UsageSums.Ratio(_sums[UsageFigure.ReadTime], _sums[UsageFigure.ReadOperations]);

    /// <summary>Of a drive: mean time of a write, in milliseconds.</summary>
    public double? WriteLatencyMs => 1000 * UsageSums.Ratio(_sums[UsageFigure.WriteTime], _sums[UsageFigure.WriteOperations]);

    /// <summary>Of a drive: mean time of a flush, in milliseconds.</summary>
    public double? FlushLatencyMs => 1000 * UsageSums.Ratio(_sums[UsageFigure.FlushTime], _sums[UsageFigure.Flushes]);

    /// <summary>Of a drive: reads and writes that were under way at the same time, on average.</summary>
    public double? QueueDepth => _sums[UsageFigure.ReadTime] + _sums[UsageFigure.WriteTime];

    /// <summary>Of a drive: mean size of a read, in bytes.</summary>
    public double? ReadSize => UsageSums.Ratio(_sums[UsageFigure.ReadBytes], _sums[UsageFigure.ReadOperations]);

    /// <summary>Of a drive: mean size of a write, in bytes.</summary>
    public double? WriteSize => UsageSums.Ratio(_sums[UsageFigure.WriteBytes], _sums[UsageFigure.WriteOperations]);

    /// <summary>Of an interface: bytes received a second.</summary>
    public double? ReceiveBytesPerSecond => _sums[UsageFigure.ReceivedBytes];

    /// <summary>Of an interface: bytes sent a second.</summary>
    public double? TransmitBytesPerSecond => _sums[UsageFigure.SentBytes];

    /// <summary>Of an interface: packets received a second.</summary>
    public double? ReceivePacketsPerSecond => _sums[UsageFigure.ReceivedPackets];

    /// <summary>Of an interface: packets sent a second.</summary>
    public double? TransmitPacketsPerSecond => _sums[UsageFigure.SentPackets];

    /// <summary>Of an interface: packets that could not be received because of errors, as a percentage of all that came.</summary>
    public double? ReceiveErrorPercent => UsageSums.Share(_sums[UsageFigure.ReceiveErrors], _sums[UsageFigure.ReceivedPackets]);

    /// <summary>Of an interface: packets that could not be sent because of errors, as a percentage of all that were to be sent.</summary>
    public double? TransmitErrorPercent => UsageSums.Share(_sums[UsageFigure.SendErrors], _sums[UsageFigure.SentPackets]);

    /// <summary>Of an interface: packets that were dropped instead of received, as a percentage of all that came.</summary>
    public double? ReceiveDropPercent => UsageSums.Share(_sums[UsageFigure.ReceiveDrops], _sums[UsageFigure.ReceivedPackets]);

    /// <summary>Of an interface: packets that were dropped instead of sent, as a percentage of all that were to be sent.</summary>
    public double? TransmitDropPercent => UsageSums.Share(_sums[UsageFigure.SendDrops], _sums[UsageFigure.SentPackets]);

    /// <summary>Of a file system: space in use, in bytes.</summary>
    public double? Used => _sums[UsageFigure.FileSystemUsed];

    /// <summary>Of a file system: its size, in bytes.</summary>
    public double? Capacity => _sums[UsageFigure.FileSystemCapacity];

    /// <summary>Of a file system: space in use, as a percentage; null where it has no size.</summary>
    public double? UsedPercent => 100 * UsageSums.Ratio(Used, Capacity);

    /// <summary>Of a file system: its type, such as xfs.</summary>
    public string? FileSystemType { get; init; }

    /// <summary>Of a file system: the disk of the guest that it is on.</summary>
    public string? Disk { get; init; }

    /// <summary>Whether it is of one of several moments, from a server that stores values.</summary>
    internal bool IsTimed { get; init; }

    /// <summary>The cluster that its series name; null where they name none.</summary>
    internal string? NamedCluster { get; init; }

    /// <summary>The session through which it was read; null for files, text and addresses.</summary>
    internal KubeVirtSession? Session { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Vmi} {Kind} {Device}";
}

/// <summary>The parts of a machine that have figures of their own.</summary>
public enum UsageDevice
{
    /// <summary>A virtual CPU.</summary>
    VCpu,

    /// <summary>A drive.</summary>
    Drive,

    /// <summary>A network interface.</summary>
    Interface,

    /// <summary>A file system of the guest.</summary>
    FileSystem,
}
