using System.Runtime.CompilerServices;

namespace KubeVirtMonitor.Exposition;

public ref partial struct ExpositionReader
{
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
            Fail(_lineStart, $"a line longer than {_maxLineLength} bytes is passed over", DefectCause.LineTooLong);
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
