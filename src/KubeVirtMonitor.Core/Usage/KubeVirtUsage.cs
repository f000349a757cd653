using KubeVirtMonitor.Usage;

namespace KubeVirtMonitor;

/// <summary>
/// What a machine, or all machines of a node, a namespace or a cluster, used over an interval between two scrapes. A figure is null where the families it is made of
/// are absent, where there was no earlier scrape, or where the counters began anew; it is never 0 for want of data. Of several machines, rates and amounts are sums,
/// and percentages and latencies are those of the sums.
/// </summary>
/// <remarks>
/// Sources: KubeVirt's pkg/monitoring/metrics/virt-handler/domainstats and libvirt's qemu_driver.c, which say what the families hold. KubeVirt caches the statistics of a machine
/// for 3 to 5 seconds and the balloon's for 10, so a rate over T seconds may be off by up to that part of T.
/// </remarks>
public class KubeVirtUsage
{
    private readonly UsageSums _sums;

    internal KubeVirtUsage(UsageSums sums)
    {
        _sums = sums;
    }

    private protected KubeVirtUsage(KubeVirtUsage other)
        : this(other._sums)
    {
        Scope = other.Scope;
        Namespace = other.Namespace;
        Vmi = other.Vmi;
        Node = other.Node;
        NamedCluster = other.NamedCluster;
        Session = other.Session;
        Timestamp = other.Timestamp;
        Interval = other.Interval;
        Refreshed = other.Refreshed;
        Restarted = other.Restarted;
        StatusAge = other.StatusAge;
        MigrationDuration = other.MigrationDuration;
        Moment = other.Moment;
    }

    /// <summary>What the figures are of: one machine, or the machines of a node, a namespace, a cluster.</summary>
    public UsageScope Scope { get; init; }

    /// <summary>The name of what the figures are of: the machine, the node, the namespace or the cluster; null where that is not known.</summary>
    public string? Name => Scope switch
    {
        UsageScope.Vmi => Vmi,
        UsageScope.Node => Node,
        UsageScope.Namespace => Namespace,
        _ => Cluster,
    };

    /// <summary>The namespace; null where the machines may be of several.</summary>
    public string? Namespace { get; init; }

    /// <summary>The machine, by the name that a VM and its instance share; null where the figures are of several.</summary>
    public string? Vmi { get; init; }

    /// <summary>The node; null where the machines may be on several, or it is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The cluster, as its session is shown, or as the series of a server with those of several clusters name it; null for files and addresses.</summary>
    public string? Cluster => NamedCluster ?? Session?.ToString();

    /// <summary>How many machines the figures are of.</summary>
    public int Machines => _sums.Machines;

    /// <summary>The end of the interval: when the later of the two scrapes was asked for, or the moment that a server was asked about.</summary>
    public DateTimeOffset Timestamp { get; init; }

    /// <summary>The time between the two scrapes, in seconds, over which rates are taken; of several machines the longest. Of a server, the time before <see cref="Timestamp"/> over which it took them. Null where there was no earlier scrape.</summary>
    public double? IntervalSeconds => Interval?.TotalSeconds;

    /// <summary>
    /// Whether KubeVirt read the statistics anew between the two scrapes: whether any counter of the machine moved. False is not idle: over less than 20 seconds the figures of counters are null then.
    /// Null where there was no earlier scrape, and of a server, whose intervals are long enough. Of several machines, whether it is true of any.
    /// </summary>
    public bool? Refreshed { get; init; }

    /// <summary>Whether counters fell between the two scrapes, because the machine was restarted or has migrated. Its figures of counters are null for this interval, except those of a server, which go on across it. Of several machines, whether it is true of any.</summary>
    public bool Restarted { get; init; }

    /// <summary>Virtual CPUs.</summary>
    public int? VCpus => (int?)_sums[UsageFigure.VCpus];

    /// <summary>Processor time that the QEMU process took, in CPUs of the node: by the guest, by the emulator and by its I/O threads.</summary>
    public double? CpuUsed => _sums[UsageFigure.CpuUsage];

    /// <summary><see cref="CpuUsed"/> as a percentage of the virtual CPUs. It can pass 100, since the emulator's threads are in it.</summary>
    public double? CpuPercent => 100 * UsageSums.Ratio(_sums[UsageFigure.CpuOfVCpus], _sums[UsageFigure.VCpusWithUsage]);

    /// <summary>What the virtual CPUs themselves ran, as a percentage of them.</summary>
    public double? GuestCpuPercent => 100 * UsageSums.Ratio(_sums[UsageFigure.VCpuRun], _sums[UsageFigure.VCpusWithRun]);

