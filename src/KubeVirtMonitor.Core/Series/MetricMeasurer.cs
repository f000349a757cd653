using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.Series;

/// <summary>
/// Computes statistics of samples that are added one by one and not kept. What is kept is a sum, a count and the extremes of each group; of a series of a counter, and of everything where there is a
/// window, its points; and of a group whose quantile is asked for, its values.
/// </summary>
/// <remarks>
/// A series is told from others by its name and its tags, its cluster, and its address where it was read from one. The labels of a VMI do not count, so that a label that is added to a machine is no
/// new counter that counts in full; neither does the <c>state</c> of a vCPU's time, which is that of the moment. A repeated sample, of the same series at the same time, counts once.
/// What a machine counts goes on where it has migrated to: its series of one node and of another are one after the other, and their rates are over the time of all of them.
/// </remarks>
internal sealed class MetricMeasurer(MeasureOptions options)
{
    private static readonly MetricStatistic[] OfGauges = [MetricStatistic.Average, MetricStatistic.Minimum, MetricStatistic.Maximum];

    private readonly GroupKey[] _keys = KeysOf(options);
    private readonly SeriesNumbers _numbers = new(
        keepsPods: Array.Exists(KeysOf(options), static key => key.Property == GroupProperty.Target || key.Is("endpoint") || key.Is("pod_name") || key.Is("kube_namespace")),
        keepsNodes: Array.Exists(KeysOf(options), static key => key.Property == GroupProperty.Node || key.Is("node") || key.Is("kube_node")));
    private readonly Dictionary<string, Family> _families = new(StringComparer.Ordinal);
    private readonly Dictionary<SeriesId, int> _index = [];
    private readonly List<Series> _series = [];
    private readonly Dictionary<SeriesId, Journey> _journeys = [];
    private readonly List<Point> _points = [];
    private readonly HashSet<(int Series, long Ticks)> _timed = [];
    private readonly HashSet<string> _tagNames = new(StringComparer.Ordinal);
    private readonly HashSet<string> _found = new(StringComparer.OrdinalIgnoreCase);
    private readonly string?[] _names = new string?[options.By.Count];
    private SeriesPoint[] _read = new SeriesPoint[16];
    private long _newest = long.MinValue;

    /// <summary>The names of counters whose growth is asked for and of which no series has two looks; after <see cref="Measure"/>.</summary>
    public SortedSet<string> SeenOnce { get; } = new(StringComparer.Ordinal);

    /// <summary>The names whose growth is asked for and that are no counters; after <see cref="Measure"/>.</summary>
    public SortedSet<string> NotCounted { get; } = new(StringComparer.Ordinal);

    /// <summary>The names of histograms in which a bucket had fewer observations than a smaller one; after <see cref="Measure"/>.</summary>
    public SortedSet<string> Repaired { get; } = new(StringComparer.Ordinal);

    /// <summary>How many series have one look only, while others of their group have more. Their growth is in no rate. After <see cref="Measure"/>.</summary>
    public int LeftOut { get; private set; }

    /// <summary>The longest time between two looks that were too close for a rate, see <see cref="ShortestRate"/>; after <see cref="Measure"/>; null = none were.</summary>
    public TimeSpan? TooClose { get; private set; }

    /// <summary>Between looks that are closer, there is nothing but noise, and no rate. A window says itself what its samples are for.</summary>
    public static readonly TimeSpan ShortestRate = TimeSpan.FromSeconds(1);

    /// <summary>The tags that samples were to be grouped by and that none has, each with the nearest of the names that there are.</summary>
    public IEnumerable<(string Tag, IReadOnlyList<string> Nearest)> Missing => _series.Count == 0 ? [] : _keys
        .Where(key => key.Property == GroupProperty.Tag && !_found.Contains(key.Name))
        .Select(key => (key.Name, NearestNames.Of(key.Name, GroupKey.Properties.Concat(_tagNames).Distinct(StringComparer.OrdinalIgnoreCase))));

