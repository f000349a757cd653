namespace KubeVirtMonitor.Simulator;

/// <summary>A clock that runs faster than another one from the moment on in which it is made, so that a day of a cluster takes a few seconds.</summary>
/// <param name="inner">The other clock.</param>
/// <param name="speed">How many times as fast, more than 0.</param>
public sealed class FastTime(TimeProvider inner, double speed) : TimeProvider
{
    private readonly DateTimeOffset _start = inner.GetUtcNow();
    private readonly long _began = inner.GetTimestamp();

    /// <summary>How many times as fast it is.</summary>
    public double Speed => speed;

    /// <summary>The other clock.</summary>
    public TimeProvider Inner => inner;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _start.AddTicks(GetTimestamp());

    /// <inheritdoc/>
    public override long GetTimestamp() => (long)(inner.GetElapsedTime(_began).Ticks * speed);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new FastTimer(inner.CreateTimer(callback, state, Scale(dueTime), Scale(period)), Scale);

    private TimeSpan Scale(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? time : time / speed;

    private sealed class FastTimer(ITimer inner, Func<TimeSpan, TimeSpan> scale) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(scale(dueTime), scale(period));

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
