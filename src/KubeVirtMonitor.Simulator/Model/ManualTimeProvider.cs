namespace KubeVirtMonitor.Simulator;

/// <summary>A clock that moves only when it is told to.</summary>
/// <param name="start">The time that it shows first.</param>
public sealed class ManualTimeProvider(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _lock = new();
    private DateTimeOffset _now = start;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) return _now;
    }

    /// <summary>Moves the clock on.</summary>
    public void Advance(TimeSpan time)
    {
        lock (_lock) _now += time;
    }
}
