using System.Buffers;
using System.Globalization;
using KubeVirtMonitor.Exposition;

namespace KubeVirtMonitor.Mapping;

/// <summary>Holds the buckets, counts and sums of one histogram family against each other, series by series, while its lines go by.</summary>
internal sealed class HistogramCheck
{
    private const int MostKept = 1024;

    private static HistogramCheck? spare;

    private readonly List<Series> _series = [];
    private readonly ArrayBufferWriter<byte> _key = new(64);
    private ByteTable? _keys;
    private int _count;
    private int _last = -1;

    /// <summary>The one that was given back, or a new one.</summary>
    public static HistogramCheck Rent() => Interlocked.Exchange(ref spare, null) ?? new HistogramCheck();

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
    /// <param name="labels">The label block, checked; empty where there is none.</param>
    /// <param name="value">The value.</param>
    /// <param name="line">The line.</param>
    /// <param name="isOpenMetrics">Whether the rules that only OpenMetrics has apply.</param>
    /// <returns>What is wrong, or null.</returns>
    public string? Bucket(ReadOnlySpan<byte> labels, double value, long line, bool isOpenMetrics)
    {
        if (!TryCutBound(labels, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> text)) return "a bucket without the label le";
        if (NumberReader.Read(text, out double bound) != text.Length || double.IsNaN(bound)) return "the label le of a bucket has to be a number";
        bool found = Enter(key, line);
        Series series = _series[_last];
        bool isAfter = !series.HasBucket || bound > series.Bound;
        string? wrong = isOpenMetrics && double.IsPositiveInfinity(bound) && !text.SequenceEqual("+Inf"u8) ? "the last bucket is written le=\"+Inf\""
            : !(value >= 0) ? "a bucket counts, so that it is at least 0"
            : isOpenMetrics && !found ? Apart
            : !isAfter ? "the buckets of a series have to come with ascending le"
            : series.HasBucket && value < series.Value ? string.Create(CultureInfo.InvariantCulture, $"a bucket holds all of the one before, and {value} is less than {series.Value}")
            : null;
        series.HasBucket = true;
        series.HasNegativeBound |= bound < 0;
        series.Bound = bound;
        series.Value = value;
        if (double.IsPositiveInfinity(bound)) series.Infinite = value;
        return wrong;
    }

    /// <summary>Takes a count.</summary>
    /// <inheritdoc cref="Bucket"/>
    public string? Count(ReadOnlySpan<byte> labels, double value, long line, bool isOpenMetrics)
    {
        bool found = Enter(KeyOf(labels), line);
        _series[_last].Count = value;
        return !(value >= 0) ? "a count is at least 0" : isOpenMetrics && !found ? Apart : null;
    }

    /// <summary>Takes a sum.</summary>
    /// <inheritdoc cref="Bucket"/>
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

    private const string Apart = "the lines of one series of a histogram stand together";

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

        public bool HasNegativeBound { get; set; }

        public bool HasSum { get; set; }

        public double Bound { get; set; }

        public double Value { get; set; }

        public double Sum { get; set; }

        public double? Infinite { get; set; }

        public double? Count { get; set; }

        public void Clear()
        {
            HasBucket = HasNegativeBound = HasSum = false;
            Infinite = Count = null;
        }

        public string? Verdict(bool isWhole, bool isGauge, bool isOpenMetrics)
        {
            if (HasBucket && Infinite is null) return "a histogram without its last bucket, le=\"+Inf\"";
            if (Infinite is { } all && Count is { } count && !all.Equals(count))
                return string.Create(CultureInfo.InvariantCulture, $"the bucket le=\"+Inf\" and the count are the same number, and these are {all} and {count}");
            if (!isOpenMetrics) return null;
            if (isGauge && HasSum && Sum < 0 && !HasNegativeBound) return "a negative sum without negative buckets";
            if (!isGauge && HasSum && (HasNegativeBound || Sum < 0)) return "a histogram of negative values has no sum";
            if (!isWhole || HasSum == Count is not null) return null;
            return HasSum ? "a histogram with a sum and without a count" : "a histogram with a count and without a sum";
        }
    }
}
