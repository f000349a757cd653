using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.Series;

/// <summary>
/// Makes increases, or rates, of the counters in scrapes that follow each other. The samples of a scrape are collected, and written when it has ended, since
/// only then it is known whether it is whole and whether the process is still the one of the scrape before. For one thread.
/// </summary>
/// <remarks>
/// The rules are those of the monotonic count of the Datadog Agent. The first scrape of a target is what later ones are compared with, and its counters yield
/// nothing. A series that appears later counts in full. A value lower than before is a reset: the new value counts. After a scrape that failed, the next one is
/// a first one again, unless the start time of the process tells what happened. This goes further:
/// <list type="bullet">
/// <item>The Agent compares the start of the process with its own start, in its first scrape. Here it is compared with that of the scrape before: of the same
/// process, the increase over a gap counts, with its true interval; of a process that started since, its counters count in full, also those that have
/// overtaken their old value.</item>
/// <item>The counters of machines live in QEMU and not in the process that is scraped (<see cref="Catalog.CounterFacts.LivesInMachine"/>): they go on when that restarts. Those of a cluster
/// belong to the node and not to the pod of virt-handler, so that they go on where another pod takes its place, as each time KubeVirt is updated. On another node, a machine has another QEMU.</item>
/// <item>A series that is missing for less than five minutes, as that of a machine whose statistics did not come in time, goes on where it was, with its true interval.</item>
/// <item>What a body that broke off has of counters is not used; the next scrape covers it.</item>
/// </list>
/// Gauges are handed on as they are; also points in time, and counters without an increase (<see cref="Catalog.CounterFacts.IsLevel"/>). Whether a family is a counter
/// is what the catalogue says, and for what it does not know, the type on the endpoint. Samples with a time of their own keep it, come after
/// the others in the order of time, and are written once, however often they are served.
/// </remarks>
/// <param name="write">Takes the samples, in the order of their scrape.</param>
/// <param name="asRates">Makes rates, in the unit per second, instead of increases.</param>
internal sealed class IncrementTracker(Action<MetricSample> write, bool asRates = false)
{
    /// <summary>For how long what is missing is remembered; Prometheus too looks back for five minutes.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromMinutes(5);

    private readonly Dictionary<SeriesTarget, TargetIncrements> _targets = [];
    private readonly Dictionary<SampleOrigin, SeriesMemory> _nodes = [];
    private ScrapeContext? _context;
    private TargetIncrements? _current;
    private int _round;

    /// <summary>The number of the round that goes on.</summary>
    public int Round => _round;

    /// <summary>How many targets are remembered.</summary>
    public int Targets => _targets.Count;

    /// <summary>How many series are remembered, of all targets.</summary>
    public int Series => Memories.Sum(static memory => memory.Series);

    /// <summary>How many sets of labels are remembered, of all targets.</summary>
    public int LabelSets => Memories.Sum(static memory => memory.LabelSets);

    private IEnumerable<SeriesMemory> Memories => _targets.Values.Select(static target => target.Own).Concat(_nodes.Values);

    /// <summary>Takes a sample of a scrape that goes on. Several targets may be scraped at the same time, but none of them twice.</summary>
    public void Add(MetricSample sample)
    {
        ScrapeContext context = sample.Descriptor.Context;
        if (context != _context)
        {
            _current = Of(new SeriesTarget(context.Origin, context.Target, context.PodName));
            _context = context;
        }

        _current!.Add(sample);
    }

    /// <summary>Ends a scrape, and writes what there is to write of it.</summary>
    /// <param name="target">The target.</param>
    /// <param name="summary">What was read; null where nothing was.</param>
    /// <param name="isWhole">Whether the scrape came to its end without an error.</param>
    public void EndScrape(SeriesTarget target, ScrapeSummary? summary, bool isWhole)
    {
        _context = null;
        TargetIncrements increments = Of(target);
        increments.Round = _round;
        increments.Machines.Round = _round;
        // A machine that was on another node, and now is on one that was not asked before, has come from there, and its QEMU is new.
        ILookup<(string?, string), long>? elsewhere = null;
        if (isWhole && increments.HasNode && increments.Machines is { IsNew: true, FirstRound: > 0 } machines && machines.FirstRound == _round) elsewhere = Elsewhere(target.Origin!);
        increments.EndScrape(summary, isWhole && summary is not null, elsewhere, write, asRates);
    }