    /// <summary>The part of <see cref="CpuUsed"/> in user mode, which the guest's code is counted in.</summary>
    public double? CpuUser => _sums[UsageFigure.CpuUser];

    /// <summary>The part of <see cref="CpuUsed"/> in system mode.</summary>
    public double? CpuSystem => _sums[UsageFigure.CpuSystem];

    /// <summary>The part of <see cref="CpuUsed"/> that is not the virtual CPUs' own, in CPUs of the node.</summary>
    public double? CpuOverhead => _sums[UsageFigure.CpuOverhead];

    /// <summary>How long virtual CPUs were ready to run and waited for a CPU of the node, as a percentage of the time: the mean over them. vSphere calls it CPU ready, and the guest sees it as steal.</summary>
    public double? CpuReadyPercent => 100 * UsageSums.Ratio(_sums[UsageFigure.VCpuReady], _sums[UsageFigure.VCpusWithReady]);

    /// <summary>The same of the virtual CPU that waited longest.</summary>
    public double? CpuReadyMaxPercent => 100 * _sums[UsageFigure.VCpuReadyMax];

    /// <summary>Ready time as vSphere's cpu.ready.summation: milliseconds that all virtual CPUs together waited in 20 seconds.</summary>
    public double? CpuReadyMs => 20_000 * _sums[UsageFigure.VCpuReady];

    /// <summary>Load average of the guest over 1 minute. It needs a guest agent, and is up to 2 minutes old.</summary>
    public double? Load1 => _sums[UsageFigure.Load1];

    /// <summary>Load average of the guest over 5 minutes.</summary>
    public double? Load5 => _sums[UsageFigure.Load5];

    /// <summary>Load average of the guest over 15 minutes.</summary>
    public double? Load15 => _sums[UsageFigure.Load15];

    /// <summary>Tasks that wait in the guest: the part of <see cref="Load1"/> above the number of virtual CPUs.</summary>
    public double? CpuQueue => _sums[UsageFigure.CpuQueue];

    /// <summary>Memory of the machine as libvirt has it, in bytes: what the balloon leaves.</summary>
    public double? Memory => _sums[UsageFigure.MemoryDomain];

    /// <summary>Memory in use in the guest, in bytes: what it sees, less what it could give up without swapping.</summary>
    public double? MemoryUsed => _sums[UsageFigure.MemoryUsed];

    /// <summary><see cref="MemoryUsed"/> as a percentage of what the guest sees.</summary>
    public double? MemoryUsedPercent => 100 * UsageSums.Ratio(_sums[UsageFigure.MemoryUsed], _sums[UsageFigure.MemoryOfUsed]);

    /// <summary>Memory that the guest sees, in bytes; less than <see cref="Memory"/> by what it reserves at boot.</summary>
    public double? MemoryVisible => _sums[UsageFigure.MemoryAvailable];

    /// <summary>Memory that the guest could give up without swapping, in bytes.</summary>
    public double? MemoryUsable => _sums[UsageFigure.MemoryUsable];

    /// <summary>Memory that the guest does not use at all, in bytes.</summary>
    public double? MemoryUnused => _sums[UsageFigure.MemoryUnused];

    /// <summary>Memory that the guest uses for caches, in bytes.</summary>
    public double? MemoryCached => _sums[UsageFigure.MemoryCached];

    /// <summary>Memory that the balloon holds back from the guest, in bytes. It needs the configured memory, which virt-controller serves since KubeVirt 1.8.</summary>
    public double? MemoryBallooned => _sums[UsageFigure.MemoryBallooned];

    /// <summary>Memory that the QEMU process occupies on the node, in bytes; with what QEMU itself needs, so it may be more than <see cref="Memory"/>.</summary>
    public double? MemoryResident => _sums[UsageFigure.MemoryResident];

    /// <summary><see cref="MemoryResident"/> as a percentage of <see cref="Memory"/>.</summary>
    public double? MemoryResidentPercent => 100 * UsageSums.Ratio(_sums[UsageFigure.MemoryResident], _sums[UsageFigure.DomainOfResident]);

    /// <summary>Memory that KubeVirt expects the launcher to need beside the guest's, in bytes. Of virt-controller.</summary>
    public double? MemoryOverheadExpected => _sums[UsageFigure.LauncherOverhead];

    /// <summary>Bytes a second that the guest read from its swap space. Null over less than 20 seconds, because they are counted every 10.</summary>
    public double? SwapInBytesPerSecond => _sums[UsageFigure.SwapIn];

