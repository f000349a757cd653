namespace KubeVirtMonitor.Simulator;

/// <summary>
/// The value of a series as a function of the whole seconds s since the cluster began:
/// <list type="bullet">
/// <item>Constant: start</item>
/// <item>Counter: start + rate × s</item>
/// <item>Triangle: start + rate × (60 − |60 − s mod 120|), so 0 steps at 0 s, 60 at 60 s, 0 at 120 s</item>
/// <item>Sawtooth: start + rate × (s mod 85)</item>
/// </list>
/// The result is multiplied by numerator / divisor, rounded down, and divided by 10^decimals when it is written.
/// </summary>
/// <param name="Start">The value at 0 s, in units of 10^−decimals.</param>
/// <param name="Rate">What is added per step, in the same units.</param>
/// <param name="Wave">How it moves.</param>
/// <param name="Decimals">Digits behind the decimal point.</param>
/// <param name="Numerator">A factor.</param>
/// <param name="Divisor">What the product is divided by, rounding down.</param>
public readonly record struct SeriesValue(long Start, long Rate = 0, Wave Wave = Wave.Constant, byte Decimals = 0, int Numerator = 1, int Divisor = 1)
{
    /// <summary>A value that stays.</summary>
    public static SeriesValue Fixed(long value, byte decimals = 0) => new(value, Decimals: decimals);

    /// <summary>A value that grows every second.</summary>
    public static SeriesValue Growing(long start, long perSecond, byte decimals = 0) => new(start, perSecond, Wave.Counter, decimals);

    /// <summary>A value that goes up and down by up to 60 steps.</summary>
    public static SeriesValue Wandering(long start, long step, byte decimals = 0) => new(start, step, Wave.Triangle, decimals);

    /// <summary>A value that stays and that only a double can hold, such as 2^64.</summary>
    public static SeriesValue Exactly(double value) => new(BitConverter.DoubleToInt64Bits(value), Wave: Wave.Literal);

    /// <summary>The value at a second, in units of 10^−decimals. Seconds before the beginning are allowed.</summary>
    public long At(long seconds)
    {
        long value = Wave switch
        {
            Wave.Counter => Start + (Rate * seconds),
            Wave.Triangle => Start + (Rate * (60 - Math.Abs(60 - Modulo(seconds, 120)))),
            Wave.Sawtooth => Start + (Rate * Modulo(seconds, 85)),
            _ => Start,
        };
        return Scale(value);
    }

    /// <summary>The value at a moment between two seconds, rounded down; at a whole second the same as there.</summary>
    /// <param name="ticks">The time since the cluster began, in units of 100 ns.</param>
    public long AtTicks(long ticks)
    {
        if (ticks % TimeSpan.TicksPerSecond == 0 || Wave is Wave.Constant or Wave.Literal) return At(ticks / TimeSpan.TicksPerSecond);
        const long Second = TimeSpan.TicksPerSecond;
        long steps = Wave switch
        {
            Wave.Triangle => (60 * Second) - Math.Abs((60 * Second) - Modulo(ticks, 120 * Second)),
            Wave.Sawtooth => Modulo(ticks, 85 * Second),
            _ => ticks,
        };
        return Scale((long)(Start + (((Int128)Rate * steps) / Second)));
    }

    /// <summary>The part of a value that numerator and divisor make of it, rounded down.</summary>
    internal long Scale(long value) => Numerator == 1 && Divisor == 1 ? value : value * Numerator / Divisor;

    private static long Modulo(long value, long period) => ((value % period) + period) % period;
}