    /// <summary>Ends a round of scrapes. For a target that was not in it, that is a scrape that failed; targets that were in no round for as long as series are remembered are forgotten.</summary>
    /// <param name="time">The time of the round.</param>
    public void EndRound(DateTimeOffset time)
    {
        foreach ((SeriesTarget target, TargetIncrements increments) in _targets)
        {
            if (increments.Round == _round) increments.LastRound = time;
            else if (_round - increments.Round > 1 && time - increments.LastRound > Memory) _targets.Remove(target);
            else increments.Miss();
        }

        foreach ((SampleOrigin node, SeriesMemory machines) in _nodes)
        {
            if (machines.Round == _round) machines.LastRound = time;
            else if (_round - machines.Round > 1 && time - machines.LastRound > Memory) _nodes.Remove(node);
        }

        _round++;
    }

    private TargetIncrements Of(SeriesTarget target)
    {
        if (_targets.TryGetValue(target, out TargetIncrements? known)) return known;
        SeriesMemory? machines = null;
        if (target.Origin is { Node: not null } node && !_nodes.TryGetValue(node, out machines)) _nodes.Add(node, machines = new SeriesMemory { Round = _round, FirstRound = _round });
        _targets.Add(target, known = new TargetIncrements(machines) { Round = _round });
        return known;
    }

    // The machines on the other nodes of a cluster, and when each was seen before this round.
    private ILookup<(string?, string), long> Elsewhere(SampleOrigin origin) => _nodes
        .Where(node => node.Key.IsOfSameCluster(origin) && node.Key != origin)
        .SelectMany(node => node.Value.MachinesBefore(_round))
        .ToLookup(static machine => (machine.Namespace, machine.Vmi), static machine => machine.Ticks);
}

/// <summary>What is scraped again and again. Another pod with the same address is another target.</summary>
/// <param name="Origin">The cluster it is of; null = none, or not known.</param>
/// <param name="Name">The address.</param>
/// <param name="PodName">The pod, where it is known.</param>
internal readonly record struct SeriesTarget(SampleOrigin? Origin, string Name, string? PodName);

/// <summary>What is scraped, from scrape to scrape.</summary>
/// <param name="node">The counters of the machines on its node, which other targets may serve too; null = they are told from those of other targets.</param>
internal sealed class TargetIncrements(SeriesMemory? node)
{
    // The start of a process is computed from the time since the node started, and wavers when the node's clock is set.
    private const double StartTolerance = 2;

    private readonly List<MetricSample> _samples = [];
    private readonly List<MetricSample> _stamped = [];
    private bool _hasFailed;
    private double? _processStart;

    /// <summary>The last round in which it was scraped.</summary>
    public int Round { get; set; }

    /// <summary>The time of that round.</summary>
    public DateTimeOffset LastRound { get; set; }

    /// <summary>The series that are its own.</summary>
    public SeriesMemory Own { get; } = new();

    /// <summary>Those of the machines.</summary>
    public SeriesMemory Machines => node ?? Own;

    /// <summary>Whether machines belong to the node.</summary>
    public bool HasNode => node is not null;

    /// <summary>Takes a sample.</summary>
    public void Add(MetricSample sample) => (sample.Ticks == 0 ? _samples : _stamped).Add(sample);

    /// <summary>Notes that it could not be scraped.</summary>
    public void Miss() => _hasFailed = true;

