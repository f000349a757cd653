namespace KubeVirtMonitor.Scraping;

/// <summary>The time one target has. It stands still while the consumer of the samples is busy, which is no fault of the target.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _registration;
    private readonly CancellationToken _outer;
    private TimeSpan _left;
    private long _running;

    public Deadline(TimeSpan timeout, TimeProvider time, CancellationToken outer)
    {
        _time = time;
        _outer = outer;
        _left = timeout > TimeSpan.Zero ? timeout : Timeout.InfiniteTimeSpan;
        Limit = _left;
        _source = new CancellationTokenSource(_left, time);
        _running = time.GetTimestamp();
        _registration = outer.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    public TimeSpan Limit { get; }

    public CancellationToken Token => _source.Token;

    /// <summary>Whether the time is over, as opposed to the user having cancelled.</summary>
    public bool IsOver => _source.IsCancellationRequested && !_outer.IsCancellationRequested;

    /// <summary>Whether there is time to wait so long and do something afterwards.</summary>
    public bool Allows(TimeSpan wait) => IsInfinite || _left - _time.GetElapsedTime(_running) > wait;

    private bool IsInfinite => Limit == Timeout.InfiniteTimeSpan;

    public void Pause()
    {
        if (IsInfinite) return;
        _left -= _time.GetElapsedTime(_running);
        _source.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    public void Resume()
    {
        if (IsInfinite) return;
        _running = _time.GetTimestamp();
        _source.CancelAfter(_left > TimeSpan.Zero ? _left : TimeSpan.Zero);
    }

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}