    /// <summary>Takes a sample.</summary>
    [MethodImpl(HotPath.Compile)]
    public void Add(MetricSample sample)
    {
        Family family = FamilyOf(sample);
        (int origin, int tags) = _numbers.Of(sample, family.IsStateless, family.LivesInMachine);
        ref int known = ref CollectionsMarshal.GetValueRefOrAddDefault(_index, new SeriesId(family.Number, origin, tags), out bool isKnown);
        if (!isKnown)
        {
            known = _series.Count;
            Journey? journey = family.LivesInMachine && family.NeedsPoints ? JourneyOf(family, sample) : null;
            journey?.Parts.Add(known);
            _series.Add(new Series { Group = GroupOf(family, sample, known), Journey = journey, LastTicks = long.MinValue, Point = -1 });
        }

        int number = known;
        ref Series series = ref CollectionsMarshal.AsSpan(_series)[number];
        long ticks = sample.Timestamp.UtcTicks;
        // What has a time of its own comes again with the next scrape, between others that are older and newer.
        if (sample.Ticks != 0 ? !_timed.Add((number, ticks)) : ticks == series.LastTicks && sample.Value.Equals(series.LastValue)) return;
        if (ticks > _newest) _newest = ticks;
        long interval = family.IsCount && sample.Interval is { } covered ? covered.Ticks : 0;
        if (options.Window is null) Take(series.Group, ref series, sample.Value, ticks, interval);
        if (options.Window is null && (interval > 0 || !family.NeedsPoints)) return;
        _points.Add(new Point(ticks, sample.Value, interval, series.Point));
        series.Point = _points.Count - 1;
    }

    /// <summary>Computes what was asked for, in order of names and groups. To be called once, after the last sample.</summary>
    public IEnumerable<MetricMeasure> Measure()
    {
        (long Start, long End)? window = null;
        if (options.Window is { } length)
        {
            long end = options.End?.UtcTicks ?? _newest;
            window = (Math.Max(0, end - length.Ticks), end);
            Replay(window.Value.Start, end);
        }

        foreach (Family family in _families.Values.OrderBy(static family => family.Name, StringComparer.Ordinal))
        {
            family.Sort();
            foreach (MetricStatistic statistic in family.Statistics)
            {
                IEnumerable<MetricMeasure> measures = statistic switch
                {
                    MetricStatistic.Rate or MetricStatistic.Increase => MeasureGrowth(family, statistic, window),
                    MetricStatistic.Quantile when family.IsHistogram => family.Groups.GroupBy(static group => group.Whole).SelectMany(groups => MeasureHistogram(family, [.. groups], window)),
                    _ => family.Groups.Where(static group => group.Tally.Count > 0).SelectMany(group => MeasureValues(family, group, statistic, window)),
                };
                foreach (MetricMeasure measure in measures) yield return measure;
            }
        }
    }

    private Journey? JourneyOf(Family family, MetricSample sample)
    {
        if (_numbers.Wherever(sample) is not (int origin, int tags)) return null;
        SeriesId machine = new(family.Number, origin, tags);
        if (!_journeys.TryGetValue(machine, out Journey? known)) _journeys.Add(machine, known = new Journey());
        return known;
    }

    private static GroupKey[] KeysOf(MeasureOptions options) => [.. options.By.Select(GroupKey.Of).Where(static key => key.Property != GroupProperty.Name)];

    [MethodImpl(HotPath.Compile)]
    private static void Take(Group group, ref Series series, double value, long ticks, long interval)
    {
        group.Tally.Add(value, ticks, interval);
        group.Values?.Add(value);
        series.Samples++;
        if (ticks >= series.LastTicks) (series.LastTicks, series.LastValue) = (ticks, value);
        if (interval <= 0) return;
        if (series.Covered == 0 || ticks - interval < series.Begin) series.Begin = ticks - interval;
        series.Covered += interval;
        series.Grown += value;
    }

    private void Replay(long start, long end)
    {
        Span<Series> all = CollectionsMarshal.AsSpan(_series);
        for (int i = 0; i < all.Length; i++)
        {
            for (int at = all[i].Point; at >= 0; at = _points[at].Before)
            {
                Point point = _points[at];
                if (point.Ticks > start && point.Ticks <= end) Take(all[i].Group, ref all[i], point.Value, point.Ticks, point.Interval);
            }
        }
    }

    private IEnumerable<MetricMeasure> MeasureValues(Family family, Group group, MetricStatistic statistic, (long Start, long End)? window)
    {
        Tally tally = group.Tally;
        int series = group.Series.Count(number => _series[number].Samples > 0);
        MeasureBasis? basis = !family.IsCount ? null : tally.HasIntervals ? MeasureBasis.Interval : MeasureBasis.SinceStart;
        MetricMeasure Make(double value, double? quantile = null) => Create(family, group, statistic, value, quantile, basis, tally.Count, series, window?.Start ?? tally.First, window?.End ?? tally.Last);
        switch (statistic)
        {
            case MetricStatistic.Average: yield return Make(tally.Sum.Value / tally.Count); break;
            case MetricStatistic.Minimum: yield return Make(tally.Least); break;
            case MetricStatistic.Maximum: yield return Make(tally.Greatest); break;
            case MetricStatistic.Sum: yield return Make(tally.Sum.Value); break;
            case MetricStatistic.Count: yield return Make(tally.Count); break;
            case MetricStatistic.Quantile:
                foreach (double q in options.Quantiles) yield return Make(Quantiles.OfValues(q, CollectionsMarshal.AsSpan(group.Values)), q);
                break;
            default: yield return MeasureLast(family, group, basis); break;
        }
    }