    /// <summary>Writes what there is to write of the scrape.</summary>
    public void EndScrape(ScrapeSummary? summary, bool isWhole, ILookup<(string?, string), long>? elsewhere, Action<MetricSample> write, bool asRates)
    {
        long now = summary?.Timestamp.UtcTicks ?? 0;
        Step own = Own.Begin(isWhole ? Compare(summary!, now) : Continuity.Broken, now, Round) with { AsRates = asRates };
        Step machines = own;
        // QEMU goes on whatever happened to what reads it, and however often that failed.
        if (node is not null) machines = node.Begin(isWhole ? node.IsNew ? Continuity.None : Continuity.Same : Continuity.Broken, now, Round) with { AsRates = asRates, Elsewhere = elsewhere };
        Write(_samples, in own, in machines, write);
        Write(_stamped.OrderBy(static sample => sample.Ticks), in own, in machines, write);
        _samples.Clear();
        _stamped.Clear();
        _hasFailed = !isWhole;
        if (!isWhole) return;
        _processStart = summary!.ProcessStart;
        Own.End(in own);
        node?.End(in machines);
    }

    private Continuity Compare(ScrapeSummary summary, long now)
    {
        if (Own.IsNew) return Continuity.None;
        if (_processStart is not { } before || summary.ProcessStart is not { } start) return _hasFailed ? Continuity.None : Continuity.Same;
        if (Math.Abs(start - before) <= StartTolerance) return Continuity.Same;
        // What ran already when the last scrape was made is no restart, but another process behind the same address.
        return start >= ((Own.LastTicks - DateTime.UnixEpoch.Ticks) / (double)TimeSpan.TicksPerSecond) - StartTolerance ? Continuity.Restarted : Continuity.Other;
    }

    private void Write(IEnumerable<MetricSample> samples, in Step own, in Step machines, Action<MetricSample> write)
    {
        SeriesDescriptor? descriptor = null;
        NameIncrements? name = null;
        bool isOfNode = false;
        foreach (MetricSample sample in samples)
        {
            if (sample.Descriptor != descriptor)
            {
                descriptor = sample.Descriptor;
                isOfNode = node is not null && Catalog.CounterFacts.LivesInMachine(sample.RawName);
                name = (isOfNode ? node! : Own).Enter(descriptor, sample.RawName);
            }

            MetricSample? written = isOfNode ? name!.Take(sample, in machines, node!.Identities) : name!.Take(sample, in own, Own.Identities);
            if (written is not null) write(written);
        }
    }
}

/// <summary>Series with their last values, from scrape to scrape: those of one target, or those of the machines on a node, whichever target serves them.</summary>
internal sealed class SeriesMemory
{
    private readonly Dictionary<string, NameIncrements> _names = new(StringComparer.Ordinal);
    private readonly Queue<(int Scrape, long Ticks)> _recent = new();
    private int _scrape;
    private long _before;
    private int _lastRound = -1;
    private int _ended;
    private Continuity _last;

    /// <summary>The round in which it was to be scraped first.</summary>
    public int FirstRound { get; init; }

    /// <summary>The last round in which it was scraped.</summary>
    public int Round { get; set; }

    /// <summary>The time of that round.</summary>
    public DateTimeOffset LastRound { get; set; }

    /// <summary>The time of the last whole scrape; 0 = there was none.</summary>
    public long LastTicks { get; private set; }

    /// <summary>Whether there was no whole scrape.</summary>
    public bool IsNew => LastTicks == 0;

    /// <summary>The numbers of the labels of its series.</summary>
    public SeriesIdentities Identities { get; } = new();

    /// <summary>How many series are remembered.</summary>
    public int Series { get; private set; }

    /// <summary>How many sets of labels are remembered.</summary>
    public int LabelSets => Identities.Count;

    /// <summary>Begins to take the samples of a scrape that has ended.</summary>
    /// <param name="continuity">What it is to the one before.</param>
    /// <param name="ticks">Its time.</param>
    /// <param name="round">The round.</param>
    public Step Begin(Continuity continuity, long ticks, int round)
    {
        if (continuity == Continuity.Broken) return new Step(continuity, _scrape, ticks, LastTicks);
        // Two virt-handlers of a node, while one takes the place of the other, read the same counters, and a target may be asked twice, for one machine each: together that is one scrape, and each
        // series counts where it comes first.
        if (_lastRound == round) return new Step(_last, _scrape, ticks, _before);
        // A clock that was set back leaves no interval.
        if (ticks <= LastTicks) continuity = Continuity.None;
        (_before, _lastRound, _last) = (LastTicks, round, continuity);
        Identities.BeginScrape();
        return new Step(continuity, ++_scrape, ticks, LastTicks);
    }