    /// <summary>Bytes a second that the guest wrote to its swap space. Null over less than 20 seconds.</summary>
    public double? SwapOutBytesPerSecond => _sums[UsageFigure.SwapOut];

    /// <summary>Page faults a second that read from disk. Null over less than 20 seconds.</summary>
    public double? MajorFaultsPerSecond => _sums[UsageFigure.MajorFaults];

    /// <summary>Page faults a second that did not read from disk. Null over less than 20 seconds.</summary>
    public double? MinorFaultsPerSecond => _sums[UsageFigure.MinorFaults];

    /// <summary>Bytes of memory a second that the guest changes, as KubeVirt sampled it for a second; absent while the machine migrates.</summary>
    public double? DirtyBytesPerSecond => _sums[UsageFigure.DirtyRate];

    /// <summary>Read operations a second.</summary>
    public double? DiskReadIops => _sums[UsageFigure.ReadOperations];

    /// <summary>Write operations a second.</summary>
    public double? DiskWriteIops => _sums[UsageFigure.WriteOperations];

    /// <summary>Flushes a second.</summary>
    public double? DiskFlushIops => _sums[UsageFigure.Flushes];

    /// <summary>Bytes read a second.</summary>
    public double? DiskReadBytesPerSecond => _sums[UsageFigure.ReadBytes];

    /// <summary>Bytes written a second.</summary>
    public double? DiskWriteBytesPerSecond => _sums[UsageFigure.WriteBytes];

    /// <summary>Mean time of a read, in milliseconds; null where nothing was read. Of several drives, all times divided by all reads.</summary>
    public double? DiskReadLatencyMs => 1000 * UsageSums.Ratio(_sums[UsageFigure.ReadTime], _sums[UsageFigure.ReadOperations]);

    /// <summary>Mean time of a write, in milliseconds; null where nothing was written.</summary>
    public double? DiskWriteLatencyMs => 1000 * UsageSums.Ratio(_sums[UsageFigure.WriteTime], _sums[UsageFigure.WriteOperations]);

    /// <summary>Mean time of a flush, in milliseconds; null where nothing was flushed.</summary>
    public double? DiskFlushLatencyMs => 1000 * UsageSums.Ratio(_sums[UsageFigure.FlushTime], _sums[UsageFigure.Flushes]);

    /// <summary>Mean time of a read or write, in milliseconds; null where there was none.</summary>
    public double? DiskLatencyMs => 1000 * UsageSums.Ratio(_sums[UsageFigure.ReadTime] + _sums[UsageFigure.WriteTime], _sums[UsageFigure.ReadOperations] + _sums[UsageFigure.WriteOperations]);

    /// <summary>Reads and writes that were under way at the same time, on average.</summary>
    public double? DiskQueueDepth => _sums[UsageFigure.ReadTime] + _sums[UsageFigure.WriteTime];

    /// <summary>Mean size of a read, in bytes; null where nothing was read.</summary>
    public double? DiskReadSize => UsageSums.Ratio(_sums[UsageFigure.ReadBytes], _sums[UsageFigure.ReadOperations]);

    /// <summary>Mean size of a write, in bytes; null where nothing was written.</summary>
    public double? DiskWriteSize => UsageSums.Ratio(_sums[UsageFigure.WriteBytes], _sums[UsageFigure.WriteOperations]);

    /// <summary>Bytes received a second.</summary>
    public double? NetworkReceiveBytesPerSecond => _sums[UsageFigure.ReceivedBytes];

    /// <summary>Bytes sent a second.</summary>
    public double? NetworkTransmitBytesPerSecond => _sums[UsageFigure.SentBytes];

    /// <summary>Packets received a second.</summary>
    public double? NetworkReceivePacketsPerSecond => _sums[UsageFigure.ReceivedPackets];

    /// <summary>Packets sent a second.</summary>
    public double? NetworkTransmitPacketsPerSecond => _sums[UsageFigure.SentPackets];

    /// <summary>Packets that could not be received because of errors, as a percentage of all that came; null where none came.</summary>
    public double? NetworkReceiveErrorPercent => UsageSums.Share(_sums[UsageFigure.ReceiveErrors], _sums[UsageFigure.ReceivedPackets]);

    /// <summary>Packets that could not be sent because of errors, as a percentage of all that were to be sent.</summary>
    public double? NetworkTransmitErrorPercent => UsageSums.Share(_sums[UsageFigure.SendErrors], _sums[UsageFigure.SentPackets]);

