using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Exposition;

namespace KubeVirtMonitor.Mapping;

/// <summary>
/// The rules of the formats that go beyond one line, as far as breaking them can change a value, a kind or a series. What breaks one is
/// reported; the first of two lines that contradict each other holds, and values are kept as they are.
/// </summary>
internal sealed class FormatRules(TargetMemory memory, Action<ExpositionDefect> report)
{
    private static readonly string[] Suffixes = ["_total", "_created", "_bucket", "_sum", "_count", "_gsum", "_gcount", "_info"];

    private MetricFamily? _family;
    private bool _isOpenMetrics;
    private bool _hasUntyped;
    private SeriesName? _stamped;
    private HistogramCheck? _histogram;
    private SeriesName? _bucket;
    private int _stampedBlock;
    private long _stamp;

    private HistogramCheck Histogram => _histogram ??= HistogramCheck.Rent();

    /// <summary>Takes a HELP, TYPE or UNIT line that came first for its family, or not.</summary>
    /// <param name="reader">The reader at the line.</param>
    public void TakeMetadata(ref ExpositionReader reader, MetricFamily family)
    {
        ExpositionToken token = reader.Token;
        bool isFirst = token switch
        {
            ExpositionToken.Help => family.SetHelp(reader.Text),
            ExpositionToken.Unit => family.SetUnit(),
            _ => SetType(family, reader.Type),
        };
        if (!isFirst) Report(reader.Line, $"a second {Keyword(token)} line for one family", family.Name, isKept: false);
        else if (family.HasSamples) Report(reader.Line, $"a {Keyword(token)} line after samples of its family", family.Name, isKept: token != ExpositionToken.Type);
        else if (token == ExpositionToken.Type) CheckClashes(ref reader, family);
        else if (token == ExpositionToken.Unit) CheckUnit(ref reader, family);
    }

    /// <summary>Takes the first sample of another name than the line before had.</summary>
    /// <param name="reader">The reader at the sample.</param>
    public void Enter(ref ExpositionReader reader, SeriesName name)
    {
        MetricFamily family = name.Family!;
        LeaveBucket();
        _isOpenMetrics = reader.IsOpenMetrics;
        family.HasSamples = true;
        family.IsSkipped |= name.Role == SeriesRole.Skip;
        _hasUntyped |= family.Type == MetricType.Untyped;
        if (family == _family) return;
        Leave();
        _family = family;
        if (!family.IsLeft || family.IsReported) return;
        family.IsReported = true;
        Report(reader.Line, "the lines of one family must be together, but there are others between them", family.Name, isKept: true);
    }

    /// <summary>Ends a family, also the last one.</summary>
    public void Leave()
    {
        if (_family is not { } family) return;
        _family = null;
        if (family.Type is MetricType.Histogram or MetricType.GaugeHistogram)
        {
            // Of lines that stand in several places, no place has them all.
            if (!family.IsLeft) Close(family);
            LeaveHistogram();
        }

        family.IsLeft = true;
    }

    /// <summary>Leaves the family that a body that broke off ends with, of which lines may be missing.</summary>
    public void Drop()
    {
        _family = null;
        LeaveHistogram();
    }

    /// <summary>Which rule the values of a name follow.</summary>
    public static SeriesRule RuleOf(SeriesName name)
    {
        MetricFamily family = name.Family!;
        ReadOnlySpan<byte> suffix = family.Holds(name.Bytes) ? name.Bytes.AsSpan(family.Bytes.Length) : default;
        bool isBase = suffix.IsEmpty;
        return family.Type switch
        {
            MetricType.Counter => suffix.SequenceEqual("_created"u8) ? SeriesRule.None : SeriesRule.Counter,
            MetricType.Info => SeriesRule.Info,
            MetricType.StateSet when isBase => SeriesRule.State,
            MetricType.Summary when isBase => SeriesRule.Quantile,
            MetricType.Summary when suffix.SequenceEqual("_count"u8) => SeriesRule.Counter,
            MetricType.Summary when suffix.SequenceEqual("_sum"u8) => SeriesRule.Sum,
            MetricType.Histogram or MetricType.GaugeHistogram when suffix.SequenceEqual("_bucket"u8) => SeriesRule.Bucket,
            MetricType.Histogram when suffix.SequenceEqual("_count"u8) => SeriesRule.HistogramCount,
            MetricType.Histogram when suffix.SequenceEqual("_sum"u8) => SeriesRule.HistogramSum,
            MetricType.GaugeHistogram when suffix.SequenceEqual("_gcount"u8) => SeriesRule.HistogramCount,
            MetricType.GaugeHistogram when suffix.SequenceEqual("_gsum"u8) => SeriesRule.HistogramSum,
            _ => SeriesRule.None,
        };
    }

