namespace KubeVirtMonitor.Simulator;

/// <summary>
/// What a known load makes of a series. All numbers are in the units of <see cref="SeriesValue.Start"/>, which are nanoseconds for times; null = the load does not say it.
/// </summary>
internal abstract record LoadRule
{
    /// <summary>A counter that grows by so much each second.</summary>
    public static LoadRule Rate(Func<MachineLoad, VmiPart, decimal?> perSecond) => new RateRule(perSecond);

    /// <summary>A gauge.</summary>
    public static LoadRule Level(Func<MachineLoad, VmiPart, decimal?> level) => new LevelRule(level);

    /// <summary>A counter that grows by the same amount with each operation of another one, whole operations only.</summary>
    /// <param name="operations">The operations by default.</param>
    /// <param name="perSecond">How many there are each second.</param>
    /// <param name="amount">What each of them adds.</param>
    /// <param name="byDefault">The same where operations are given and it is not.</param>
    public static LoadRule Each(Func<VmiPart, SeriesValue> operations, Func<MachineLoad, VmiPart, decimal?> perSecond, Func<MachineLoad, VmiPart, decimal?> amount, decimal byDefault) =>
        new EachRule(operations, perSecond, amount, byDefault);

    /// <summary>The value at a moment.</summary>
    public abstract long At(in SeriesValue value, VmiPart part, long ticks);

    /// <summary>A value that no load changes.</summary>
    public static long Plain(in SeriesValue value, VmiPart part, long ticks) =>
        value.Wave == Wave.Counter && part.BeganAnew ? (value with { Start = 0 }).AtTicks(Math.Max(0, ticks - part.Began)) : value.AtTicks(ticks);

    /// <summary>A count at a moment, not rounded: what it began with, and for each second of each load what it says, else what is usual.</summary>
    private static decimal Count(in SeriesValue value, VmiPart part, long ticks, Func<MachineLoad, VmiPart, decimal?> perSecond)
    {
        decimal usual = value.Wave == Wave.Counter ? value.Rate : 0;
        decimal total = part.BeganAnew ? 0 : value.Start;
        foreach ((long from, long to, MachineLoad load) in part.Spans(ticks)) total += (perSecond(load, part) ?? usual) * (to - from) / TimeSpan.TicksPerSecond;
        return total;
    }

    private sealed record RateRule(Func<MachineLoad, VmiPart, decimal?> PerSecond) : LoadRule
    {
        public override long At(in SeriesValue value, VmiPart part, long ticks) => value.Scale((long)Math.Floor(Count(value, part, ticks, PerSecond)));
    }

    private sealed record LevelRule(Func<MachineLoad, VmiPart, decimal?> Value) : LoadRule
    {
        public override long At(in SeriesValue value, VmiPart part, long ticks) => Value(part.Run!.LoadAt(ticks), part) is { } level ? value.Scale((long)Math.Floor(level)) : Plain(value, part, ticks);
    }

    private sealed record EachRule(Func<VmiPart, SeriesValue> Operations, Func<MachineLoad, VmiPart, decimal?> PerSecond, Func<MachineLoad, VmiPart, decimal?> Amount, decimal ByDefault) : LoadRule
    {
        public override long At(in SeriesValue value, VmiPart part, long ticks)
        {
            SeriesValue operations = Operations(part);
            decimal total = part.BeganAnew ? 0 : value.Start;
            foreach ((long from, long to, MachineLoad load) in part.Spans(ticks))
            {
                decimal? amount = Amount(load, part);
                if (amount is null && PerSecond(load, part) is null) total += (decimal)value.Rate * (to - from) / TimeSpan.TicksPerSecond;
                else total += (Math.Floor(Count(operations, part, to, PerSecond)) - Math.Floor(Count(operations, part, from, PerSecond))) * (amount ?? ByDefault);
            }

            return value.Scale((long)Math.Floor(total));
        }
    }
}

/// <summary>Which of the moments of a look a series shows.</summary>
internal enum Freshness : byte
{
    Domain,
    Balloon,
    Guest,
    FileSystems,
    DirtyRate,
}
