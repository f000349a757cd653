
namespace KubeVirtMonitor.Exposition;

public ref partial struct ExpositionReader
{
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
}
