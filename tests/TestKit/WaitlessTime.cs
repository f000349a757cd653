using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace KubeVirtMonitor.TestKit;

/// <summary>A clock that moves on to the end of each short wait as soon as it begins, and notes the waits.</summary>
public sealed class WaitlessTime() : FakeTimeProvider(DateTimeOffset.UtcNow)
{
    // Delays shorter than a minute are the waits before retries; longer ones are timeouts, which come only when the clock is moved.
    private static readonly TimeSpan Short = TimeSpan.FromMinutes(1);

    private readonly ConcurrentQueue<TimeSpan> _waits = [];

    public IReadOnlyList<TimeSpan> Waits => [.. _waits];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime >= TimeSpan.Zero && dueTime < Short)
        {
            _waits.Enqueue(dueTime);
            // Not before the caller has its timer.
            ThreadPool.QueueUserWorkItem(_ => Advance(dueTime));
        }

        return timer;
    }
}
