using System.Globalization;

namespace KubeVirtMonitor.Simulator;

/// <summary>
/// Writes numbers as KubeVirt's Go code does (<c>strconv.FormatFloat(f, 'g', -1, 64)</c>): the fewest digits that read back
/// the same, with an exponent of at least two digits when it is below −4 or above 5, so 999999 but 1e+06.
/// </summary>
public static class GoNumber
{
    /// <summary>Most bytes that a number takes.</summary>
    public const int MaxLength = 32;

    private const long MostExactDigits = 1_000_000_000_000_000;

    private static readonly double[] Powers = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12];

    /// <summary>Writes unscaled / 10^decimals, divided as a double is, and returns the number of bytes.</summary>
    /// <param name="unscaled">The digits.</param>
    /// <param name="decimals">How many of them are behind the decimal point, 0 to 12.</param>
    /// <param name="destination">Room for <see cref="MaxLength"/> bytes.</param>
    public static int Write(long unscaled, int decimals, Span<byte> destination)
    {
        // Up to 15 digits are their own shortest form, so the search for it can be left out.
        if (unscaled is >= MostExactDigits or <= -MostExactDigits) return Write(unscaled / Powers[decimals], destination);
        int sign = 0;
        if (unscaled < 0)
        {
            destination[0] = (byte)'-';
            sign = 1;
            unscaled = -unscaled;
        }

        Span<byte> digits = stackalloc byte[20];
        int first = digits.Length;
        while (unscaled >= 10)
        {
            long quotient = unscaled / 10;
            digits[--first] = (byte)('0' + (int)(unscaled - (quotient * 10)));
            unscaled = quotient;
        }

        digits[--first] = (byte)('0' + (int)unscaled);
        Span<byte> significant = digits[first..];
        int pointAt = significant.Length - decimals;
        return sign + Layout(significant, pointAt, destination[sign..]);
    }

    /// <summary>Writes a double and returns the number of bytes.</summary>
    /// <param name="value">Any double.</param>
    /// <param name="destination">Room for <see cref="MaxLength"/> bytes.</param>
    public static int Write(double value, Span<byte> destination)
    {
        if (double.IsNaN(value)) return Copy("NaN"u8, destination);
        if (double.IsPositiveInfinity(value)) return Copy("+Inf"u8, destination);
        if (double.IsNegativeInfinity(value)) return Copy("-Inf"u8, destination);
        Span<byte> text = stackalloc byte[32];
        value.TryFormat(text, out int length, "R", CultureInfo.InvariantCulture);
        text = text[..length];
        int sign = text[0] == '-' ? 1 : 0;
        if (sign == 1) destination[0] = (byte)'-';
        text = text[sign..];
        int exponent = 0;
        int e = text.IndexOf((byte)'E');
        if (e >= 0)
        {
            exponent = int.Parse(text[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            text = text[..e];
        }

        Span<byte> digits = stackalloc byte[32];
        int point = text.IndexOf((byte)'.');
        int pointAt = exponent + (point < 0 ? text.Length : point);
        int count = 0;
        foreach (byte b in text)
        {
            if (b != '.') digits[count++] = b;
        }

        return sign + Layout(digits[..count], pointAt, destination[sign..]);
    }

    /// <summary>A number as text.</summary>
    public static string ToString(double value)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        return System.Text.Encoding.ASCII.GetString(text[..Write(value, text)]);
    }

    /// <summary>Puts digits down; the decimal point is before the digit of the index.</summary>
    private static int Layout(ReadOnlySpan<byte> digits, int pointAt, Span<byte> destination)
    {
        while (digits.Length > 1 && digits[0] == '0')
        {
            digits = digits[1..];
            pointAt--;
        }

        while (digits.Length > 1 && digits[^1] == '0') digits = digits[..^1];
        if (digits[0] == '0')
        {
            destination[0] = (byte)'0';
            return 1;
        }

        int exponent = pointAt - 1;
        if (exponent is < -4 or >= 6) return Scientific(digits, exponent, destination);
        if (pointAt <= 0)
        {
            destination[0] = (byte)'0';
            destination[1] = (byte)'.';
            destination.Slice(2, -pointAt).Fill((byte)'0');
            digits.CopyTo(destination[(2 - pointAt)..]);
            return 2 - pointAt + digits.Length;
        }

        if (pointAt >= digits.Length)
        {
            digits.CopyTo(destination);
            destination[digits.Length..pointAt].Fill((byte)'0');
            return pointAt;
        }

        digits[..pointAt].CopyTo(destination);
        destination[pointAt] = (byte)'.';
        digits[pointAt..].CopyTo(destination[(pointAt + 1)..]);
        return digits.Length + 1;
    }

    private static int Scientific(ReadOnlySpan<byte> digits, int exponent, Span<byte> destination)
    {
        destination[0] = digits[0];
        int at = 1;
        if (digits.Length > 1)
        {
            destination[at++] = (byte)'.';
            digits[1..].CopyTo(destination[at..]);
            at += digits.Length - 1;
        }

        destination[at++] = (byte)'e';
        destination[at++] = (byte)(exponent < 0 ? '-' : '+');
        exponent = Math.Abs(exponent);
        if (exponent >= 100) destination[at++] = (byte)('0' + (exponent / 100));
        destination[at++] = (byte)('0' + (exponent / 10 % 10));
        destination[at++] = (byte)('0' + (exponent % 10));
        return at;
    }

    private static int Copy(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        text.CopyTo(destination);
        return text.Length;
    }
}
