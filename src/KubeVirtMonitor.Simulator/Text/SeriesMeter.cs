namespace KubeVirtMonitor.Simulator;

/// <summary>Reads a series whose value is more than a function of the whole seconds.</summary>
internal abstract class SeriesMeter
{
    /// <summary>Reads it as a look shows it.</summary>
    /// <param name="value">The value that it would have by default.</param>
    /// <param name="look">The look.</param>
    /// <param name="reading">The value, in units of 10^−decimals.</param>
    /// <param name="milliseconds">The time of a line with a time of its own, in milliseconds since 1970.</param>
    /// <returns>False where there is no such line in this look.</returns>
    public abstract bool TryRead(in SeriesValue value, ScrapeLook look, out long reading, out long? milliseconds);
}

/// <summary>What one scrape of a pod shows: the moment, and of each machine and migration what it knows of them then. It stays the same while the scrape is written.</summary>
/// <param name="Ticks">The time since the start of the cluster, in whole seconds where nothing asks for more.</param>
/// <param name="Now">The same time, exactly.</param>
/// <param name="Machines">The moments of the machines, in the order of the plan.</param>
/// <param name="Migrations">The measurements of the migrations, in the order of the plan.</param>
/// <param name="Start">The start of the cluster.</param>
internal sealed record ScrapeLook(long Ticks, long Now, MachineMoments[] Machines, IReadOnlyList<long[]> Migrations, DateTimeOffset Start);

/// <summary>Reads a series of a machine whose process is followed.</summary>
internal sealed class MachineMeter(int slot, VmiPart part, LoadRule? rule, Freshness freshness) : SeriesMeter
{
    public override bool TryRead(in SeriesValue value, ScrapeLook look, out long reading, out long? milliseconds)
    {
        ref readonly MachineMoments moments = ref look.Machines[slot];
        long ticks = freshness switch
        {
            Freshness.Balloon => moments.Balloon,
            Freshness.Guest => moments.Guest,
            Freshness.FileSystems => moments.FileSystems,
            Freshness.DirtyRate => moments.DirtyRate,
            _ => moments.Domain,
        };
        reading = rule is null ? LoadRule.Plain(value, part, ticks) : rule.At(value, part, ticks);
        milliseconds = null;
        return true;
    }
}

/// <summary>Reads a series of a process that was started again: its counters begin with zero.</summary>
internal sealed class RestartedMeter(long began) : SeriesMeter
{
    public override bool TryRead(in SeriesValue value, ScrapeLook look, out long reading, out long? milliseconds)
    {
        reading = value.Wave == Wave.Counter ? (value with { Start = 0 }).AtTicks(Math.Max(0, look.Ticks - began)) : value.AtTicks(look.Ticks);
        milliseconds = null;
        return true;
    }
}
