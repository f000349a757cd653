using System.Globalization;
using System.Text;
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
    private int _stampedBlock;
    private long _stamp;

    private HistogramCheck Histogram => _histogram ??= HistogramCheck.Rent();

    /// <summary>Takes a HELP, TYPE or UNIT line that came first for its family, or not.</summary>
    /// <param name="reader">The reader at the line.</param>
    /// <param name="family">The family.</param>
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
        else if (family.HasSamples) Report(reader.Line, $"a {Keyword(token)} line behind samples of its family", family.Name, isKept: token != ExpositionToken.Type);
        else if (token == ExpositionToken.Type) CheckClashes(ref reader, family);
        else if (token == ExpositionToken.Unit) CheckUnit(ref reader, family);
    }

    /// <summary>Takes the first sample of another name than the line before had.</summary>
    /// <param name="reader">The reader at the sample.</param>
    /// <param name="name">The name.</param>
    public void Enter(ref ExpositionReader reader, SeriesName name)
    {
        MetricFamily family = name.Family!;
        _isOpenMetrics = reader.IsOpenMetrics;
        family.HasSamples = true;
        family.IsSkipped |= name.Role == SeriesRole.Skip;
        _hasUntyped |= family.Type == MetricType.Untyped;
        if (family == _family) return;
        Leave();
        _family = family;
        if (!family.IsLeft || family.IsReported) return;
        family.IsReported = true;
        Report(reader.Line, "the lines of one family stand together, and others came between", family.Name, isKept: true);
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

    /// <summary>Holds the value of a line against the rule of its name.</summary>
    public void Check(ref ExpositionReader reader, SeriesName name)
    {
        double value = reader.Value;
        bool isOpenMetrics = reader.IsOpenMetrics;
        string? wrong = name.Rule switch
        {
            SeriesRule.Counter => value >= 0 ? null : "a counter is at least 0",
            SeriesRule.Info => value.Equals(1d) ? null : "an info has the value 1",
            SeriesRule.State => !value.Equals(0d) && !value.Equals(1d) ? "a state has the value 0 or 1" : HasLabel(reader.Labels, name.Bytes) ? null : $"a state without the label {name.Text}",
            SeriesRule.Quantile => CheckQuantile(reader.Labels) ?? (isOpenMetrics && value < 0 ? "a quantile is at least 0" : null),
            SeriesRule.Sum => isOpenMetrics && !(value >= 0) ? "the sum of a summary is at least 0" : null,
            SeriesRule.Bucket => Histogram.Bucket(reader.Labels, value, reader.Line, isOpenMetrics),
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

        if (!isNew && _stamped == name && _stampedBlock == block && reader.TimestampTicks < _stamp)
            Report(reader.Line, "a series goes back in time", TextOf(ref reader), isKept: true);
        name.Stamped++;
        (_stamped, _stampedBlock, _stamp) = (name, block, reader.TimestampTicks);
        return true;
    }

    /// <summary>Reports a series that the scrape has already, and not at another time.</summary>
    public void ReportRepeated(ref ExpositionReader reader) =>
        Report(reader.Line, "a series occurs twice in one scrape; the first holds", TextOf(ref reader), isKept: false);

    private void LeaveHistogram()
    {
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
            return isNumber && quantile is >= 0 and <= 1 ? null : "the label quantile has to be a number from 0 to 1";
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
                Report(reader.Line, "a TYPE line behind samples of its family", family.Name, isKept: false);
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
        if (!isSuffix) Report(reader.Line, "a unit is the end of the family's name", family.Name, isKept: true);
        else if (family.Type is MetricType.Info or MetricType.StateSet) Report(reader.Line, "an info or a state has no unit", family.Name, isKept: true);
    }

    private void Report(long line, string reason, string text, bool isKept) =>
        report(new ExpositionDefect(line, 1, reason, text.Length > 80 ? text[..79] + "…" : text) { IsKept = isKept });
}
