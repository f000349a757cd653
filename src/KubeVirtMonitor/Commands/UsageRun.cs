using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Usage;

namespace KubeVirtMonitor.Commands;

/// <summary>The looks of a cmdlet at machines: one tracker for each session, and one for all other targets.</summary>
/// <param name="command">The cmdlet.</param>
internal sealed class UsageRun(ScrapeCommand command)
{
    private readonly Dictionary<KubeVirtSession, UsageTracker> _ofSessions = [];
    private UsageTracker? _ofOthers;
    private UsageTracker? _tracker;
    private ScrapeContext? _context;

    /// <summary>Whether a look that a session remembers may be the first of the two.</summary>
    public bool Remembers { get; set; }

    /// <summary>The time between two scrapes of a machine, where it is said; null = as it is.</summary>
    public TimeSpan? FixedInterval { get; set; }

    /// <summary>Whether the looks are saved scrapes, which may be of any age.</summary>
    public bool IsSaved { get; set; }

    /// <summary>Whether the look that goes on is the second.</summary>
    public bool IsSecond { get; private set; }

    /// <summary>Whether usage needs another look, see <see cref="UsageTracker.NeedsAnother"/>.</summary>
    public bool NeedsAnother => Trackers.Any(static tracker => tracker.NeedsAnother);

    /// <summary>When the last look was answered; null before the first.</summary>
    public DateTimeOffset? LastLook => Trackers.Max(static tracker => tracker.LastLook);

    private IEnumerable<UsageTracker> Trackers => _ofOthers is null ? _ofSessions.Values : _ofSessions.Values.Append(_ofOthers);

    /// <summary>How long the look that sessions remember is too young to be compared with; null where none is.</summary>
    /// <param name="sessions">The sessions.</param>
    /// <param name="least">The age from which on it is old enough.</param>
    /// <param name="now">The time.</param>
    public TimeSpan? TimeUntilOld(IEnumerable<KubeVirtSession> sessions, TimeSpan least, DateTimeOffset now)
    {
        TimeSpan? longest = null;
        foreach (KubeVirtSession session in sessions)
        {
            UsageTracker tracker = TrackerOf(session);
            if (tracker.LastLook is not { } last) continue;
            TimeSpan left = least - (now - last);
            if (left <= TimeSpan.Zero) continue;
            // Of VMs that it does not have, two looks are needed anyway.
            if (!tracker.HasAll) _ofSessions[session] = Create();
            else if (!(left < longest)) longest = left;
        }

        return longest;
    }

    /// <summary>Takes a sample.</summary>
    public void Take(MetricSample sample, DateTimeOffset? saved)
    {
        // Thousands of samples in a row are of one scrape.
        ScrapeContext context = sample.Descriptor.Context;
        if (!ReferenceEquals(context, _context))
        {
            _context = context;
            _tracker = sample.Session is { } session ? TrackerOf(session) : _ofOthers ??= Create();
        }

        _tracker!.Add(sample, saved);
    }

    /// <summary>Takes the end of a target.</summary>
    /// <param name="result">How it went.</param>
    /// <param name="hasAll">Whether all its machines were wanted.</param>
    public void End(ScrapeResult result, bool hasAll)
    {
        // Several clusters may have pods of one address.
        UsageTracker? tracker = result.Target.Origin?.Session is { } session ? TrackerOf(session) : _ofOthers;
        tracker?.EndTarget(result.Target.Name, result.Error is null, hasAll);
    }

    /// <summary>Whether a machine is in the look that goes on.</summary>
    public bool Has(KubeVirtSession session, string inNamespace, string name) => TrackerOf(session).Has(inNamespace, name);

    /// <summary>Makes the look that goes on the first of two.</summary>
    public void Turn()
    {
        IsSecond = true;
        foreach (UsageTracker tracker in Trackers) tracker.Turn();
    }

    /// <summary>Works out the usage of the look that goes on.</summary>
    public UsageLook Complete(bool withDevices)
    {
        UsageLook all = new();
        foreach (UsageTracker tracker in Trackers)
        {
            UsageLook look = tracker.Complete(withDevices, NodeOf);
            all.Machines.AddRange(look.Machines);
            all.Details.AddRange(look.Details);
            all.Doubles.AddRange(look.Doubles);
        }

        all.Moment();

        return all;
    }

    /// <summary>Lets the sessions remember their last look.</summary>
    public void Remember()
    {
        foreach ((KubeVirtSession session, UsageTracker tracker) in _ofSessions)
        {
            try
            {
                if (session.IsOpen) UsageMemory.Of(session).Return(tracker);
            }
            catch (KubernetesException)
            {
                // It was closed meanwhile, and remembers nothing any more.
            }
        }

        _ofSessions.Clear();
    }

    private UsageTracker TrackerOf(KubeVirtSession session)
    {
        if (_ofSessions.TryGetValue(session, out UsageTracker? tracker)) return tracker;
        tracker = Remembers ? UsageMemory.Of(session).Take() : null;
        _ofSessions.Add(session, tracker ??= Create());
        return tracker;
    }

    private UsageTracker Create() => new() { FixedInterval = FixedInterval, Memory = IsSaved ? TimeSpan.MaxValue : UsageTracker.DefaultMemory };

    private string? NodeOf(KubeVirtSession session, string? inNamespace, string name)
    {
        try
        {
            return command.Await(async cancellationToken =>
            {
                await foreach (MachinePlace place in MachinePlaces.InstancesAsync(session, new MachineQuest { Namespace = inNamespace, Name = name }, static _ => { }, cancellationToken).ConfigureAwait(false))
                    return place.Nodes is [string node, ..] ? node : null;
                return null;
            });
        }
        catch (KubernetesException)
        {
            return null;
        }
    }
}
