namespace KubeVirtMonitor.Usage;

/// <summary>
/// The rates and amounts of one machine or device, or the sums of several, by figure; NaN where there is nothing. Everything that is shown is made of them, so that what is true
/// of one machine is worked out for many by the same formula: a latency is all times divided by all operations, and never a mean of means.
/// </summary>
internal sealed class UsageSums
{
    private static readonly int Count = Enum.GetValues<UsageFigure>().Length;

    private readonly double[] _values = new double[Count];

    /// <summary>Nothing yet.</summary>
    public UsageSums() => Array.Fill(_values, double.NaN);

    /// <summary>How many machines they are of.</summary>
    public int Machines { get; set; } = 1;

    /// <summary>A figure; null where there is none.</summary>
    public double? this[UsageFigure figure] => double.IsNaN(_values[(int)figure]) ? null : _values[(int)figure];

    /// <summary>How far a migration is, in percent.</summary>
    public double? MigrationPercent
    {
        get
        {
            double? remaining = this[UsageFigure.MigrationRemaining];
            return this[UsageFigure.MigrationTotal] is > 0 and { } total
                ? 100 * (total - remaining) / total
                : 100 * Ratio(this[UsageFigure.MigrationProcessed], this[UsageFigure.MigrationProcessed] + remaining);
        }
    }

    /// <summary>Whether a migration moves memory faster than it is changed.</summary>
    public bool? MigrationConverges => this[UsageFigure.MigrationRemaining] is null || Gain is not { } gain ? null : gain > 0 || this[UsageFigure.MigrationRemaining] == 0;

    /// <summary>How long a migration will take at its pace.</summary>
    public TimeSpan? MigrationTimeLeft => MigrationConverges != true ? null : this[UsageFigure.MigrationRemaining] == 0 ? TimeSpan.Zero : Seconds(this[UsageFigure.MigrationRemaining]!.Value / Gain!.Value);

    // Bytes a second by which the rest becomes less.
    private double? Gain => this[UsageFigure.MigrationRate] - (this[UsageFigure.MigrationDirtyRate] ?? 0);

    /// <summary>A quotient; null where it has no value.</summary>
    public static double? Ratio(double? of, double? by) => by is null or 0 ? null : of / by;

    /// <summary>A part of all, in percent; null where there is nothing.</summary>
    public static double? Share(double? part, double? others) => 100 * Ratio(part, part + others);

    /// <summary>A number of seconds that is no longer than a time can be.</summary>
    public static TimeSpan Seconds(double seconds) => seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue;

    /// <summary>Sets a figure.</summary>
    public void Set(UsageFigure figure, double value) => _values[(int)figure] = value;

    /// <summary>Adds to a figure; the larger counts of those that are highest values.</summary>
    public void Add(UsageFigure figure, double value)
    {
        if (double.IsNaN(value)) return;
        ref double sum = ref _values[(int)figure];
        if (double.IsNaN(sum)) sum = value;
        else if (IsHighest(figure)) sum = Math.Max(sum, value);
        else sum += value;
    }

    /// <summary>Adds the figures of another machine.</summary>
    public void Add(UsageSums other)
    {
        Machines += other.Machines;
        for (int i = 0; i < Count; i++) Add((UsageFigure)i, other._values[i]);
    }

    /// <summary>The sums of several.</summary>
    public static UsageSums Of(IEnumerable<UsageSums> each)
    {
        UsageSums sums = new() { Machines = 0 };
        foreach (UsageSums one in each) sums.Add(one);
        return sums;
    }

    private static bool IsHighest(UsageFigure figure) => figure is UsageFigure.VCpuReadyMax or UsageFigure.FileSystemMax;
}

/// <summary>What usage is made of. Counters are per second, gauges as they are, times in seconds.</summary>
internal enum UsageFigure
{
    VCpus,
    CpuUsage,
    CpuUser,
    CpuSystem,
    VCpuRun,
    VCpuReady,
    VCpusWithUsage,
    VCpusWithRun,
    VCpusWithReady,
    VCpuReadyMax,
    Load1,
    Load5,
    Load15,
    CpuQueue,
    CpuOfVCpus,
    CpuOverhead,
    MemoryDomain,
    MemoryAvailable,
    MemoryUsable,
    MemoryUnused,
    MemoryCached,
    MemoryBalloon,
    MemoryBallooned,
    MemoryUsed,
    MemoryOfUsed,
    DomainOfResident,
    MemoryResident,
    LauncherOverhead,
    SwapIn,
    SwapOut,
    MajorFaults,
    MinorFaults,
    DirtyRate,
    ReadOperations,
    WriteOperations,
    Flushes,
    ReadBytes,
    WriteBytes,
    ReadTime,
    WriteTime,
    FlushTime,
    ReceivedBytes,
    SentBytes,
    ReceivedPackets,
    SentPackets,
    ReceiveErrors,
    SendErrors,
    ReceiveDrops,
    SendDrops,
    FileSystemMax,
    FileSystemUsed,
    FileSystemCapacity,
    MigrationProcessed,
    MigrationRemaining,
    MigrationTotal,
    MigrationRate,
    MigrationDirtyRate,
}