    /// <summary>Takes the bucket after the one before, which the last scrape had there as well, with a value that is not less.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void TakeNextBucket(SeriesName name, int block, double value, long line)
    {
        _histogram!.Follow(block, value, line);
        name.Unquestioned = memory.Labels.IsNextBucket(block + 1) ? value : double.NaN;
    }

    /// <summary>Holds the value of a line against the rule of its name.</summary>
    public void Check(ref ExpositionReader reader, SeriesName name, int block)
    {
        double value = reader.Value;
        bool isOpenMetrics = reader.IsOpenMetrics;
        string? wrong = name.Rule switch
        {
            SeriesRule.Counter => value >= 0 ? null : "a counter must be at least 0",
            SeriesRule.Info => value.Equals(1d) ? null : "an info must have the value 1",
            SeriesRule.State => !value.Equals(0d) && !value.Equals(1d) ? "a state must have the value 0 or 1" : HasLabel(reader.Labels, name.Bytes) ? null : $"a state without the label {name.Text}",
            SeriesRule.Quantile => CheckQuantile(reader.Labels) ?? (isOpenMetrics && value < 0 ? "a quantile must be at least 0" : null),
            SeriesRule.Sum => isOpenMetrics && !(value >= 0) ? "the sum of a summary must be at least 0" : null,
            SeriesRule.Bucket => CheckBucket(ref reader, name, block),
            SeriesRule.HistogramCount => Histogram.Count(reader.Labels, value, reader.Line, isOpenMetrics),
            SeriesRule.HistogramSum => Histogram.Sum(reader.Labels, value, reader.Line, isOpenMetrics),
            _ => null,
        };
        if (wrong is not null) Report(reader.Line, wrong, TextOf(ref reader), isKept: true);
    }

    /// <summary>Takes a line with a timestamp.</summary>
    /// <param name="reader">The reader at the line.</param>
    /// <param name="name">The name; the line is counted already.</param>
    /// <param name="block">The label block.</param>
    /// <param name="isNew">Whether the series is new in the scrape.</param>
    /// <returns>Whether the line is kept: a series at several moments is no contradiction.</returns>
    public bool TakeStamped(ref ExpositionReader reader, SeriesName name, int block, bool isNew)
    {
        if (!isNew && name.Series - 1 > name.Stamped)
        {
            ReportRepeated(ref reader);
            return false;
        }

        if (!isNew && _stamped == name && _stampedBlock == block && reader.TimestampTicks < _stamp && !CounterFacts.IsUnsorted(name.Text))
            Report(reader.Line, "a series goes back in time", TextOf(ref reader), isKept: true);
        name.Stamped++;
        (_stamped, _stampedBlock, _stamp) = (name, block, reader.TimestampTicks);
        return true;
    }

    /// <summary>Reports a series that the scrape has already, and not at another time.</summary>
    public void ReportRepeated(ref ExpositionReader reader) =>
        Report(reader.Line, "a series occurs twice in one scrape; the first one is kept", TextOf(ref reader), isKept: false);

    private string? CheckBucket(ref ExpositionReader reader, SeriesName name, int block)
    {
        LeaveBucket();
        string? wrong = Histogram.Bucket(memory.Labels, block, reader.Value, reader.Line, reader.IsOpenMetrics);
        if (wrong is null && name.Role == SeriesRole.Emit && memory.Labels.IsNextBucket(block + 1)) (_bucket, name.Unquestioned) = (name, reader.Value);
        return wrong;
    }

    // With another line in between, the next bucket is looked at.
    private void LeaveBucket()
    {
        if (_bucket is not null) _bucket.Unquestioned = double.NaN;
        _bucket = null;
    }

    private void LeaveHistogram()
    {
        LeaveBucket();
        _histogram?.Return();
        _histogram = null;
    }

    private static string Keyword(ExpositionToken token) => token.ToString().ToUpperInvariant();

