
namespace KubeVirtMonitor.Exposition;

public ref partial struct ExpositionReader
{
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
            // Where nobody said that it is OpenMetrics, this may be a comment like any other, with more behind it.
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
}