    private MetricMeasure MeasureLast(Family family, Group group, MeasureBasis? basis)
    {
        Tally last = new();
        foreach (int number in group.Series)
        {
            Series series = _series[number];
            if (series.Samples > 0) last.Add(series.LastValue, series.LastTicks, 0);
        }

        return Create(family, group, MetricStatistic.Last, family.IsTimestamp ? last.Greatest : last.Sum.Value, null, basis, last.Count, (int)last.Count, last.First, last.Last);
    }

    private IEnumerable<MetricMeasure> MeasureGrowth(Family family, MetricStatistic statistic, (long Start, long End)? window)
    {
        if (!family.IsCount)
        {
            NotCounted.Add(family.Name);
            yield break;
        }

        foreach (Group group in family.Groups)
        {
            Growth growth = new();
            foreach (int number in group.Series) Read(number, statistic, window, ref growth);
            if (growth is { Series: 0, Close: 0 }) SeenOnce.Add(family.Name);
            yield return ToMeasure(family, group, statistic, growth, growth.Series > 0 ? growth.Sum.Value : null, null, window, MeasureBasis.Interval);
        }
    }

    private List<MetricMeasure> MeasureHistogram(Family family, Group[] groups, (long Start, long End)? window)
    {
        Growth growth = new();
        List<Bucket> buckets = [];
        foreach (Group group in groups)
        {
            if (!TryReadBound(group.Part, out double bound)) continue;
            int before = growth.Series;
            growth.Sum = default;
            foreach (int number in group.Series) Read(number, MetricStatistic.Increase, window, ref growth);
            if (growth.Series > before) buckets.Add(new Bucket(bound, growth.Sum.Value));
        }

        MeasureBasis basis = MeasureBasis.Interval;
        if (growth.Series == 0 && window is null)
        {
            // One look has all that was observed since the component started.
            basis = MeasureBasis.SinceStart;
            foreach (Group group in groups)
            {
                if (TryReadBound(group.Part, out double bound)) buckets.Add(new Bucket(bound, MeasureLast(family, group, null).Value!.Value));
            }
        }

        if (growth.Series == 0 && window is not null) SeenOnce.Add(family.Name);
        List<MetricMeasure> measures = [];
        // PromQL has NaN for the quantiles of no observations, which are none.
        bool isEmpty = buckets.Count > 0 && buckets.TrueForAll(static bucket => bucket.Count == 0);
        foreach (double q in options.Quantiles)
        {
            bool isRepaired = false;
            double? value = (growth.Series == 0 && window is not null) || (isEmpty && q is >= 0 and <= 1) ? null : Quantiles.OfBuckets(q, CollectionsMarshal.AsSpan(buckets), out isRepaired);
            if (isRepaired) Repaired.Add(family.Name);
            measures.Add(ToMeasure(family, groups[0], MetricStatistic.Quantile, growth, value, q, window, basis));
        }

        return measures;
    }

    private MetricMeasure ToMeasure(Family family, Group group, MetricStatistic statistic, Growth growth, double? value, double? quantile, (long Start, long End)? window, MeasureBasis basis)
    {
        if (growth.Series > 0)
        {
            if (quantile is null || quantile.Equals(options.Quantiles[0])) LeftOut += growth.Single;
            return Create(family, group, statistic, value, quantile, basis, growth.Samples, growth.Series, window?.Start ?? growth.First, window?.End ?? growth.Last);
        }

        return Create(family, group, statistic, value, quantile, basis, growth.Samples, growth.Single + growth.Close, window?.Start ?? growth.First, window?.End ?? growth.Last);
    }

