using System.Buffers;
using System.Text;
using KubeVirtMonitor.Catalog;

namespace KubeVirtMonitor.Mapping;

/// <summary>
/// Compares two sides, each of any number of scrapes, or a KubeVirt version. Samples are added one by one and not kept: what is kept is a number per name and
/// set of tags, and for each series of either side its two values.
/// </summary>
internal sealed class MetricComparison(ComparisonOptions options)
{
    // What is remembered of the tags that samples share; they are found again by their bytes.
    private const int MostKnown = 65_536;

    private readonly Dictionary<string, Family> _families = new(StringComparer.Ordinal);
    private readonly List<Family> _byNumber = [];
    private readonly ByteTable _tags = new();
    private readonly ArrayBufferWriter<byte> _block = new();
    private readonly Dictionary<TagSet, int> _known = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<long, int> _index = [];
    // The last value of each series whose lines have a time of their own.
    private readonly Dictionary<(int Side, int Family, string Tags), double> _timed = [];
    private readonly List<Series> _series = [];
    private readonly Side[] _sides = [new Side(), new Side()];

    /// <summary>How far a value moved, see <see cref="MetricDifference.Movement"/>. NaN is equal to NaN, and as far from any number as can be.</summary>
    public static double Movement(double from, double to)
    {
        if (from.Equals(to)) return 0;
        double larger = Math.Max(Math.Abs(from), Math.Abs(to));
        return double.IsFinite(from) && double.IsFinite(to) ? Math.Abs((to / larger) - (from / larger)) : 2;
    }

    /// <summary>
    /// Adds a sample to a side. Series that only tags that are left out tell apart become one: their sum, and of points in time the latest. A sample with a time
    /// of its own takes the place of the one before it of the same series.
    /// </summary>
    public void Add(bool isReference, MetricSample sample)
    {
        int side = isReference ? 0 : 1;
        if (sample.Component is { } component) _sides[side].Components.Add(component);
        Family family = Find(sample.Name, sample.Kind, sample.Unit, sample.IsTimestamp);
        family.Forms[side] ??= sample.Form;
        family.Counts[side]++;
        long key = ((long)family.Number << 32) | (uint)(options.ByName ? 0 : NumberOf(sample.Tags));
        if (!_index.TryGetValue(key, out int at))
        {
            _index.Add(key, at = _series.Count);
            _series.Add(new Series(key));
        }

        ref Series series = ref System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_series)[at];
        ref double value = ref isReference ? ref series.Reference : ref series.Difference;
        ref int count = ref isReference ? ref series.ReferenceCount : ref series.DifferenceCount;
        double added = sample.Value;
        if (sample.Ticks != 0)
        {
            (int, int, string) line = (side, family.Number, sample.Tags.ToString());
            bool isRepeated = _timed.TryGetValue(line, out double before);
            _timed[line] = added;
            if (isRepeated)
            {
                value = sample.IsTimestamp ? Math.Max(value, added) : value - before + added;
                return;
            }
        }

