using System.Buffers.Text;

namespace KubeVirtMonitor.Exposition;

/// <summary>Reads the timestamps of sample lines, whose unit is the format's: milliseconds (0.0.4) or seconds (OpenMetrics) since 1970.</summary>
internal static class TimestampReader
{
    /// <summary>The last moment a calendar holds; stands for all later ones.</summary>
    public static readonly long Latest = DateTime.MaxValue.Ticks;

    /// <summary>The first moment, but for 0, which stands for no timestamp; stands for all earlier ones.</summary>
    public const long Earliest = 1;

    // As seconds the year 5138, as milliseconds 1973: no scrape is of either.
    private const double LeastMilliseconds = 1e11;

    // The year 9999.
    private const double MostMilliseconds = 253402300800000d;

    // As seconds 2001, as milliseconds January 1970.
    private const double LeastSeconds = 1e9;

    /// <summary>Reads a timestamp. Its size and its form go before what the scrape is said to be, which only decides where they do not tell.</summary>
    /// <param name="text">Bytes that start with the timestamp.</param>
    /// <param name="format">The format, as far as it is known.</param>
    /// <param name="ticks">The time in ticks of <see cref="DateTime"/>; one that no calendar holds is the last or the first that it does.</param>
    /// <param name="shows">The format that the timestamp itself shows; unknown where it may be of either.</param>
    /// <returns>The length in bytes; 0 when there is no timestamp.</returns>
    public static int Read(ReadOnlySpan<byte> text, ExpositionFormat format, out long ticks, out ExpositionFormat shows)
    {
        if (Utf8Parser.TryParse(text, out long whole, out int length) && (length == text.Length || NumberReader.EndsNumber(text[length])))
        {
            double size = Math.Abs((double)whole);
            shows = size >= LeastMilliseconds ? ExpositionFormat.PrometheusText : size >= LeastSeconds ? ExpositionFormat.OpenMetrics : ExpositionFormat.Unknown;
            bool inSeconds = (shows == ExpositionFormat.Unknown ? format : shows) == ExpositionFormat.OpenMetrics;
            ticks = ToTicks(whole, inSeconds ? TimeSpan.TicksPerSecond : TimeSpan.TicksPerMillisecond);
            return length;
        }

        ticks = 0;
        shows = ExpositionFormat.Unknown;
        length = NumberReader.Read(text, out double value);
        if (length == 0 || !double.IsFinite(value)) return 0;
        bool isWhole = text[..length].IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0;
        bool milliseconds = isWhole || (format != ExpositionFormat.OpenMetrics && Math.Abs(value) is >= LeastMilliseconds and < MostMilliseconds);
        shows = milliseconds ? ExpositionFormat.PrometheusText : ExpositionFormat.OpenMetrics;
        ticks = ToTicks(value, milliseconds ? TimeSpan.TicksPerMillisecond : TimeSpan.TicksPerSecond);
        return length;
    }

    private static long ToTicks(long time, long unit)
    {
        if (time > (Latest - DateTime.UnixEpoch.Ticks) / unit) return Latest;
        return time < -DateTime.UnixEpoch.Ticks / unit ? Earliest : Math.Max(Earliest, DateTime.UnixEpoch.Ticks + (time * unit));
    }

    private static long ToTicks(double time, long unit)
    {
        double since = Math.Round(time * unit);
        if (since >= Latest - DateTime.UnixEpoch.Ticks) return Latest;
        return since <= -DateTime.UnixEpoch.Ticks ? Earliest : DateTime.UnixEpoch.Ticks + (long)since;
    }
}