    // Adds what one series grew. One look says nothing of growth.
    private void Read(int number, MetricStatistic statistic, (long Start, long End)? window, ref Growth growth)
    {
        Series series = _series[number];
        if (series.Samples == 0) return;
        if (series.Covered > 0)
        {
            // Increments are growth already, and there is nothing to extend.
            double grown = statistic == MetricStatistic.Rate ? series.Grown / TimeSpan.FromTicks(series.Covered).TotalSeconds : series.Grown;
            growth.Add(grown, series.Samples, series.Begin, series.LastTicks);
            return;
        }

        ReadOnlySpan<SeriesPoint> points = PointsOf(series);
        if (window is { } range) points = Counters.Within(points, range.Start, range.End);
        else if (series.Journey is { Parts.Count: > 1 } journey)
        {
            // What is read of other nodes takes the place of what was read.
            SeriesPoint[] own = points.ToArray();
            if (ReadJourney(journey, number, own, statistic, ref growth)) return;
            points = own;
        }

        if (points.Length < 2)
        {
            growth.Pass(points);
            return;
        }

        TimeSpan time = TimeSpan.FromTicks(points[^1].Ticks - points[0].Ticks);
        if (window is null && statistic == MetricStatistic.Rate && time < ShortestRate)
        {
            if (!(time <= TooClose)) TooClose = time;
            growth.Pass(points, isClose: true);
            return;
        }

        double? value = (statistic, window) switch
        {
            (MetricStatistic.Rate, { } within) => Counters.Rate(points, within.Start, within.End),
            (_, { } within) => Counters.Increase(points, within.Start, within.End),
            (MetricStatistic.Rate, _) => Counters.Slope(points),
            _ => Counters.Grown(points),
        };
        growth.Add(value!.Value, points.Length, points[0].Ticks, points[^1].Ticks);
    }

    // Adds what a machine grew on one of its nodes: over the whole time, so that its nodes come to what it grew.
    private bool ReadJourney(Journey journey, int number, SeriesPoint[] own, MetricStatistic statistic, ref Growth growth)
    {
        if (!journey.IsPlanned) journey.Plan([.. journey.Parts.Select(part => (part, PointsOf(_series[part]).ToArray()))]);
        if (!journey.Before.TryGetValue(number, out double? before)) return false;
        TimeSpan time = TimeSpan.FromTicks(journey.Last - journey.First);
        if (statistic == MetricStatistic.Rate && time < ShortestRate) return false;
        double grown = Counters.Grown(own);
        // Where it arrives, its QEMU is new, unless its counter has gone on.
        if (before is { } reached) grown += own[0].Value >= reached ? own[0].Value - reached : own[0].Value;
        growth.Add(statistic == MetricStatistic.Rate ? grown / time.TotalSeconds : grown, own.Length, own[0].Ticks, own[^1].Ticks);
        return true;
    }

    // In order of time, whatever the order in which they came; of a moment that came twice, the value that came last.
    private ReadOnlySpan<SeriesPoint> PointsOf(Series series)
    {
        int length = 0;
        bool isSorted = true;
        for (int at = series.Point; at >= 0; at = _points[at].Before)
        {
            if (length == _read.Length) Array.Resize(ref _read, _read.Length * 2);
            _read[length] = new SeriesPoint(_points[at].Ticks, _points[at].Value);
            isSorted &= length == 0 || _read[length].Ticks < _read[length - 1].Ticks;
            length++;
        }

        Span<SeriesPoint> points = _read.AsSpan(0, length);
        points.Reverse();
        if (isSorted) return points;
        SeriesPoint[] sorted = [.. points.ToArray().OrderBy(static point => point.Ticks)];
        int kept = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            if (i + 1 == sorted.Length || sorted[i + 1].Ticks != sorted[i].Ticks) sorted[kept++] = sorted[i];
        }

