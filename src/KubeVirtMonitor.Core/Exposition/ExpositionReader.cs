using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.Exposition;

/// <summary>
/// Reads a scrape forward, line by line, from UTF-8 bytes, in the manner of <see cref="System.Text.Json.Utf8JsonReader"/>:
/// nothing is copied and nothing is allocated, except for a <see cref="Defect"/>.
/// </summary>
/// <remarks>
/// Formats: the Prometheus text format 0.0.4 with the quoted names of 1.0.0
/// (https://prometheus.io/docs/instrumenting/exposition_formats/) and OpenMetrics 1.0
/// (https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md). White space is taken as 0.0.4 takes
/// it in both, and a backslash before any other character stands for itself, as OpenMetrics has it.
/// </remarks>
internal ref partial struct ExpositionReader
{
    private static readonly SearchValues<byte> NameBytes =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:"u8);

    private static readonly SearchValues<byte> LabelNameBytes =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"u8);

    private readonly ReadOnlySpan<byte> _data;
    private readonly ExpositionFormat _format;
    private readonly int _maxLabels;
    private readonly int _maxLineLength;
    private readonly CancellationToken _cancellationToken;
    private int _position;
    private int _lineStart;
    private long _line;
    private bool _ended;
    private long _textLine;
    private long _openMetricsLine;
    private int _nameStart;
    private int _nameLength;
    private int _labelsStart;
    private int _labelsLength;
    private int _textStart;
    private int _textLength;
    private int _exemplarStart;
    private int _exemplarLength;
    private long _timestampTicks;
    private LabelTemplate _template;
    private int _utf8Checks;
    private bool _isAscii;

    /// <summary>Starts on a block of a scrape.</summary>
    /// <param name="data">The block, from the start of a line. What follows its last line end is left unread unless the block is the last.</param>
    /// <param name="isFinalBlock">True when nothing follows, so that a last line without a line end counts.</param>
    /// <param name="format">
    /// What the scrape is said to be. Lines that only the other format can have are read all the same, and <see cref="State"/> tells of them.
    /// <see cref="ExpositionFormat.Unknown"/> takes both, and <c># EOF</c> for no end.
    /// </param>
    /// <param name="state">What the reader of the block before left; default for the first block.</param>
    /// <param name="maxLabels">Most labels a series may have.</param>
    /// <param name="maxLineLength">Longest line in bytes.</param>
    /// <param name="cancellationToken">Ends reading also inside a line; asked every few thousand labels or escapes.</param>
    public ExpositionReader(
        ReadOnlySpan<byte> data,
        bool isFinalBlock,
        ExpositionFormat format = ExpositionFormat.PrometheusText,
        ExpositionReaderState state = default,
        int maxLabels = 256,
        int maxLineLength = int.MaxValue,
        CancellationToken cancellationToken = default)
    {
        _data = isFinalBlock ? data : data[..(data.LastIndexOf((byte)'\n') + 1)];
        _format = format;
        _maxLabels = maxLabels;
        _maxLineLength = maxLineLength;
        _cancellationToken = cancellationToken;
        _line = state.Line;
        _ended = state.Ended;
        _textLine = state.TextLine;
        _openMetricsLine = state.OpenMetricsLine;
        if (_line == 0 && _data.StartsWith("\uFEFF"u8)) _position = 3;
    }

    /// <summary>What was read last.</summary>
    public ExpositionToken Token { get; private set; }

    /// <summary>Number of the line that was read last, from 1.</summary>
    public readonly long Line => _line;

    /// <summary>Bytes of the block that need not be handed in again.</summary>
    public readonly int BytesConsumed => _position;

    /// <summary>What the reader of the next block needs.</summary>
    public readonly ExpositionReaderState State => new(_line, _ended, _textLine, _openMetricsLine);

    /// <summary>Whether the scrape is OpenMetrics, as far as it was read: by what it is said to be, else by what its lines show.</summary>
    public readonly bool IsOpenMetrics => _format == ExpositionFormat.OpenMetrics || (_format == ExpositionFormat.Unknown && _openMetricsLine > 0);

    /// <summary>The metric's name, without quotes, escaped as in the scrape.</summary>
    public readonly ReadOnlySpan<byte> Name => _data.Slice(_nameStart, _nameLength);

    /// <summary>Whether the name stands bare before the braces, and not quoted inside them.</summary>
    public readonly bool HasBareName => _nameStart == _lineStart;

    /// <summary>The label block from brace to brace, checked, or empty. <see cref="LabelReader"/> walks through it.</summary>
    public readonly ReadOnlySpan<byte> Labels => _data.Slice(_labelsStart, _labelsLength);

    /// <summary>The text of a HELP or UNIT line, escaped as in the scrape.</summary>
    public readonly ReadOnlySpan<byte> Text => _data.Slice(_textStart, _textLength);

    /// <summary>OpenMetrics: the exemplar after the <c>#</c>, or empty.</summary>
    public readonly ReadOnlySpan<byte> Exemplar => _data.Slice(_exemplarStart, _exemplarLength);

    /// <summary>The type of a TYPE line.</summary>
    public MetricType Type { get; private set; }

    /// <summary>The sample's value.</summary>
    public double Value { get; private set; }

    /// <summary>Whether the line carries a timestamp.</summary>
    public bool HasTimestamp { get; private set; }

    /// <summary>The line's timestamp. Only where <see cref="HasTimestamp"/>.</summary>
    public readonly DateTimeOffset Timestamp => new(_timestampTicks, TimeSpan.Zero);

    /// <summary>Whether <see cref="Timestamp"/> is in the right unit for certain; if not, it may be a thousand times as long after 1970.</summary>
    public bool HasUnitOfTimestamp { get; private set; }

    /// <summary>What is wrong with the line, for <see cref="ExpositionToken.Defect"/>.</summary>
    public ExpositionDefect? Defect { get; private set; }

    internal readonly long TimestampTicks => _timestampTicks;

    /// <summary>Reads the next line that says something; blank lines and comments are passed over.</summary>
    /// <returns>False when the block has no further whole line.</returns>
    [MethodImpl(HotPath.Compile)]
    public bool Read()
    {
        while (_position < _data.Length)
        {
            _lineStart = _position;
            _line++;
            byte first = _data[_position];
            if (!_ended && IsNameStart(first))
            {
                ReadSample();
                return true;
            }

            if (ReadOther()) return true;
        }

        return false;
    }

    /// <summary>
    /// Reads the next line if it is a sample of the given name and label block, which saves checking the block again.
    /// </summary>
    /// <param name="name">The name of a sample line read before.</param>
    /// <param name="labels">The checked block of a sample line read before, with its braces.</param>
    /// <returns>False, with nothing read, when the line is another.</returns>
    [MethodImpl(HotPath.Compile)]
    public bool TryReadKnown(ReadOnlySpan<byte> name, ReadOnlySpan<byte> labels)
    {
        ReadOnlySpan<byte> rest = _data[_position..];
        if (_ended || !rest.StartsWith(name)) return false;
        int end = name.Length + labels.Length;
        if (end >= rest.Length || !rest[name.Length..].StartsWith(labels) || rest[end] != ' ') return false;
        _lineStart = _nameStart = _position;
        _line++;
        _nameLength = name.Length;
        _labelsStart = _position + name.Length;
        _labelsLength = labels.Length;
        ReadValue(_position + end);
        return true;
    }

    /// <summary>Whether the next line starts with the given bytes.</summary>
    internal readonly bool StartsWith(ReadOnlySpan<byte> bytes) => _data[_position..].StartsWith(bytes);

    /// <summary>Passes over the sample lines of one name without looking at more than the name.</summary>
    /// <returns>The number of lines passed over.</returns>
    [MethodImpl(HotPath.Compile)]
    public long SkipSamples(ReadOnlySpan<byte> name)
    {
        long skipped = 0;
        while (!_ended)
        {
            ReadOnlySpan<byte> rest = _data[_position..];
            if (rest.Length <= name.Length || !rest.StartsWith(name) || rest[name.Length] is not ((byte)'{' or (byte)' ' or (byte)'\t')) break;
            int end = rest[name.Length..].IndexOf((byte)'\n');
            _position = end < 0 ? _data.Length : _position + name.Length + end + 1;
            skipped++;
        }

        _line += skipped;
        return skipped;
    }

    private static bool IsNameStart(byte value) => (uint)((value | 0x20) - 'a') <= 'z' - 'a' || value is (byte)'_' or (byte)':';

    private bool ReadOther()
    {
        int i = SkipBlanks(_position);
        byte first = At(i);
        if (first == '\r') first = At(++i);
        if (first == '\n')
        {
            _position = Math.Min(i + 1, _data.Length);
            return false;
        }

        if (_ended) return Fail(i, "text after '# EOF', which must be the last line");
        if (first == '#') return ReadComment(i);
        if (first == '{' || IsNameStart(first))
        {
            ReadSample(i);
            return true;
        }

        return Fail(i, "a line must start with a metric name, '{' or '#'");
    }

    private bool Fail(int at, string reason, DefectCause cause = DefectCause.Malformed)
    {
        int end = _data[_lineStart..].IndexOf((byte)'\n');
        int lineEnd = end < 0 ? _data.Length : _lineStart + end;
        at = Math.Min(at, lineEnd);
        ReadOnlySpan<byte> text = _data[at..lineEnd].TrimEnd((byte)'\r');
        string cut = Encoding.UTF8.GetString(text.Length > 320 ? text[..320] : text);
        Defect = new ExpositionDefect(
            _line,
            Encoding.UTF8.GetCharCount(_data[_lineStart..at]) + 1,
            reason,
            cut.Length > 80 ? cut[..79] + "…" : cut)
        { Cause = cause };
        Token = ExpositionToken.Defect;
        _position = end < 0 ? _data.Length : lineEnd + 1;
        return true;
    }

    private void NoteText()
    {
        if (_textLine == 0) _textLine = _line;
    }

    private void NoteOpenMetrics()
    {
        if (_openMetricsLine == 0) _openMetricsLine = _line;
    }

    // Behind the end there is a line end for whoever asks: the last line of a scrape may lack its own.
    private readonly byte At(int index) => (uint)index < (uint)_data.Length ? _data[index] : (byte)'\n';

    private readonly int SkipBlanks(int index)
    {
        while (At(index) is (byte)' ' or (byte)'\t') index++;
        return index;
    }

    private bool ReadComment(int hash)
    {
        int end = _data[hash..].IndexOf((byte)'\n');
        int lineEnd = end < 0 ? _data.Length : hash + end;
        int contentEnd = lineEnd > hash && _data[lineEnd - 1] == '\r' ? lineEnd - 1 : lineEnd;
        int next = Math.Min(lineEnd + 1, _data.Length);
        int keyword = SkipBlanks(hash + 1);
        int i = keyword;
        while (i < contentEnd && _data[i] is not ((byte)' ' or (byte)'\t')) i++;
        ReadOnlySpan<byte> word = keyword < contentEnd ? _data[keyword..i] : default;
        if (_format != ExpositionFormat.PrometheusText && word.SequenceEqual("EOF"u8) && i == contentEnd)
        {
            // Where nobody said that it is OpenMetrics, this may be a comment like any other, with more after it.
            _ended = _format == ExpositionFormat.OpenMetrics;
            _position = next;
            Token = ExpositionToken.Eof;
            return true;
        }

        Token = word.SequenceEqual("HELP"u8) ? ExpositionToken.Help
            : word.SequenceEqual("TYPE"u8) ? ExpositionToken.Type
            : _format != ExpositionFormat.PrometheusText && word.SequenceEqual("UNIT"u8) ? ExpositionToken.Unit
            : ExpositionToken.None;
        if (Token == ExpositionToken.None)
        {
            _position = next;
            return false;
        }

        if (!ReadMetadataName(SkipBlanks(i), contentEnd, out int behind)) return Fail(SkipBlanks(i), "expected a metric name");
        _textStart = Math.Min(SkipBlanks(behind), contentEnd);
        _textLength = contentEnd - _textStart;
        if (Token == ExpositionToken.Type)
        {
            if (TypeOf(Text.TrimEnd(" \t"u8)) is not { } type) return Fail(_textStart, "unknown metric type");
            Type = type;
            if (type > MetricType.Summary || Text.StartsWith("unknown"u8)) NoteOpenMetrics();
        }
        else if (!IsUtf8(Text))
        {
            return Fail(_textStart, "text that is not valid UTF-8");
        }

        if (Token == ExpositionToken.Unit) NoteOpenMetrics();
        _position = next;
        return true;
    }

    private bool ReadMetadataName(int start, int end, out int behind)
    {
        behind = start;
        if (start >= end) return false;
        if (_data[start] == '"')
        {
            int close = FindQuote(start + 1);
            if (close < 0 || close == start + 1) return false;
            _nameStart = start + 1;
            _nameLength = close - start - 1;
            behind = close + 1;
        }
        else
        {
            int length = _data[start..end].IndexOfAnyExcept(NameBytes);
            if (length < 0) length = end - start;
            if (length == 0 || !IsNameStart(_data[start])) return false;
            _nameStart = start;
            _nameLength = length;
            behind = start + length;
        }

        return behind == end || _data[behind] is (byte)' ' or (byte)'\t';
    }

    private static MetricType? TypeOf(ReadOnlySpan<byte> word) => word switch
    {
        _ when word.SequenceEqual("counter"u8) => MetricType.Counter,
        _ when word.SequenceEqual("gauge"u8) => MetricType.Gauge,
        _ when word.SequenceEqual("histogram"u8) => MetricType.Histogram,
        _ when word.SequenceEqual("summary"u8) => MetricType.Summary,
        _ when word.SequenceEqual("untyped"u8) || word.SequenceEqual("unknown"u8) => MetricType.Untyped,
        _ when word.SequenceEqual("info"u8) => MetricType.Info,
        _ when word.SequenceEqual("stateset"u8) => MetricType.StateSet,
        _ when word.SequenceEqual("gaugehistogram"u8) => MetricType.GaugeHistogram,
        _ => null,
    };

    private void ReadSample()
    {
        int length = _data[_position..].IndexOfAnyExcept(NameBytes);
        if (length < 0) length = _data.Length - _position;
        _nameStart = _position;
        _nameLength = length;
        int i = _position + length;
        _labelsStart = i;
        _labelsLength = 0;
        if (At(i) == '{' || At(SkipBlanks(i)) == '{')
        {
            ReadLabels(SkipBlanks(i), nameRead: true);
            return;
        }

        if (At(i) is not ((byte)' ' or (byte)'\t'))
        {
            Fail(i, At(i) is (byte)'\n' or (byte)'\r' ? "the value is missing" : "unexpected character in a metric name");
            return;
        }

        ReadValue(i);
    }

    private void ReadSample(int start)
    {
        if (_data[start] != '{')
        {
            _position = start;
            ReadSample();
            return;
        }

        _nameLength = 0;
        ReadLabels(start, nameRead: false);
    }

    [MethodImpl(HotPath.Compile)]
    private void ReadValue(int start)
    {
        int i = SkipBlanks(start);
        int length = NumberReader.Read(_data[i..], out double value);
        if (length == 0)
        {
            Fail(i, At(i) is (byte)'\n' or (byte)'\r' ? "the value is missing" : NumberReader.IsOutOfRange(_data[i..]) ? "the value is larger than any 64-bit float" : "the value is not a number");
            return;
        }

        Value = value;
        HasTimestamp = false;
        _exemplarLength = 0;
        i += length;
        if (At(i) != '\n')
        {
            i = ReadBehindValue(i);
            if (i < 0) return;
        }

        if (i - _lineStart > _maxLineLength)
        {
            Fail(_lineStart, $"a line longer than {_maxLineLength} bytes is skipped", DefectCause.LineTooLong);
            return;
        }

        _position = Math.Min(i + 1, _data.Length);
        Token = ExpositionToken.Sample;
    }

    private int ReadBehindValue(int start)
    {
        int i = SkipBlanks(start);
        if (At(i) is not ((byte)'\n' or (byte)'\r' or (byte)'#'))
        {
            int length = TimestampReader.Read(_data[i..], _format, out _timestampTicks, out ExpositionFormat shows);
            if (length == 0)
            {
                Fail(i, _format == ExpositionFormat.OpenMetrics ? "the timestamp is not a number of seconds" : "the timestamp is not a whole number of milliseconds");
                return -1;
            }

            HasTimestamp = true;
            HasUnitOfTimestamp = shows != ExpositionFormat.Unknown || _format != ExpositionFormat.Unknown;
            if (shows == ExpositionFormat.PrometheusText) NoteText();
            else if (shows == ExpositionFormat.OpenMetrics) NoteOpenMetrics();
            i = SkipBlanks(i + length);
        }

        if (At(i) == '#')
        {
            int end = _data[i..].IndexOf((byte)'\n');
            end = end < 0 ? _data.Length : i + end;
            ReadOnlySpan<byte> exemplar = _data[(i + 1)..end].Trim(" \t\r"u8);
            if (!ExemplarReader.IsValid(exemplar))
            {
                Fail(i, "an exemplar is '# {labels} value [timestamp]'");
                return -1;
            }

            _exemplarStart = i + 1 + _data[(i + 1)..end].IndexOf(exemplar);
            _exemplarLength = exemplar.Length;
            NoteOpenMetrics();
            return end;
        }

        if (At(i) == '\r') i++;
        if (At(i) == '\n') return i;
        Fail(i, "unexpected text at the end of the line");
        return -1;
    }
}

/// <summary>What <see cref="ExpositionReader.Read"/> has just read.</summary>
internal enum ExpositionToken
{
    /// <summary>Nothing yet.</summary>
    None,

    /// <summary>A <c># HELP</c> line: name and text.</summary>
    Help,

    /// <summary>A <c># TYPE</c> line: name and type.</summary>
    Type,

    /// <summary>A <c># UNIT</c> line (OpenMetrics): name and text.</summary>
    Unit,

    /// <summary>A sample line.</summary>
    Sample,

    /// <summary>OpenMetrics' closing <c># EOF</c>.</summary>
    Eof,

    /// <summary>A line that does not follow the format; the next read continues after it.</summary>
    Defect,
}

/// <summary>What a reader carries from one block of a scrape to the next.</summary>
/// <param name="Line">Lines read so far.</param>
/// <param name="Ended">Whether the <c># EOF</c> of OpenMetrics was seen.</param>
/// <param name="TextLine">The first line that only the Prometheus text format can have; 0 = none so far.</param>
/// <param name="OpenMetricsLine">The first line that only OpenMetrics can have; 0 = none so far.</param>
internal readonly record struct ExpositionReaderState(long Line, bool Ended, long TextLine = 0, long OpenMetricsLine = 0);
