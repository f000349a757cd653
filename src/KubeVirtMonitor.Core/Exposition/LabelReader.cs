namespace KubeVirtMonitor.Exposition;

/// <summary>Walks through a label block that <see cref="ExpositionReader"/> has checked.</summary>
/// <param name="block">From the opening to the closing brace, or empty.</param>
public ref struct LabelReader(ReadOnlySpan<byte> block)
{
    private readonly ReadOnlySpan<byte> _block = block;
    private int _position = block.Length == 0 ? 0 : 1;

    /// <summary>The label's name, without quotes, escaped as in the scrape.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The label's value between the quotes, escaped as in the scrape.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Goes to the next label; a quoted metric name inside the braces is no label and is passed over.</summary>
    /// <returns>False behind the last one.</returns>
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