        return sorted.AsSpan(0, kept);
    }

    private static bool TryReadBound(string? text, out double bound)
    {
        bound = text is "+Inf" or "Inf" ? double.PositiveInfinity : double.NaN;
        return double.IsPositiveInfinity(bound) || (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out bound) && !double.IsNaN(bound));
    }

    private Family FamilyOf(MetricSample sample)
    {
        if (_families.TryGetValue(sample.Name, out Family? family)) return family;
        family = new Family(_families.Count, sample, _numbers.TagsOf(sample), options);
        _families.Add(family.Name, family);
        return family;
    }

    private Group GroupOf(Family family, MetricSample sample, int number)
    {
        string?[] values = _keys.Length == 0 ? [] : new string?[_keys.Length];
        string? part = null;
        if (_keys.Length > 0 || family.PartKey is not null)
        {
            TagSet tags = _numbers.TagsOf(sample);
            part = family.PartKey is null ? null : tags[family.PartKey];
            for (int i = 0; i < _keys.Length; i++)
            {
                values[i] = _keys[i].Read(sample, tags, out string name);
                if (values[i] is not null) _names[i] ??= name;
                if (_keys[i].Property == GroupProperty.Tag && values[i] is not null) _found.Add(_keys[i].Name);
            }

            if (Array.Exists(_keys, static key => key.Property == GroupProperty.Tag)) _tagNames.UnionWith(tags.Keys);
        }

        Group group = family.FindGroup(values, part, _keys);
        group.Series.Add(number);
        return group;
    }

    private MetricMeasure Create(Family family, Group group, MetricStatistic statistic, double? value, double? quantile, MeasureBasis? basis, long samples, int series, long start, long end)
    {
        bool isHistogram = statistic == MetricStatistic.Quantile && family.IsHistogram;
        string? Of(GroupProperty property) => Array.FindIndex(_keys, key => key.Property == property) is >= 0 and var at ? group.Keys[at] : null;
        List<KeyValuePair<string, string>> tags = [];
        for (int i = 0; i < _keys.Length; i++)
        {
            if (_keys[i].Property == GroupProperty.Tag && group.Keys[i] is { } text && !(family.PartKey is { } part && _keys[i].Is(part))) tags.Add(new(_names[i]!, text));
        }

        if (group.Part is { } own && !isHistogram) tags.Add(new(family.PartKey!, own));
        return new MetricMeasure
        {
            Name = family.Name,
            Statistic = statistic,
            Quantile = quantile,
            Value = value,
            Unit = statistic switch
            {
                MetricStatistic.Rate => $"{family.Unit ?? "1"}/second",
                MetricStatistic.Count => "sample",
                _ when isHistogram => family.ObservedUnit,
                _ => family.Unit,
            },
            Cluster = Of(GroupProperty.Cluster),
            Namespace = Of(GroupProperty.Namespace),
            Vmi = Of(GroupProperty.Vmi),
            Node = Of(GroupProperty.Node),
            Component = Of(GroupProperty.Component) is { } component ? Enum.Parse<ComponentKind>(component) : null,
            Target = Of(GroupProperty.Target),
            Tags = tags.Count == 0 ? TagSet.Empty : new TagSet(tags),
            Basis = basis,
            Samples = samples,
            Series = series,
            Start = samples == 0 && start == 0 ? null : new DateTimeOffset(start, TimeSpan.Zero),
            End = samples == 0 && end == 0 ? null : new DateTimeOffset(end, TimeSpan.Zero),
            IsTimestamp = family.IsTimestamp && statistic is not (MetricStatistic.Count or MetricStatistic.Sum),
        };
    }

    private readonly record struct SeriesId(int Family, int Origin, int Tags);

    private readonly record struct Point(long Ticks, double Value, long Interval, int Before);

    private record struct Series
    {
        public required Group Group { get; init; }

        /// <summary>What its machine counts, of all nodes; null = it is no such series.</summary>
        public Journey? Journey { get; init; }

        /// <summary>The newest of its points; the others follow from it. -1 = none is kept.</summary>
        public int Point { get; set; }

        public long Samples { get; set; }

        public long LastTicks { get; set; }

        public double LastValue { get; set; }

        /// <summary>The sum of its increments, the time that they cover, and when that begins.</summary>
        public double Grown { get; set; }

        public long Covered { get; set; }

        public long Begin { get; set; }
    }

    // What series of a group grew.
    private struct Growth
    {
        public ExactSum Sum;

        public int Series;

        /// <summary>The series that have one look.</summary>
        public int Single;

        /// <summary>The series whose looks are too close for a rate.</summary>
        public int Close;

        public long Samples;

        public long First;

        public long Last;

        public void Add(double value, long samples, long first, long last)
        {
            Sum.Add(value);
            if (Series == 0) Samples = 0;
            if (Series == 0 || first < First) First = first;
            if (Series == 0 || last > Last) Last = last;
            Series++;
            Samples += samples;
        }

        public void Pass(ReadOnlySpan<SeriesPoint> points, bool isClose = false)
        {
            if (points.IsEmpty) return;
            if (isClose) Close++;
            else Single++;
            if (Series > 0) return;
            Samples += points.Length;
            if (First == 0 || points[0].Ticks < First) First = points[0].Ticks;
            if (points[^1].Ticks > Last) Last = points[^1].Ticks;
        }
    }

    private sealed class Group(string?[] keys, string whole, string? part, bool keepsValues)
    {
        public Tally Tally;

        /// <summary>What its samples share, one value for each key.</summary>
        public string?[] Keys { get; } = keys;

        /// <summary>The group of the histogram that its buckets belong to.</summary>
        public string Whole { get; } = whole;

        /// <summary>The bound of a bucket or the quantile of a summary.</summary>
        public string? Part { get; } = part;

        public List<int> Series { get; } = [];

        public List<double>? Values { get; } = keepsValues ? [] : null;
    }

    private sealed class Family
    {
        private readonly Dictionary<string, Group> _groups = new(StringComparer.Ordinal);
        private readonly bool _keepsValues;

        public Family(int number, MetricSample sample, TagSet tags, MeasureOptions options)
        {
            Number = number;
            Name = sample.Name;
            Unit = sample.Unit;
            IsTimestamp = sample.IsTimestamp || IsTimeAsServed(sample);
            IsCount = sample.Kind == MetricKind.Count && !IsTimestamp && !CounterFacts.IsLevel(sample.RawName);
            IsStateless = CounterFacts.IsOfState(sample.RawName);
            LivesInMachine = CounterFacts.LivesInMachine(sample.RawName);
            IsHistogram = IsCount && (Name.EndsWith(".bucket", StringComparison.Ordinal) || Name.EndsWith("_bucket", StringComparison.Ordinal));
            string[] parts = IsHistogram ? ["upper_bound", "le"] : ["quantile"];
            PartKey = Array.Find(parts, tags.ContainsKey);
            IsHistogram &= PartKey is not null;
            Statistics = options.Statistics ?? (IsHistogram ? [MetricStatistic.Quantile] : IsCount ? [MetricStatistic.Rate] : IsTimestamp ? [MetricStatistic.Last] : OfGauges);
            NeedsPoints = IsCount && (Statistics.Any(static one => one is MetricStatistic.Rate or MetricStatistic.Increase) || (IsHistogram && Statistics.Contains(MetricStatistic.Quantile)));
            _keepsValues = !IsHistogram && Statistics.Contains(MetricStatistic.Quantile);
        }

        public int Number { get; }

        public string Name { get; }

        public string? Unit { get; }

        public bool IsTimestamp { get; }

        public bool IsCount { get; }

        /// <summary>Whether the machine counts it.</summary>
        public bool LivesInMachine { get; }

        /// <summary>Whether its tag <c>state</c> is that of the moment.</summary>
        public bool IsStateless { get; }

        public bool IsHistogram { get; }

        /// <summary>The tag that tells values apart that do not add up; null = none.</summary>
        public string? PartKey { get; }

        public IReadOnlyList<MetricStatistic> Statistics { get; }

        public bool NeedsPoints { get; }

        public List<Group> Groups { get; } = [];

        /// <summary>The unit of what a histogram observes: that of its sum.</summary>
        public string? ObservedUnit
        {
            get
            {
                string stem = Name[..^"_bucket".Length];
                if (MetricCatalog.Default.Find($"{stem}.sum") is { } sum) return sum.Unit;
                return stem.EndsWith("_seconds", StringComparison.Ordinal) ? "second" : stem.EndsWith("_bytes", StringComparison.Ordinal) ? "byte" : null;
            }
        }

        public Group FindGroup(string?[] keys, string? part, GroupKey[] by)
        {
            string whole = keys.Length == 0 ? "" : string.Join('\0', keys.Select((value, at) => PartKey is { } own && by[at].Is(own) ? "" : value is null ? "" : $"={value}"));
            string name = part is null ? whole : $"{whole}\0{part}";
            if (_groups.TryGetValue(name, out Group? group)) return group;
            group = new Group(keys, whole, part, _keepsValues);
            _groups.Add(name, group);
            Groups.Add(group);
            return group;
        }

        /// <summary>Puts its groups in order of what their samples share, with bounds in order of size.</summary>
        public void Sort()
        {
            Groups.Sort(static (left, right) =>
            {
                int order = string.CompareOrdinal(left.Whole, right.Whole);
                if (order == 0 && TryReadBound(left.Part, out double one) && TryReadBound(right.Part, out double other)) order = one.CompareTo(other);
                return order != 0 ? order : string.CompareOrdinal(left.Part, right.Part);
            });
        }

        // A time that an endpoint types as a counter, read under its own name.
        private static bool IsTimeAsServed(MetricSample sample) =>
            sample.Component is { } component && MetricCatalog.Default.Find(component, System.Text.Encoding.UTF8.GetBytes(sample.RawName))?.Definition.IsTimestamp == true;
    }
}