        value = count++ == 0 ? added : sample.IsTimestamp ? Math.Max(value, added) : value + added;
    }

    /// <summary>Makes a side what a KubeVirt version serves: names, types and units, and no values.</summary>
    public void Add(bool isReference, KubeVirtVersion version) => _sides[isReference ? 0 : 1].Version = version;

    /// <summary>A scrape, or a list of samples, has ended.</summary>
    public void EndTarget() => _known.Clear();

    /// <summary>
    /// The differences, in order of weight: metrics that only one side has, types, units and names that differ, series that only one side has, counts that fell,
    /// gauges and then counts by how far they moved. What no endpoint serves is compared where both sides have it.
    /// </summary>
    public IEnumerable<MetricDifference> Compare()
    {
        for (int side = 0; side < _sides.Length; side++)
        {
            if (_sides[side].Version is { } version) AddVersion(side, version, _sides[1 - side]);
        }

        Family[] families = [.. _byNumber.OrderBy(static family => family.Name, StringComparer.Ordinal)];
        foreach (Family family in families.Where(static family => family.Forms[1] is null && family.Forms[0]!.RawName is not null)) yield return family.ToDifference(MetricChange.Removed, static form => form.RawName);
        foreach (Family family in families.Where(static family => family.Forms[0] is null && family.Forms[1]!.RawName is not null)) yield return family.ToDifference(MetricChange.Added, static form => form.RawName);
        foreach (Family family in Both(families, static (from, to) => from.Kind != to.Kind || (from.Type != to.Type && from.Type is not null && to.Type is not null))) yield return family.ToDifference(MetricChange.Kind, static form => form.Type ?? form.Kind.ToString());
        foreach (Family family in Both(families, static (from, to) => from.Unit != to.Unit)) yield return family.ToDifference(MetricChange.Unit, static form => form.Unit);
        foreach (Family family in Both(families, static (from, to) => from.RawName != to.RawName)) yield return family.ToDifference(MetricChange.Renamed, static form => form.RawName);
        if (Array.Exists(_sides, static side => side.Version is not null)) yield break;
        foreach (Ranked ranked in Rank()) yield return ToDifference(ranked);
    }

    private IEnumerable<Family> Both(Family[] families, Func<MetricForm, MetricForm, bool> differ) => families.Where(family => family.Forms[0] is { } from && family.Forms[1] is { } to && differ(from, to));

    private void AddVersion(int side, KubeVirtVersion version, Side other)
    {
        foreach (MetricDefinition definition in MetricCatalog.Default.Definitions)
        {
            bool isOfOther = other.Version is not null ? options.Components?.Contains(definition.Component) != false : other.Components.Contains(definition.Component);
            if (!isOfOther || definition.RawMetrics.Count == 0 || !definition.AppliesTo(version)) continue;
            RawMetric raw = definition.RawMetrics.FirstOrDefault(raw => raw.AppliesTo(version)) ?? new RawMetric(definition.DerivedFrom!, "gauge", null, null, 1);
            if (options.NameFilter?.Invoke(definition.Name, raw.Name) == false) continue;
            Find(definition.Name, definition.Kind, definition.Unit, definition.IsTimestamp).Forms[side] = new MetricForm(definition.Kind, raw.Type, MetricForm.UnitOf(definition.Unit, raw.Divisor), raw.Name);
        }
    }

    private Ranked[] Rank()
    {
        List<Ranked> ranked = [];
        for (int i = 0; i < _series.Count; i++)
        {
            Series series = _series[i];
            Family family = FamilyOf(series);
            if (family.Forms[0] is null || family.Forms[1] is null) continue;
            double movement = Movement(series.Reference, series.Difference);
            MetricChange change = (series.ReferenceCount, series.DifferenceCount) switch
            {
                (_, 0) => MetricChange.Removed,
                (0, _) => MetricChange.Added,
                _ when movement <= options.Tolerance => MetricChange.Equal,
                _ when family.Kind == MetricKind.Gauge || series.ReferenceCount != series.DifferenceCount => MetricChange.Value,
                _ => series.Difference < series.Reference ? MetricChange.Reset : MetricChange.Grown,
            };
            if (change != MetricChange.Equal || options.IncludeEqual) ranked.Add(new Ranked(i, change, change is MetricChange.Removed or MetricChange.Added ? 0 : movement));
        }

        Ranked[] sorted = [.. ranked];
        Array.Sort(sorted, (left, right) =>
        {
            int order = left.Change.CompareTo(right.Change);
            if (order == 0) order = right.Movement.CompareTo(left.Movement);
            if (order == 0) order = string.CompareOrdinal(FamilyOf(_series[left.Index]).Name, FamilyOf(_series[right.Index]).Name);
            return order != 0 ? order : left.Index.CompareTo(right.Index);
        });
        return sorted;
    }

    private MetricDifference ToDifference(Ranked ranked)
    {
        Series series = _series[ranked.Index];
        Family family = FamilyOf(series);
        return new MetricDifference
        {
            Name = family.Name,
            Change = ranked.Change,
            Tags = options.ByName ? null : TagsOf((int)(series.Key & uint.MaxValue)),
            Kind = family.Kind,
            Unit = family.Unit,
            IsTimestamp = family.IsTimestamp,
            Reference = series.ReferenceCount > 0 ? series.Reference : null,
            Difference = series.DifferenceCount > 0 ? series.Difference : null,
            From = family.Forms[0]!.RawName,
            To = family.Forms[1]!.RawName,
            ReferenceSeries = series.ReferenceCount,
            DifferenceSeries = series.DifferenceCount,
        };
    }

    private Family FamilyOf(Series series) => _byNumber[(int)(series.Key >> 32)];

    private Family Find(string name, MetricKind kind, string? unit, bool isTimestamp)
    {
        if (_families.TryGetValue(name, out Family? family)) return family;
        family = new Family(_byNumber.Count, name, kind, unit, isTimestamp);
        _families.Add(name, family);
        _byNumber.Add(family);
        return family;
    }

    private int NumberOf(TagSet tags)
    {
        if (_known.TryGetValue(tags, out int number)) return number;
        _block.ResetWrittenCount();
        foreach ((string key, string value) in tags.Where(tag => !options.IgnoredTags.Contains(tag.Key)).OrderBy(static tag => tag.Key, StringComparer.Ordinal))
        {
            Encoding.UTF8.GetBytes(key, _block);
            _block.Write("\0"u8);
            Encoding.UTF8.GetBytes(value, _block);
            _block.Write("\0"u8);
        }

        number = _tags.FindOrAdd(_block.WrittenSpan, out _);
        if (_known.Count == MostKnown) _known.Clear();
        _known.Add(tags, number);
        return number;
    }

    private TagSet TagsOf(int number)
    {
        string[] parts = Encoding.UTF8.GetString(_tags.Get(number)).Split('\0');
        KeyValuePair<string, string>[] tags = new KeyValuePair<string, string>[parts.Length / 2];
        for (int i = 0; i < tags.Length; i++) tags[i] = new(parts[2 * i], parts[(2 * i) + 1]);
        return new TagSet(tags);
    }

    private sealed class Side
    {
        public KubeVirtVersion? Version { get; set; }

        public HashSet<ComponentKind> Components { get; } = [];
    }

    private sealed class Family(int number, string name, MetricKind kind, string? unit, bool isTimestamp)
    {
        public int Number { get; } = number;

        public string Name { get; } = name;

        public MetricKind Kind { get; } = kind;

        public string? Unit { get; } = unit;

        public bool IsTimestamp { get; } = isTimestamp;

        /// <summary>How the endpoints of the two sides have it; null where they do not.</summary>
        public MetricForm?[] Forms { get; } = new MetricForm?[2];

        public long[] Counts { get; } = new long[2];

        // What a version serves has a form and no series.
        private long? SeriesOf(int side) => Counts[side] == 0 && Forms[side] is not null ? null : Counts[side];

        public MetricDifference ToDifference(MetricChange change, Func<MetricForm, string?> show) => new()
        {
            Name = Name,
            Change = change,
            Kind = (Forms[0] ?? Forms[1])!.Kind,
            Unit = Unit,
            From = Forms[0] is { } from ? show(from) : null,
            To = Forms[1] is { } to ? show(to) : null,
            ReferenceSeries = SeriesOf(0),
            DifferenceSeries = SeriesOf(1),
        };
    }

    private record struct Series(long Key)
    {
        public double Reference;
        public double Difference;
        public int ReferenceCount;
        public int DifferenceCount;
    }

    private readonly record struct Ranked(int Index, MetricChange Change, double Movement);
}