    /// <summary>Ends a whole scrape. What was missing for long is forgotten; not the first time, so that one scrape without it does no harm, however long the interval.</summary>
    public void End(in Step step)
    {
        if (_ended != step.Scrape)
        {
            _ended = step.Scrape;
            LastTicks = step.Ticks;
            _recent.Enqueue((step.Scrape, step.Ticks));
        }

        while (_recent.Count > 2 && step.Ticks - _recent.Peek().Ticks > IncrementTracker.Memory.Ticks) _recent.Dequeue();
        int oldest = _recent.Peek().Scrape;
        Series = 0;
        foreach ((string key, NameIncrements name) in _names)
        {
            name.Forget(step.IsOtherProcess && !name.LivesInMachine ? step.Scrape : oldest);
            if (name.Count == 0 && name.LastScrape < oldest) _names.Remove(key);
            Series += name.Count;
        }

        if (Identities.Count > SeriesIdentities.Small + (2 * Identities.Kept)) Identities.Keep(_names.Values);
    }

    /// <summary>The series of a name, for the samples that follow.</summary>
    public NameIncrements Enter(SeriesDescriptor descriptor, string rawName)
    {
        if (!_names.TryGetValue(rawName, out NameIncrements? name)) _names.Add(rawName, name = new NameIncrements(rawName));
        name.Enter(descriptor);
        return name;
    }

    /// <summary>The machines that its series are of, and when each was last seen before a round; a machine comes once for each of its sets of labels.</summary>
    public IEnumerable<(string? Namespace, string Vmi, long Ticks)> MachinesBefore(int round)
    {
        Dictionary<int, long> seen = [];
        foreach (NameIncrements name in _names.Values) name.AddTo(seen);
        bool isOfRound = _lastRound == round;
        long latest = isOfRound ? _before : LastTicks;
        if (latest == 0) yield break;
        foreach ((int identity, long ticks) in seen)
        {
            if (isOfRound && Identities.HasArrived(identity)) continue;
            if (Identities.MachineOf(identity) is { Vmi: { } vmi } machine) yield return (machine.Namespace, vmi, Math.Min(ticks, latest));
        }
    }
}

/// <summary>What a scrape is to the one before.</summary>
internal enum Continuity
{
    /// <summary>There is none before that it could be compared with: no counter yields anything, and later ones are compared with it.</summary>
    None,

    /// <summary>The same process, as far as is known.</summary>
    Same,

    /// <summary>The process has started since: its own counters count in full.</summary>
    Restarted,

    /// <summary>Another process that was there already: its own counters are compared with nothing, and no series is new in it.</summary>
    Other,

    /// <summary>The scrape is not whole: its counters are left to the next one.</summary>
    Broken,
}

/// <summary>A scrape while its samples are written.</summary>
/// <param name="Continuity">What it is to the one before.</param>
/// <param name="Scrape">Its number.</param>
/// <param name="Ticks">Its time.</param>
/// <param name="LastTicks">The time of the last whole one; 0 = none.</param>
internal readonly record struct Step(Continuity Continuity, int Scrape, long Ticks, long LastTicks)
{
    /// <summary>Whether rates are made.</summary>
    public bool AsRates { get; init; }

    /// <summary>Of the first scrape of a node: the machines on other nodes, and when they were seen.</summary>
    public ILookup<(string? Namespace, string Vmi), long>? Elsewhere { get; init; }

    /// <summary>Whether the process is not that of the scrape before.</summary>
    public bool IsOtherProcess => Continuity is Continuity.Restarted or Continuity.Other;

    /// <summary>The time since which a series that was not there before has counted; 0 = not known.</summary>
    public long SinceOf(MetricSample sample)
    {
        if (Continuity != Continuity.None) return Continuity == Continuity.Other ? 0 : LastTicks;
        return Elsewhere is null || sample.Vmi is not { } vmi ? 0 : Elsewhere[(sample.Namespace, vmi)].DefaultIfEmpty().Max();
    }
}
