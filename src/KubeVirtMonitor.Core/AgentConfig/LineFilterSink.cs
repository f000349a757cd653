using System.Text;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Changes the lines of a body before they are read: takes out what a filter finds, and a prefix from names.</summary>
/// <param name="inner">Reads what is left.</param>
/// <param name="rules">The filter and the prefix.</param>
internal sealed class LineFilterSink(IScrapeSink inner, MetricRules rules) : IScrapeSink
{
    private const int Window = 64 << 10;

    // A longer line is handed on as it is, for the reader to refuse.
    private const int LongestLine = 4 << 20;

    private readonly byte[] _prefix = Encoding.UTF8.GetBytes(rules.RawPrefix ?? "");
    private byte[] _buffer = new byte[Window];
    private int _filled;
    private bool _inLongLine;

    public long Samples => inner.Samples;

    public IReadOnlyList<ExpositionDefect> Defects => inner.Defects;

    public Memory<byte> GetMemory(int sizeHint)
    {
        int wanted = Math.Max(sizeHint, Window);
        if (_buffer.Length - _filled < wanted) Array.Resize(ref _buffer, Math.Max(_filled + wanted, _buffer.Length * 2));
        return _buffer.AsMemory(_filled);
    }

    public void Advance(int count)
    {
        // What was there before ended no line.
        int searched = _filled;
        _filled += count;
        int start = 0;
        int end;
        while ((end = _buffer.AsSpan(searched, _filled - searched).IndexOf((byte)'\n')) >= 0)
        {
            searched += end + 1;
            Take(_buffer.AsSpan(start, searched - start));
            start = searched;
        }

        _buffer.AsSpan(start, _filled - start).CopyTo(_buffer);
        _filled -= start;
        if (_inLongLine || _filled > LongestLine) ForwardRest();
    }

    public ScrapeSummary Complete(BodyEnd end)
    {
        if (_filled > 0 && end == BodyEnd.Broken) ForwardRest();
        else if (_filled > 0) Take(_buffer.AsSpan(0, _filled));
        return inner.Complete(end);
    }

    public ValueTask FlushAsync(bool isEnd, Deadline deadline, CancellationToken cancellationToken) => inner.FlushAsync(isEnd, deadline, cancellationToken);

    public void Dispose() => inner.Dispose();

    private void ForwardRest()
    {
        Forward(_buffer.AsSpan(0, _filled));
        _filled = 0;
        _inLongLine = true;
    }

    private void Take(ReadOnlySpan<byte> line)
    {
        if (_inLongLine)
        {
            _inLongLine = false;
            Forward(line);
            return;
        }

        if (rules.LineFilter?.IsMatch(Encoding.UTF8.GetString(line).TrimEnd('\r', '\n')) == true)
        {
            // An empty line keeps the numbers of those after it.
            Forward("\n"u8);
            return;
        }

        int name = NameStart(line);
        if (_prefix.Length > 0 && line[name..].StartsWith(_prefix))
        {
            Forward(line[..name]);
            Forward(line[(name + _prefix.Length)..]);
        }
        else
        {
            Forward(line);
        }
    }

    private static int NameStart(ReadOnlySpan<byte> line) =>
        line.StartsWith("# TYPE "u8) || line.StartsWith("# HELP "u8) || line.StartsWith("# UNIT "u8) ? 7 : 0;

    private void Forward(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Span<byte> room = inner.GetMemory(bytes.Length).Span;
            int count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            inner.Advance(count);
            bytes = bytes[count..];
        }
    }
}