/// <summary>How two sides are compared.</summary>
internal sealed record ComparisonOptions
{
    /// <summary>Tags that tell the targets of a scrape apart, and not what is measured.</summary>
    public static readonly string[] TargetTags = ["endpoint", "pod_name", "kube_namespace", "kube_node"];

    /// <summary>Whether all series of a name are compared as one.</summary>
    public bool ByName { get; init; }

    /// <summary>Tags that are left out.</summary>
    public IReadOnlyCollection<string> IgnoredTags { get; init; } = TargetTags;

    /// <summary>The movement up to which values are equal, see <see cref="MetricDifference.Movement"/>.</summary>
    public double Tolerance { get; init; }

    /// <summary>Whether equal values are among the differences.</summary>
    public bool IncludeEqual { get; init; }

    /// <summary>The names of versions that are compared, by the module's and the raw name; null = all. Samples are not filtered here.</summary>
    public Func<string, string, bool>? NameFilter { get; init; }

    /// <summary>The components that are compared when both sides are versions; null = all.</summary>
    public IReadOnlyCollection<ComponentKind>? Components { get; init; }
}

/// <summary>How an endpoint has a metric.</summary>
/// <param name="Kind">Gauge or count.</param>
/// <param name="Type">The type on the TYPE line; null where there is none.</param>
/// <param name="Unit">The unit of the values on the endpoint.</param>
/// <param name="RawName">The name of the family where the catalogue knows it, else of the samples; null for what no endpoint serves, such as the result of a health check.</param>
internal sealed record MetricForm(MetricKind Kind, string? Type, string? Unit, string? RawName)
{
    /// <summary>The unit before a value is divided.</summary>
    public static string? UnitOf(string? unit, double divisor) => divisor.Equals(1d) ? unit : unit == "second" && divisor.Equals(1000d) ? "millisecond" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{unit} / {divisor:0}");
}