    private static string? CheckQuantile(ReadOnlySpan<byte> labels)
    {
        LabelReader reader = new(labels);
        while (reader.Read())
        {
            if (!reader.Name.SequenceEqual("quantile"u8)) continue;
            bool isNumber = NumberReader.Read(reader.Value, out double quantile) == reader.Value.Length && reader.Value.Length > 0;
            return isNumber && quantile is >= 0 and <= 1 ? null : "the label quantile must be a number from 0 to 1";
        }

        return "a value of a summary without the label quantile";
    }

    private static bool HasLabel(ReadOnlySpan<byte> labels, ReadOnlySpan<byte> name)
    {
        LabelReader reader = new(labels);
        while (reader.Read())
        {
            if (reader.Name.SequenceEqual(name)) return true;
        }

        return false;
    }

    private static string TextOf(ref ExpositionReader reader) =>
        string.Create(CultureInfo.InvariantCulture, $"{LabelText.Unescape(reader.Name)}{LabelText.Unescape(reader.Labels.Length > 240 ? reader.Labels[..240] : reader.Labels)} {reader.Value}");

    private static bool SetType(MetricFamily family, MetricType type) => family.HasSamples ? family.SetType(family.Type) : family.SetType(type);

    private void Close(MetricFamily family)
    {
        foreach ((long line, string reason, string series) in Histogram.Close(!family.IsSkipped, family.Type == MetricType.GaugeHistogram, _isOpenMetrics))
            Report(line, reason, family.Name + series, isKept: true);
    }

    // A name that belongs to two families is of the type of one of them only.
    private void CheckClashes(ref ExpositionReader reader, MetricFamily family)
    {
        // Most scrapes give every family its type first, and then there is nothing to look up.
        if (!_hasUntyped && !reader.IsOpenMetrics) return;
        int longest = family.Bytes.Length + 8;
        Span<byte> bytes = longest <= 256 ? stackalloc byte[longest] : new byte[longest];
        family.Bytes.CopyTo(bytes);
        foreach (string suffix in Suffixes)
        {
            ReadOnlySpan<byte> sample = bytes[..(family.Bytes.Length + Encoding.ASCII.GetBytes(suffix, bytes[family.Bytes.Length..]))];
            if (!family.Holds(sample)) continue;
            if (memory.FindName(sample) is { Family: { } other } && other != family && other.Type == MetricType.Untyped)
                Report(reader.Line, "a TYPE line after samples of its family", family.Name, isKept: false);
            else if (reader.IsOpenMetrics && memory.HasFamily(sample))
                Report(reader.Line, $"the family {family.Name}{suffix} has a name that belongs to {family.Name}", family.Name, isKept: true);
            else
                continue;
            return;
        }

        if (!reader.IsOpenMetrics) return;
        foreach (string suffix in Suffixes)
        {
            int length = family.Bytes.Length - suffix.Length;
            if (length <= 0 || !memory.HasFamily(family.Bytes.AsSpan(0, length)) || !family.Name.EndsWith(suffix, StringComparison.Ordinal)) continue;
            if (!memory.Family(family.Bytes.AsSpan(0, length)).Holds(family.Bytes)) continue;
            Report(reader.Line, $"the family {family.Name} has a name that belongs to {family.Name[..^suffix.Length]}", family.Name, isKept: true);
            return;
        }
    }

    private void CheckUnit(ref ExpositionReader reader, MetricFamily family)
    {
        if (reader.Text.IsEmpty) return;
        bool isSuffix = family.Bytes.AsSpan().EndsWith(reader.Text) && family.Bytes.Length > reader.Text.Length && family.Bytes[^(reader.Text.Length + 1)] == '_';
        if (!isSuffix) Report(reader.Line, "a unit must be the end of the family's name", family.Name, isKept: true);
        else if (family.Type is MetricType.Info or MetricType.StateSet) Report(reader.Line, "an info or a stateset cannot have a unit", family.Name, isKept: true);
    }

    private void Report(long line, string reason, string text, bool isKept) =>
        report(new ExpositionDefect(line, 1, reason, text.Length > 80 ? text[..79] + "…" : text) { IsKept = isKept });
}

/// <summary>Holds the buckets, counts and sums of one histogram family against each other, series by series, while its lines go by.</summary>
internal sealed class HistogramCheck
{
    private const int MostKept = 1024;

    [ThreadStatic]
    private static HistogramCheck? spare;

