using System.Text;

namespace KubeVirtMonitor.Scraping;

/// <summary>Text as UTF-8 bytes, encoded piece by piece while it is read, so that no second copy of it comes to be.</summary>
/// <param name="lines">Lines without their ends, or pieces of many lines. Each piece ends its last line.</param>
internal sealed class TextStream(IEnumerable<string> lines) : ReadOnlyStream
{
    private readonly IEnumerator<string> _lines = lines.GetEnumerator();
    private readonly Encoder _encoder = Encoding.UTF8.GetEncoder();
    private readonly byte[] _encoded = new byte[32768];
    private int _start;
    private int _end;
    private string _line = "";
    private int _position;
    private bool _lineIsOpen;

    public override int Read(Span<byte> buffer)
    {
        if (_start == _end) Encode();
        int count = Math.Min(buffer.Length, _end - _start);
        _encoded.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _lines.Dispose();
        base.Dispose(disposing);
    }

    private void Encode()
    {
        const int LongestCharacter = 4;
        _start = _end = 0;
        while (_encoded.Length - _end >= LongestCharacter)
        {
            if (_position < _line.Length)
            {
                _encoder.Convert(_line.AsSpan(_position), _encoded.AsSpan(_end), flush: false, out int chars, out int bytes, out _);
                _position += chars;
                _end += bytes;
                continue;
            }

            if (_lineIsOpen)
            {
                _encoded[_end++] = (byte)'\n';
                _lineIsOpen = false;
                continue;
            }

            if (!_lines.MoveNext()) return;
            _line = _lines.Current ?? "";
            _position = 0;
            _lineIsOpen = !_line.EndsWith('\n');
        }
    }
}
