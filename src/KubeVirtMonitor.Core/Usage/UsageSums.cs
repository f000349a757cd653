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

    /// <summary>The part of the time in which the machine was there, by which its rates count among those of others.</summary>
    public double Part { get; set; } = 1;

    /// <summary>Whether its gauges do too, because they are means over that time.</summary>
    public bool PartHasGauges { get; init; }

    /// <summary>Takes each figure that is read; null = nobody wants to know.</summary>
    public Action<UsageFigure>? Asked { get; init; }

    /// <summary>A figure; null where there is none.</summary>
    public double? this[UsageFigure figure]
    {
        get
        {
            Asked?.Invoke(figure);
            return double.IsNaN(_values[(int)figure]) ? null : _values[(int)figure];
        }
    }

    /// <summary>Whether there is no figure.</summary>
    public bool IsEmpty => Array.TrueForAll(_values, double.IsNaN);

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
        for (int i = 0; i < Count; i++) Add((UsageFigure)i, other._values[i] * other.PartOf((UsageFigure)i));
    }

    /// <summary>The sums of several.</summary>
    public static UsageSums Of(IEnumerable<UsageSums> each)
    {
        UsageSums sums = new() { Machines = 0 };
        foreach (UsageSums one in each) sums.Add(one);
        return sums;
    }

    /// <summary>Works out what is made of several figures of one machine, so that of many machines only those count that have all of them.</summary>
    /// <param name="figures">Those that can be known; null = all.</param>
    public void Derive(DerivedFigure[]? figures = null)
    {
        foreach (DerivedFigure derived in figures ?? DerivedFigure.All)
        {
            if (derived.Value(this) is { } value) Set(derived.Figure, value);
        }
    }

    private double PartOf(UsageFigure figure) => Part.Equals(1d) || figure == UsageFigure.VCpus || IsHighest(figure) || (!PartHasGauges && IsGauge(figure)) ? 1 : Part;

    private static bool IsGauge(UsageFigure figure) => figure is UsageFigure.Load1 or UsageFigure.Load5 or UsageFigure.Load15 or UsageFigure.CpuQueue or (>= UsageFigure.MemoryDomain and <= UsageFigure.LauncherOverhead)
        or UsageFigure.DirtyRate or >= UsageFigure.FileSystemMax;

    private static bool IsHighest(UsageFigure figure) => figure is UsageFigure.VCpuReadyMax or UsageFigure.FileSystemMax;
}

/// <summary>A figure of a machine that is made of others of it.</summary>
/// <param name="Figure">The figure.</param>
/// <param name="Of">What it is made of.</param>
/// <param name="Value">How; null where it cannot be.</param>
internal sealed record DerivedFigure(UsageFigure Figure, UsageFigure[] Of, Func<UsageSums, double?> Value)
{
    /// <summary>All that there are. None is made of another one.</summary>
    public static DerivedFigure[] All { get; } =
    [
        new(UsageFigure.VCpusWithUsage, [UsageFigure.VCpus, UsageFigure.CpuUsage], static sums => sums[UsageFigure.CpuUsage] is null ? null : sums[UsageFigure.VCpus]),
        new(UsageFigure.CpuOfVCpus, [UsageFigure.VCpus, UsageFigure.CpuUsage], static sums => sums[UsageFigure.VCpus] is null ? null : sums[UsageFigure.CpuUsage]),
        new(UsageFigure.CpuOverhead, [UsageFigure.CpuUsage, UsageFigure.VCpuRun], static sums => AtLeastNothing(sums[UsageFigure.CpuUsage] - sums[UsageFigure.VCpuRun])),
        new(UsageFigure.CpuQueue, [UsageFigure.Load1, UsageFigure.VCpus], static sums => AtLeastNothing(sums[UsageFigure.Load1] - sums[UsageFigure.VCpus])),
        new(UsageFigure.MemoryUsed, [UsageFigure.MemoryAvailable, UsageFigure.MemoryUsable], static sums => sums[UsageFigure.MemoryAvailable] - sums[UsageFigure.MemoryUsable]),
        new(UsageFigure.MemoryOfUsed, [UsageFigure.MemoryAvailable, UsageFigure.MemoryUsable], static sums => sums[UsageFigure.MemoryUsable] is null ? null : sums[UsageFigure.MemoryAvailable]),
        new(UsageFigure.DomainOfResident, [UsageFigure.MemoryDomain, UsageFigure.MemoryResident], static sums => sums[UsageFigure.MemoryResident] is null ? null : sums[UsageFigure.MemoryDomain]),
    ];

    private static double? AtLeastNothing(double? value) => value is { } known ? Math.Max(known, 0) : null;
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
