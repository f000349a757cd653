namespace KubeVirtMonitor.Usage;

/// <summary>The last look at the machines of a session, so that usage since then is known at once. Thread-safe: the tracker is taken out while it is in use, and who comes meanwhile begins with a new one.</summary>
internal sealed class UsageMemory : IDisposable
{
    private UsageTracker? _tracker;

    private UsageMemory()
    {
    }

    /// <summary>The memory of a session.</summary>
    public static UsageMemory Of(KubeVirtSession session) => session.Attach(static _ => new UsageMemory());

    /// <summary>Takes the tracker out; null where there is none.</summary>
    public UsageTracker? Take() => Interlocked.Exchange(ref _tracker, null);

    /// <summary>Puts a tracker back; a look that was not completed is given up.</summary>
    public void Return(UsageTracker tracker)
    {
        tracker.Abandon();
        if (tracker.LastLook is not { } last) return;
        // A look at some machines does not replace one at more of them that is still of use.
        UsageTracker? other = Volatile.Read(ref _tracker);
        if (other?.LastLook is { } known && other.Remembered > tracker.Remembered && last - known < other.Memory) return;
        Volatile.Write(ref _tracker, tracker);
    }

    /// <inheritdoc/>
    public void Dispose() => _tracker = null;
}