    /// <summary>Packets that were dropped instead of received, as a percentage of all that came.</summary>
    public double? NetworkReceiveDropPercent => UsageSums.Share(_sums[UsageFigure.ReceiveDrops], _sums[UsageFigure.ReceivedPackets]);

    /// <summary>Packets that were dropped instead of sent, as a percentage of all that were to be sent.</summary>
    public double? NetworkTransmitDropPercent => UsageSums.Share(_sums[UsageFigure.SendDrops], _sums[UsageFigure.SentPackets]);

    /// <summary>Space in use on the fullest file system of the guest, as a percentage. It needs a guest agent, and is up to 5 minutes old. Pseudo file systems do not count.</summary>
    public double? FileSystemMaxPercent => _sums[UsageFigure.FileSystemMax];

    /// <summary>How far the running migration is, as a percentage; it falls back when the guest changes memory that was moved already. Null while none runs, and of several machines.</summary>
    public double? MigrationPercent => Scope == UsageScope.Vmi ? _sums.MigrationPercent : null;

    /// <summary>Bytes that the running migration still has to move.</summary>
    public double? MigrationRemaining => _sums[UsageFigure.MigrationRemaining];

    /// <summary>Bytes that the running migration has moved.</summary>
    public double? MigrationProcessed => _sums[UsageFigure.MigrationProcessed];

    /// <summary>Bytes of memory a second that the running migration moves.</summary>
    public double? MigrationBytesPerSecond => _sums[UsageFigure.MigrationRate];

    /// <summary>Bytes of memory a second that the guest changes while it migrates.</summary>
    public double? MigrationDirtyBytesPerSecond => _sums[UsageFigure.MigrationDirtyRate];

    /// <summary>Whether the running migration moves memory faster than the guest changes it, and so comes to an end. Null while none runs, and of several machines.</summary>
    public bool? MigrationConverges => Scope == UsageScope.Vmi ? _sums.MigrationConverges : null;

    /// <summary>How long the running migration will take at this pace, in seconds; null while none runs, where it does not converge, and of several machines.</summary>
    public double? MigrationSecondsLeft => MigrationTimeLeft?.TotalSeconds;

    /// <summary>How long the last migration took, or the running one has taken so far, in seconds. Of virt-controller, since KubeVirt 1.4.1.</summary>
    public double? MigrationSeconds => MigrationDuration?.TotalSeconds;

    /// <summary>How long the VM has been in its status, in seconds. Of virt-controller.</summary>
    public double? StatusSeconds => StatusAge?.TotalSeconds;

    /// <summary>The time between the two scrapes; null where there was no earlier one.</summary>
    internal TimeSpan? Interval { get; init; }

    /// <summary>How long the running migration will take at this pace.</summary>
    internal TimeSpan? MigrationTimeLeft => Scope == UsageScope.Vmi ? _sums.MigrationTimeLeft : null;

    /// <summary>How long the last migration took, or the running one has taken so far.</summary>
    internal TimeSpan? MigrationDuration { get; init; }

    /// <summary>How long the VM has been in its status.</summary>
    internal TimeSpan? StatusAge { get; init; }

    /// <summary>The look that it is of: its cluster, when it was, and over what time.</summary>
    internal UsageMoment? Moment { get; set; }

    /// <summary>The cluster that its series name; null where they name none.</summary>
    internal string? NamedCluster { get; init; }

    /// <summary>The session through which it was read; null for files, text and addresses.</summary>
    internal KubeVirtSession? Session { get; init; }

    /// <summary>The sums that the figures are made of.</summary>
    internal UsageSums Sums => _sums;

    /// <inheritdoc/>
    public override string ToString() => Scope switch
    {
        UsageScope.Vmi => $"{Namespace}/{Vmi}",
        UsageScope.Node => Node ?? "(no node)",
        UsageScope.Namespace => Namespace ?? "(no namespace)",
        _ => Cluster ?? "(no cluster)",
    };
}

/// <summary>Usage at one of several moments, from a server that stores values. It is a type of its own so that it has a view of its own, which shows figures over time.</summary>
internal sealed class TimedUsage : KubeVirtUsage
{
    internal TimedUsage(KubeVirtUsage usage)
        : base(usage)
    {
    }
}

/// <summary>What usage is of.</summary>
public enum UsageScope
{
    /// <summary>One machine.</summary>
    Vmi,

    /// <summary>The machines of a node.</summary>
    Node,

    /// <summary>The machines of a namespace.</summary>
    Namespace,

    /// <summary>The machines of a cluster.</summary>
    Cluster,
}
