using System.Buffers.Text;

namespace KubeVirtMonitor.Exposition;

/// <summary>Reads the timestamps of sample lines.</summary>
internal static class TimestampReader
{
    private static readonly long MaxMilliseconds = (DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond;
    private static readonly long MinMilliseconds = -DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerMillisecond;

    /// <summary>Reads milliseconds (0.0.4) or seconds with a fraction (OpenMetrics) since 1970.</summary>
    /// <param name="text">Bytes that start with the timestamp.</param>
    /// <param name="seconds">Whether the unit is the second.</param>
    /// <param name="ticks">The time in ticks of <see cref="DateTime"/>.</param>
    /// <returns>The length in bytes; 0 when there is no timestamp, or none that a calendar holds.</returns>
    public static int Read(ReadOnlySpan<byte> text, bool seconds, out long ticks)
    {
        ticks = 0;
        if (seconds)
        {
            int length = NumberReader.Read(text, out double value);
            if (length == 0 || !(value * 1000 >= MinMilliseconds && value * 1000 <= MaxMilliseconds)) return 0;
            ticks = DateTime.UnixEpoch.Ticks + (long)Math.Round(value * TimeSpan.TicksPerSecond);
            return length;
        }

        if (!Utf8Parser.TryParse(text, out long milliseconds, out int consumed)) return 0;
        if (consumed < text.Length && text[consumed] is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')) return 0;
        if (milliseconds < MinMilliseconds || milliseconds > MaxMilliseconds) return 0;
        ticks = DateTime.UnixEpoch.Ticks + (milliseconds * TimeSpan.TicksPerMillisecond);
        return consumed;
    }
}
