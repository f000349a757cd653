using System.Runtime.CompilerServices;
using KubeVirtMonitor.Exposition;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.Prometheus;

/// <summary>Reads points as servers write them: <c>[1700000000.123,"0.25"]</c>, without white space.</summary>
internal static class PointReader
{
    private const int MostTimeDigits = 13;

    /// <summary>Reads the point at the start of a span.</summary>
    /// <returns>Its length in bytes; 0 where it is not whole, or of another form.</returns>
    [MethodImpl(HotPath.Compile)]
    public static int Read(ReadOnlySpan<byte> text, out QueryPoint point)
    {
        point = default;
        int i = 1;
        long time = 0;
        while ((uint)i < (uint)text.Length && (uint)(text[i] - '0') <= 9) time = (time * 10) + (text[i++] - '0');
        if (i is 1 or > MostTimeDigits) return 0;
        int scale = 1000;
        if ((uint)i < (uint)text.Length && text[i] == '.')
        {
            i++;
            while ((uint)i < (uint)text.Length && (uint)(text[i] - '0') <= 9 && scale > 1)
            {
                time = (time * 10) + (text[i++] - '0');
                scale /= 10;
            }
        }

        time *= scale;
        if ((uint)(i + 1) >= (uint)text.Length || text[i] != ',' || text[i + 1] != '"') return 0;
        i += 2;
        int length = text[i..].IndexOf((byte)'"');
        if (length < 0 || NumberReader.Read(text.Slice(i, length), out double value) != length || length == 0) return 0;
        i += length + 1;
        if ((uint)i >= (uint)text.Length || text[i] != ']') return 0;
        point = new QueryPoint(time, value);
        return i + 1;
    }
}