    private readonly List<Series> _series = [];
    private readonly ArrayBufferWriter<byte> _key = new(64);
    private ByteTable? _keys;
    private int _count;
    private int _last = -1;

    /// <summary>The one that was given back, or a new one.</summary>
    public static HistogramCheck Rent()
    {
        HistogramCheck check = spare ?? new HistogramCheck();
        spare = null;
        return check;
    }

    /// <summary>Gives it back at the end of a family, for the next one of whatever target: a family takes little time and most are small.</summary>
    public void Return()
    {
        if (_series.Count > MostKept) return;
        _count = 0;
        _keys?.Clear();
        _last = -1;
        spare = this;
    }

    /// <summary>Takes a bucket.</summary>
    /// <param name="table">The label blocks of the target.</param>
    /// <param name="block">The block of the bucket, checked; -1 where there are no labels.</param>
    /// <param name="isOpenMetrics">Whether the rules that only OpenMetrics has apply.</param>
    /// <returns>What is wrong, or null.</returns>
    public string? Bucket(LabelTable table, int block, double value, long line, bool isOpenMetrics)
    {
        if (!TryCutBound(block < 0 ? default : table.Blocks.Get(block), out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> text)) return "a bucket without the label le";
        if (NumberReader.Read(text, out double bound) != text.Length || double.IsNaN(bound)) return "the label le of a bucket must be a number";
        bool found = Enter(key, line);
        Series series = _series[_last];
        if (series.IsFollowed)
        {
            series.IsFollowed = false;
            if (TryCutBound(table.Blocks.Get(series.Block), out _, out ReadOnlySpan<byte> last) && NumberReader.Read(last, out double lastBound) > 0) series.Bound = lastBound;
        }

        bool isAfter = !series.HasBucket || bound > series.Bound;
        if (series.HasBucket && isAfter && series.Block == block - 1 && bound >= 0 && !double.IsPositiveInfinity(bound)) table.SetNextBucket(block);
        string? wrong = isOpenMetrics && double.IsPositiveInfinity(bound) && !text.SequenceEqual("+Inf"u8) ? "the last bucket must be written as le=\"+Inf\""
            : !(value >= 0) ? "the value of a bucket must be at least 0"
            : isOpenMetrics && !found ? Apart
            : !isAfter ? "the buckets of a series must be in ascending order of le"
            : series.HasBucket && value < series.Value ? string.Create(CultureInfo.InvariantCulture, $"a bucket includes the previous one, but {value} is less than {series.Value}")
            : null;
        series.HasBucket = true;
        series.Block = block;
        series.HasNegativeBound |= bound < 0;
        series.Bound = bound;
        series.Value = value;
        if (double.IsPositiveInfinity(bound)) series.Infinite = value;
        return wrong;
    }

    /// <summary>Takes a bucket of the series of the last one, with a bound that is known to be larger and a value that is not less.</summary>
    public void Follow(int block, double value, long line)
    {
        Series series = _series[_last];
        series.IsFollowed = true;
        series.Block = block;
        series.Value = value;
        series.Line = line;
    }

    /// <summary>Takes a count.</summary>
    /// <param name="labels">The label block, checked; empty where there is none.</param>
    /// <param name="value">The value.</param>
    /// <param name="line">The line.</param>
    /// <param name="isOpenMetrics">Whether the rules that only OpenMetrics has apply.</param>
    /// <returns>What is wrong, or null.</returns>
    public string? Count(ReadOnlySpan<byte> labels, double value, long line, bool isOpenMetrics)
    {
        bool found = Enter(KeyOf(labels), line);
        _series[_last].Count = value;
        return !(value >= 0) ? "a count must be at least 0" : isOpenMetrics && !found ? Apart : null;
    }

    /// <summary>Takes a sum.</summary>
    /// <inheritdoc cref="Count"/>
    public string? Sum(ReadOnlySpan<byte> labels, double value, long line, bool isOpenMetrics)
    {
        bool found = Enter(KeyOf(labels), line);
        _series[_last].Sum = value;
        _series[_last].HasSum = true;
        return isOpenMetrics && double.IsNaN(value) ? "a sum is a number" : isOpenMetrics && !found ? Apart : null;
    }

