using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.Exposition;

/// <summary>Reads floating point numbers as Go writes and reads them, without making strings; one beyond the range of doubles is none.</summary>
internal static class NumberReader
{
    // Doubles hold every power of ten up to 22 and every integer up to 2^53 exactly, so one multiplication or division of
    // two such numbers is correctly rounded (W. D. Clinger, "How to read floating point numbers accurately", 1990).
    private const int MaxExactPower = 22;
    private const ulong MaxExactMantissa = 1UL << 53;
    private const int MaxDigits = 19;

    private static readonly SearchValues<byte> NumberBytes = SearchValues.Create("0123456789+-.eE"u8);

    private static ReadOnlySpan<double> PowersOfTen =>
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    /// <summary>Reads the number at the start of a span, up to a blank, a line end or the end of the span.</summary>
    /// <param name="text">Bytes that start with the number.</param>
    /// <param name="value">The number.</param>
    /// <returns>The number's length in bytes; 0 when there is no number or something else is glued to it.</returns>
    [MethodImpl(HotPath.Compile)]
    public static int Read(ReadOnlySpan<byte> text, out double value)
    {
        int i = 0;
        bool negative = false;
        if (text.Length > 0 && text[0] is (byte)'-' or (byte)'+')
        {
            negative = text[0] == '-';
            i = 1;
        }

        ulong mantissa = 0;
        int first = i;
        while ((uint)i < (uint)text.Length && (uint)(text[i] - '0') <= 9) mantissa = (mantissa * 10) + (ulong)(text[i++] - '0');
        int digits = i - first;
        int scale = 0;
        if ((uint)i < (uint)text.Length && text[i] == '.')
        {
            first = ++i;
            while ((uint)i < (uint)text.Length && (uint)(text[i] - '0') <= 9) mantissa = (mantissa * 10) + (ulong)(text[i++] - '0');
            scale = i - first;
            digits += scale;
        }

        if (digits is 0 or > MaxDigits) return ReadSlowly(text, out value);
        int exponent = -scale;
        if ((uint)i < (uint)text.Length && (text[i] | 0x20) == 'e')
        {
            int length = ReadExponent(text[(i + 1)..], out int power);
            if (length == 0) return ReadSlowly(text, out value);
            i += 1 + length;
            exponent += power;
        }

        if ((uint)i < (uint)text.Length && !EndsNumber(text[i])) return ReadSlowly(text, out value);
        if (mantissa > MaxExactMantissa || exponent is < -MaxExactPower or > MaxExactPower) return ReadSlowly(text, out value);
        double magnitude = exponent < 0 ? mantissa / PowersOfTen[-exponent] : mantissa * PowersOfTen[exponent];
        value = negative ? -magnitude : magnitude;
        return i;
    }

    private static int ReadExponent(ReadOnlySpan<byte> text, out int power)
    {
        power = 0;
        int i = 0;
        bool negative = false;
        if (text.Length > 0 && text[0] is (byte)'-' or (byte)'+')
        {
            negative = text[0] == '-';
            i = 1;
        }

        int first = i;
        while (i < text.Length && (uint)(text[i] - '0') <= 9 && i - first < 5) power = (power * 10) + (text[i++] - '0');
        if (negative) power = -power;
        return i == first ? 0 : i;
    }

    private static int ReadSlowly(ReadOnlySpan<byte> text, out double value)
    {
        int length = 0;
        while (length < text.Length && !EndsNumber(text[length])) length++;
        ReadOnlySpan<byte> number = text[..length];
        if (TryReadWord(number, out value)) return length;
        return IsPlainNumber(number) && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value) ? length : 0;
    }

    /// <summary>Whether the text is a number that is too large for any reader, which Go's ParseFloat calls a range error.</summary>
    public static bool IsOutOfRange(ReadOnlySpan<byte> text)
    {
        int length = 0;
        while (length < text.Length && !EndsNumber(text[length])) length++;
        return IsPlainNumber(text[..length]) && double.TryParse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsInfinity(value);
    }

    // double.Parse also takes words and white space that the formats do not know.
    private static bool IsPlainNumber(ReadOnlySpan<byte> text) => text.Length > 0 && text.IndexOfAnyExcept(NumberBytes) < 0;

    private static bool TryReadWord(ReadOnlySpan<byte> text, out double value)
    {
        ReadOnlySpan<byte> word = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        value = double.NaN;
        if (System.Text.Ascii.EqualsIgnoreCase(word, "inf"u8) || System.Text.Ascii.EqualsIgnoreCase(word, "infinity"u8))
        {
            value = text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        return System.Text.Ascii.EqualsIgnoreCase(text, "nan"u8);
    }

    /// <summary>Whether a byte may follow a number.</summary>
    public static bool EndsNumber(byte next) => next is (byte)' ' or (byte)'\n' or (byte)'\t' or (byte)'\r';
}

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
