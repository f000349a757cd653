using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Numerics;
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
    private const int LeastTabledPower = -27;

    private static readonly SearchValues<byte> NumberBytes = SearchValues.Create("0123456789+-.eE"u8);

    private static ReadOnlySpan<double> PowersOfTen =>
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    // 5 to the power of -27 to 22, 128 bits of each from its first one on, upper half first; rounded up where the power is negative.
    private static ReadOnlySpan<ulong> PowersOfFive =>
    [
        0x9E74D1B791E07E48, 0x775EA264CF55347E,
        0xC612062576589DDA, 0x95364AFE032A819E,
        0xF79687AED3EEC551, 0x3A83DDBD83F52205,
        0x9ABE14CD44753B52, 0xC4926A9672793543,
        0xC16D9A0095928A27, 0x75B7053C0F178294,
        0xF1C90080BAF72CB1, 0x5324C68B12DD6339,
        0x971DA05074DA7BEE, 0xD3F6FC16EBCA5E04,
        0xBCE5086492111AEA, 0x88F4BB1CA6BCF585,
        0xEC1E4A7DB69561A5, 0x2B31E9E3D06C32E6,
        0x9392EE8E921D5D07, 0x3AFF322E62439FD0,
        0xB877AA3236A4B449, 0x09BEFEB9FAD487C3,
        0xE69594BEC44DE15B, 0x4C2EBE687989A9B4,
        0x901D7CF73AB0ACD9, 0x0F9D37014BF60A11,
        0xB424DC35095CD80F, 0x538484C19EF38C95,
        0xE12E13424BB40E13, 0x2865A5F206B06FBA,
        0x8CBCCC096F5088CB, 0xF93F87B7442E45D4,
        0xAFEBFF0BCB24AAFE, 0xF78F69A51539D749,
        0xDBE6FECEBDEDD5BE, 0xB573440E5A884D1C,
        0x89705F4136B4A597, 0x31680A88F8953031,
        0xABCC77118461CEFC, 0xFDC20D2B36BA7C3E,
        0xD6BF94D5E57A42BC, 0x3D32907604691B4D,
        0x8637BD05AF6C69B5, 0xA63F9A49C2C1B110,
        0xA7C5AC471B478423, 0x0FCF80DC33721D54,
        0xD1B71758E219652B, 0xD3C36113404EA4A9,
        0x83126E978D4FDF3B, 0x645A1CAC083126EA,
        0xA3D70A3D70A3D70A, 0x3D70A3D70A3D70A4,
        0xCCCCCCCCCCCCCCCC, 0xCCCCCCCCCCCCCCCD,
        0x8000000000000000, 0x0000000000000000,
        0xA000000000000000, 0x0000000000000000,
        0xC800000000000000, 0x0000000000000000,
        0xFA00000000000000, 0x0000000000000000,
        0x9C40000000000000, 0x0000000000000000,
        0xC350000000000000, 0x0000000000000000,
        0xF424000000000000, 0x0000000000000000,
        0x9896800000000000, 0x0000000000000000,
        0xBEBC200000000000, 0x0000000000000000,
        0xEE6B280000000000, 0x0000000000000000,
        0x9502F90000000000, 0x0000000000000000,
        0xBA43B74000000000, 0x0000000000000000,
        0xE8D4A51000000000, 0x0000000000000000,
        0x9184E72A00000000, 0x0000000000000000,
        0xB5E620F480000000, 0x0000000000000000,
        0xE35FA931A0000000, 0x0000000000000000,
        0x8E1BC9BF04000000, 0x0000000000000000,
        0xB1A2BC2EC5000000, 0x0000000000000000,
        0xDE0B6B3A76400000, 0x0000000000000000,
        0x8AC7230489E80000, 0x0000000000000000,
        0xAD78EBC5AC620000, 0x0000000000000000,
        0xD8D726B7177A8000, 0x0000000000000000,
        0x878678326EAC9000, 0x0000000000000000,
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
        double magnitude;
        if (mantissa > MaxExactMantissa || exponent is < -MaxExactPower or > MaxExactPower)
        {
            if (exponent is < LeastTabledPower or > MaxExactPower || mantissa == 0) return ReadSlowly(text, out value);
            magnitude = Rounded(mantissa, exponent);
        }
        else
        {
            magnitude = exponent < 0 ? mantissa / PowersOfTen[-exponent] : mantissa * PowersOfTen[exponent];
        }

        value = negative ? -magnitude : magnitude;
        return i;
    }

    // The nearest double, of two that are as near the even one, by one multiplication with the power's first 64 bits, and a second one where those do
    // not decide (D. Lemire, "Number parsing at a gigabyte per second", 2021). Powers so small need no further proof and give no subnormal number.
    [MethodImpl(HotPath.Compile)]
    private static double Rounded(ulong mantissa, int exponent)
    {
        int zeros = BitOperations.LeadingZeroCount(mantissa);
        mantissa <<= zeros;
        int entry = (exponent - LeastTabledPower) * 2;
        ulong high = Math.BigMul(mantissa, PowersOfFive[entry], out ulong low);
        if ((high & 0x1FF) == 0x1FF)
        {
            ulong carry = Math.BigMul(mantissa, PowersOfFive[entry + 1], out _);
            low += carry;
            if (low < carry) high++;
        }

        int upper = (int)(high >> 63);
        int shift = upper + 9;
        ulong bits = high >> shift;
        int binary = ((217706 * exponent) >> 16) + 63 + upper - zeros + 1023;
        bool isTie = low <= 1 && exponent >= -4 && (bits & 3) == 1 && bits << shift == high;
        if (isTie) bits &= ~1UL;
        bits = (bits + (bits & 1)) >> 1;
        if (bits >= 1UL << 53)
        {
            bits = 1UL << 52;
            binary++;
        }

        return BitConverter.UInt64BitsToDouble((bits & ~(1UL << 52)) | ((ulong)binary << 52));
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
