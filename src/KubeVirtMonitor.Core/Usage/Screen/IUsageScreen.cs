namespace KubeVirtMonitor.Usage;

/// <summary>A live screen of usage: <c>KubeVirtMonitor.Terminal.UsageScreen</c>, in an assembly of its own, so that the library for terminals is only loaded when the screen is opened.</summary>
internal interface IUsageScreen
{
    /// <summary>Shows what comes until the user leaves, and leaves the terminal as it was, whatever happens.</summary>
    /// <param name="feed">Where looks come from.</param>
    /// <param name="state">What is shown first.</param>
    /// <param name="stop">Ends it at once.</param>
    internal void Run(UsageFeed feed, UsageScreenState state, CancellationToken stop);
}

/// <summary>Hands looks from the thread that makes them to the one that shows them. Only the newest counts.</summary>
internal sealed class UsageFeed
{
    private volatile ScreenLook? _latest;
    private volatile bool _isLooking;
    private long _next;

    /// <summary>The newest look; null before the first one.</summary>
    public ScreenLook? Latest => _latest;

    /// <summary>Whether one is being made.</summary>
    public bool IsLooking => _isLooking;

    /// <summary>When the next one is made; null where that is not known.</summary>
    public DateTimeOffset? Next => Interlocked.Read(ref _next) is > 0 and long ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Says that a look is being made.</summary>
    public void Begin() => _isLooking = true;

    /// <summary>Hands one on.</summary>
    public void Publish(ScreenLook look)
    {
        _latest = look;
        _isLooking = false;
    }

    /// <summary>Says when the next one is made.</summary>
    public void Await(DateTimeOffset next) => Interlocked.Exchange(ref _next, next.UtcTicks);
}

/// <summary>One look at all machines, as the screen shows it.</summary>
internal sealed record ScreenLook
{
    /// <summary>Its number, from 1.</summary>
    public required long Number { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The time between looks.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>The machines.</summary>
    public required IReadOnlyList<KubeVirtUsage> Machines { get; init; }

    /// <summary>The last figures of machines that are missing from this look and have not ended, see <see cref="LastFigures"/>.</summary>
    public IReadOnlyList<KubeVirtUsage> Missing { get; init; } = [];

    /// <summary>Where it is of, in a few words: the sessions, or how many addresses.</summary>
    public string Source { get; init; } = "";

    /// <summary>What went wrong, and what was warned of.</summary>
    public IReadOnlyList<ScreenProblem> Problems { get; init; } = [];
}

/// <summary>What went wrong in a look.</summary>
/// <param name="Text">It, in sentences.</param>
/// <param name="Since">When it began: it was so in every look since.</param>
internal sealed record ScreenProblem(string Text, DateTimeOffset Since);