    /// <summary>What is wrong with the family as a whole.</summary>
    /// <param name="isWhole">Whether all its lines were looked at.</param>
    /// <param name="isGauge">Whether it is a gauge histogram, whose sum may be negative with negative buckets.</param>
    /// <param name="isOpenMetrics">Whether the rules that only OpenMetrics has apply.</param>
    public IEnumerable<(long Line, string Reason, string Series)> Close(bool isWhole, bool isGauge, bool isOpenMetrics)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_series[i].Verdict(isWhole, isGauge, isOpenMetrics) is not { } reason) continue;
            string name = _keys is null ? "" : LabelText.Unescape(_keys.Get(i));
            yield return (_series[i].Line, reason, name.Length > 1 ? name + "}" : "");
        }
    }

    private const string Apart = "the lines of one series of a histogram must be together";

    // Goes to a series; false where it is one that was left before.
    private bool Enter(ReadOnlySpan<byte> key, long line)
    {
        _keys ??= new ByteTable();
        bool found = true;
        if (_last < 0 || !_keys.Get(_last).SequenceEqual(key))
        {
            _last = _keys.FindOrAdd(key, out bool added);
            if (added) Begin();
            found = added;
        }

        _series[_last].Line = line;
        return found;
    }

    private void Begin()
    {
        if (_count == _series.Count) _series.Add(new Series());
        else _series[_count].Clear();
        _count++;
    }

    private static ReadOnlySpan<byte> KeyOf(ReadOnlySpan<byte> labels) => labels.Length < 2 ? "{"u8 : labels[..^1].TrimEnd(", \t"u8);

    // Nearly always le is the last label, and what stands before it is the series.
    private bool TryCutBound(ReadOnlySpan<byte> labels, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> bound)
    {
        // Then the last quote but one opens the bound, and looking for it passes over that alone.
        if (labels.EndsWith("\"}"u8))
        {
            int quote = labels[..^2].LastIndexOf((byte)'"');
            ReadOnlySpan<byte> before = labels[..Math.Max(quote, 0)];
            bound = labels[(quote + 1)..^2];
            if ((before.EndsWith(",le="u8) || before.EndsWith("{le="u8)) && !bound.Contains((byte)'\\'))
            {
                key = before[..^3].TrimEnd((byte)',');
                return true;
            }
        }

        _key.ResetWrittenCount();
        _key.Write("{"u8);
        bound = default;
        bool has = false;
        LabelReader reader = new(labels);
        while (reader.Read())
        {
            if (reader.Name.SequenceEqual("le"u8))
            {
                bound = reader.Value;
                has = true;
                continue;
            }

            if (_key.WrittenCount > 1) _key.Write(","u8);
            _key.Write(reader.Name);
            _key.Write("=\""u8);
            _key.Write(reader.Value);
            _key.Write("\""u8);
        }

        key = _key.WrittenSpan;
        return has;
    }

    private sealed class Series
    {
        public long Line { get; set; }

        public bool HasBucket { get; set; }

        /// <summary>The block of the last bucket.</summary>
        public int Block { get; set; }

        /// <summary>Whether the bound is that of an earlier bucket than the last.</summary>
        public bool IsFollowed { get; set; }

        public bool HasNegativeBound { get; set; }

        public bool HasSum { get; set; }

        public double Bound { get; set; }

        public double Value { get; set; }

        public double Sum { get; set; }

        public double? Infinite { get; set; }

        public double? Count { get; set; }

        public void Clear()
        {
            HasBucket = IsFollowed = HasNegativeBound = HasSum = false;
            Infinite = Count = null;
        }

        public string? Verdict(bool isWhole, bool isGauge, bool isOpenMetrics)
        {
            if (HasBucket && Infinite is null) return "a histogram without its last bucket, le=\"+Inf\"";
            if (Infinite is { } all && Count is { } count && !all.Equals(count))
                return string.Create(CultureInfo.InvariantCulture, $"the bucket le=\"+Inf\" and the count must be the same number, but they are {all} and {count}");
            if (!isOpenMetrics) return null;
            if (isGauge && HasSum && Sum < 0 && !HasNegativeBound) return "a negative sum without negative buckets";
            if (!isGauge && HasSum && (HasNegativeBound || Sum < 0)) return "a histogram of negative values has no sum";
            if (!isWhole || HasSum == Count is not null) return null;
            return HasSum ? "a histogram with a sum and without a count" : "a histogram with a count and without a sum";
        }
    }
}
