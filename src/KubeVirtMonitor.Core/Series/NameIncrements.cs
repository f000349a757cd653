using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.Series;

/// <summary>The series of one name of one target, with their last values.</summary>
/// <param name="rawName">The name on the endpoint.</param>
internal sealed class NameIncrements(string rawName)
{
    private readonly bool _isOfState = CounterFacts.IsOfState(rawName);
    private readonly bool _isLevel = CounterFacts.IsLevel(rawName);
    private readonly bool _isSum = rawName.EndsWith("_sum", StringComparison.Ordinal);
    private SeriesDescriptor? _descriptor;
    private SeriesDescriptor? _made;
    private long _madeFor;
    private bool _isCounter;
    private Slot[] _slots = [];
    private Dictionary<int, int>? _positions;
    private int _last = -1;

    /// <summary>Whether it is counted by the machine and not by the process that is scraped.</summary>
    public bool LivesInMachine { get; } = CounterFacts.LivesInMachine(rawName);

    /// <summary>How many series are remembered.</summary>
    public int Count { get; private set; }

    /// <summary>The last scrape that had the name.</summary>
    public int LastScrape { get; private set; }

    /// <summary>Takes what the samples that follow have in common.</summary>
    public void Enter(SeriesDescriptor descriptor)
    {
        if (descriptor == _descriptor) return;
        _descriptor = descriptor;
        _made = null;
        _isCounter = descriptor.Kind == MetricKind.Count && !descriptor.IsTimestamp && !_isLevel && descriptor.Context.FixedTags is null;
    }

    /// <summary>Takes a sample, and gives what is to be written for it; null = nothing.</summary>
    public MetricSample? Take(MetricSample sample, in Step step, SeriesIdentities identities)
    {
        LastScrape = step.Scrape;
        bool isStamped = sample.Ticks != 0;
        if (!_isCounter && !isStamped) return sample.Watched();
        if (_isCounter && step.Continuity == Continuity.Broken) return null;
        int identity = identities.Of(sample.Descriptor.Context.Labels, sample.Block, rawName, _isOfState);
        long ticks = isStamped ? sample.Ticks : step.Ticks;
        ref Slot slot = ref Find(identity, out bool isNew);
        Slot before = slot;
        if (isNew && step.Continuity != Continuity.None) identities.Arrive(identity);
        // Of a series that comes again at the same time or an older one, all has been said.
        if (!isNew && (isStamped ? ticks <= before.Ticks : before.Scrape == step.Scrape)) return Seen(ref slot, step.Scrape);
        // What has no number now is passed over by the next increase.
        bool hasNumber = isNew || !double.IsNaN(sample.Value);
        slot = new Slot { Identity = identity, Scrape = step.Scrape, Ticks = hasNumber || !_isCounter ? ticks : before.Ticks, Value = hasNumber ? sample.Value : before.Value };
        if (!_isCounter) return sample.Watched();
        long since = isNew ? step.SinceOf(sample) : Counts(in before, in step) ? before.Ticks : 0;
        long interval = ticks - since;
        if (since == 0 || interval <= 0) return null;
        double increase = isNew || (step.Continuity == Continuity.Restarted && !LivesInMachine && before.Scrape != step.Scrape) ? sample.Value : Increase(before.Value, sample.Value);
        return Make(sample, increase, interval, step.AsRates);
    }

    /// <summary>Forgets the series that were last seen before a scrape.</summary>
    public void Forget(int scrape)
    {
        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            if (_slots[i].Scrape < scrape) continue;
            if (kept != i) _slots[kept] = _slots[i];
            kept++;
        }

        _last = -1;
        if (kept == Count) return;
        Count = kept;
        _positions = null;
        if (_slots.Length > 16 && Count < _slots.Length / 4) Array.Resize(ref _slots, Math.Max(Count * 2, 4));
    }

    /// <summary>Adds the number of the labels of each series, and when it was last seen.</summary>
    public void AddTo(Dictionary<int, long> seen)
    {
        for (int i = 0; i < Count; i++) seen[_slots[i].Identity] = Math.Max(seen.GetValueOrDefault(_slots[i].Identity), _slots[i].Ticks);
    }

    /// <summary>Gives each series the number that its labels have now.</summary>
    /// <param name="renumber">The new number for the old one.</param>
    public void Renumber(Func<int, int> renumber)
    {
        for (int i = 0; i < Count; i++) _slots[i].Identity = renumber(_slots[i].Identity);
        _positions = null;
    }

    private static MetricSample? Seen(ref Slot slot, int scrape)
    {
        slot.Scrape = scrape;
        return null;
    }

    // A series that had another value in the same scrape is compared with that, whatever scrape it is.
    private bool Counts(in Slot before, in Step step) => before.Scrape == step.Scrape || step.Continuity switch
    {
        Continuity.None => false,
        Continuity.Other => LivesInMachine,
        _ => true,
    };

    // A sum that is or was below zero is one of values of both signs, which may fall without a reset.
    private double Increase(double before, double value) => value < before && !(_isSum && (value < 0 || before < 0)) ? value : value - before;

    private WatchedSample Make(MetricSample sample, double increase, long interval, bool asRate)
    {
        TimeSpan span = new(interval);
        if (_made is null || _madeFor != interval)
        {
            _madeFor = interval;
            _made = asRate ? _descriptor!.Rate(span) : _descriptor!.Increase(span);
        }

        return sample.With(_made, asRate ? increase / span.TotalSeconds : increase);
    }

    // Series come in the same order in every scrape, so the one after the last is mostly the right one.
    private ref Slot Find(int identity, out bool isNew)
    {
        isNew = false;
        int next = _last + 1;
        if (next < Count && _slots[next].Identity == identity)
        {
            _last = next;
            return ref _slots[next];
        }

        _positions ??= Positions();
        if (!_positions.TryGetValue(identity, out _last))
        {
            isNew = true;
            if (Count == _slots.Length) Array.Resize(ref _slots, Math.Max(4, Count * 2));
            _last = Count++;
            _positions.Add(identity, _last);
        }

        return ref _slots[_last];
    }

    private Dictionary<int, int> Positions()
    {
        Dictionary<int, int> positions = new(Count);
        for (int i = 0; i < Count; i++) positions.Add(_slots[i].Identity, i);
        return positions;
    }

    private struct Slot
    {
        public double Value;
        public long Ticks;
        public int Identity;
        public int Scrape;
    }
}
