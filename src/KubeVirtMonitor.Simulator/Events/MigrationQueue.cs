namespace KubeVirtMonitor.Simulator;

/// <summary>
/// The measurements of a migration as a virt-handler collects them: one at the beginning and one every five seconds, in a ring of ten. What is written in takes the place that the
/// ring stands at, and each look turns the ring by one place and empties nothing: so a measurement is told again and again, the oldest is not always the one that goes, and they
/// come in the order of the ring. Once the migration is over, they are told one last time. Source: migrationdomainstats/queue.go, whose <c>Unlink(Len())</c> takes nothing out.
/// </summary>
internal sealed class MigrationQueue(SimulatedMigration migration, long began)
{
    private const int Places = 10;
    private const long Period = 5 * TimeSpan.TicksPerSecond;

    private readonly Lock _lock = new();
    private readonly long?[] _ring = new long?[Places];
    private int _at;
    private long _next = began;
    private long _ended = long.MaxValue;

    public SimulatedMigration Migration => migration;

    public KnownTransfer Transfer => migration.Transfer!;

    public long Began { get; } = began;

    /// <summary>Whether the last look was the last one.</summary>
    public bool IsOver { get; private set; }

    public void End(long ticks)
    {
        lock (_lock) _ended = ticks;
    }

    /// <summary>Looks: the times of the measurements in the order in which they are told.</summary>
    public long[] Look(long now)
    {
        lock (_lock)
        {
            for (; _next <= now && _next < _ended; _next += Period)
            {
                _ring[_at] = _next;
                _at = (_at + 1) % Places;
            }

            long[] told = [.. Enumerable.Range(0, Places).Select(i => _ring[(_at + i) % Places]).OfType<long>()];
            _at = (_at + 1) % Places;
            IsOver = now >= _ended;
            return told;
        }
    }
}

/// <summary>Reads a measurement of a migration.</summary>
/// <param name="queue">The number of the migration in the plan.</param>
/// <param name="place">The number of the measurement in a look; null = the present value, without a time.</param>
/// <param name="began">When the migration began.</param>
/// <param name="measure">The value after a time.</param>
internal sealed class MigrationMeter(int queue, int? place, long began, Func<TimeSpan, long> measure) : SeriesMeter
{
    public override bool TryRead(in SeriesValue value, ScrapeLook look, out long reading, out long? milliseconds)
    {
        long[] told = look.Migrations[queue];
        (reading, milliseconds) = (0, null);
        if (place >= told.Length) return false;
        long ticks = place is { } index ? told[index] : look.Now;
        reading = measure(TimeSpan.FromTicks(ticks - began));
        if (place is not null) milliseconds = look.Start.AddTicks(ticks).ToUnixTimeMilliseconds();
        return true;
    }
}
