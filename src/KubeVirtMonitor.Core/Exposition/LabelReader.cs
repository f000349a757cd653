using System.Runtime.CompilerServices;
using System.Text;

namespace KubeVirtMonitor.Exposition;

/// <summary>Walks through a label block that <see cref="ExpositionReader"/> has checked.</summary>
/// <param name="block">From the opening to the closing brace, or empty.</param>
internal ref struct LabelReader(ReadOnlySpan<byte> block)
{
    private readonly ReadOnlySpan<byte> _block = block;
    private int _position = block.Length == 0 ? 0 : 1;

    /// <summary>The label's name, without quotes, escaped as in the scrape.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The label's value between the quotes, escaped as in the scrape.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Goes to the next label; a quoted metric name inside the braces is no label and is passed over.</summary>
    /// <returns>False after the last one.</returns>
    public bool Read()
    {
        while (_position < _block.Length)
        {
            byte current = _block[_position];
            if (current is (byte)' ' or (byte)'\t' or (byte)',')
            {
                _position++;
                continue;
            }

            if (current == '}') return false;
            Name = current == '"' ? ReadQuoted() : ReadBare();
            SkipBlanks();
            if (_block[_position] != '=') continue;
            _position++;
            SkipBlanks();
            Value = ReadQuoted();
            return true;
        }

        return false;
    }

    private ReadOnlySpan<byte> ReadBare()
    {
        int start = _position;
        _position += _block[start..].IndexOfAny((byte)'=', (byte)' ', (byte)'\t');
        return _block[start.._position];
    }

    private ReadOnlySpan<byte> ReadQuoted()
    {
        int start = ++_position;
        while (true)
        {
            int stop = _block[_position..].IndexOfAny((byte)'"', (byte)'\\');
            _position += stop;
            if (_block[_position] == '"') return _block[start.._position++];
            _position += 2;
        }
    }

    private void SkipBlanks()
    {
        while (_block[_position] is (byte)' ' or (byte)'\t') _position++;
    }
}

/// <summary>Escaped text of label values, names and help, made into strings.</summary>
internal static class LabelText
{
    /// <summary>Undoes <c>\\</c>, <c>\"</c> and <c>\n</c>. A backslash before anything else stands for itself, as OpenMetrics has it.</summary>
    /// <param name="escaped">The UTF-8 text between the quotes.</param>
    public static string Unescape(ReadOnlySpan<byte> escaped)
    {
        if (!escaped.Contains((byte)'\\')) return Encoding.UTF8.GetString(escaped);
        byte[] plain = new byte[escaped.Length];
        int length = 0;
        for (int i = 0; i < escaped.Length; i++)
        {
            byte current = escaped[i];
            if (current == '\\' && i + 1 < escaped.Length && escaped[i + 1] is (byte)'\\' or (byte)'"' or (byte)'n')
            {
                i++;
                current = escaped[i] == 'n' ? (byte)'\n' : escaped[i];
            }

            plain[length++] = current;
        }

        return Encoding.UTF8.GetString(plain, 0, length);
    }
}

/// <summary>Where the label names of the series before stand, each with its <c>="</c>: most series repeat them.</summary>
[InlineArray(Capacity)]
internal struct LabelTemplate
{
    /// <summary>Labels that are remembered; series with more are checked in full.</summary>
    public const int Capacity = 16;

    private Slot _first;

    /// <summary>One label name.</summary>
    /// <param name="Start">Offset of the name.</param>
    /// <param name="Length">Length of the name with its <c>="</c>; 0 = none.</param>
    /// <param name="Ascending">Whether the names up to this one are in ascending order, and therefore all different.</param>
    internal readonly record struct Slot(int Start, int Length, bool Ascending);
}

/// <summary>Checks the exemplar at the end of an OpenMetrics line.</summary>
internal static class ExemplarReader
{
    /// <summary>Whether the text is <c>{labels} value [timestamp]</c>.</summary>
    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        if (text.Length == 0 || text[0] != '{') return false;
        // An exemplar has the grammar of a sample line without its name and without an exemplar of its own.
        Span<byte> line = text.Length < 512 ? stackalloc byte[text.Length + 1] : new byte[text.Length + 1];
        line[0] = (byte)'x';
        text.CopyTo(line[1..]);
        int close = text.LastIndexOf((byte)'}');
        if (close < 0 || text[close..].Contains((byte)'#')) return false;
        ExpositionReader reader = new(line, isFinalBlock: true, ExpositionFormat.OpenMetrics, new ExpositionReaderState(1, Ended: false));
        return reader.Read() && reader.Token == ExpositionToken.Sample;
    }
}
