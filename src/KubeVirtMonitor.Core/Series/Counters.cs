namespace KubeVirtMonitor.Series;

/// <summary>
/// How much a counter grew: plainly between two looks, and over a window as Prometheus 3 computes <c>increase</c> and <c>rate</c>
/// (<c>promql/functions.go</c>, <c>extrapolatedRate</c>). The points of one series are in ascending order of time, each moment once.
/// </summary>
internal static class Counters
{
    // A series that ends further from the edge of a window than this many average gaps is taken to end there.
    private const double Threshold = 1.1;

    /// <summary>The growth from the first point to the last, with resets counted: after a value that is lower than the one before it, the counter began again at 0. NaN where a value that counts is.</summary>
    /// <param name="points">At least one.</param>
    public static double Grown(ReadOnlySpan<SeriesPoint> points)
    {
        double grown = points[^1].Value - points[0].Value;
        for (int i = 1; i < points.Length; i++)
        {
            if (points[i].Value < points[i - 1].Value) grown += points[i - 1].Value;
        }

        return grown;
    }

    /// <summary>The seconds from the first point to the last.</summary>
    public static double Seconds(ReadOnlySpan<SeriesPoint> points) => SecondsOf(points[^1].Ticks - points[0].Ticks);

    /// <summary>The plain slope from the first look to the last, per second; null for fewer than two points.</summary>
    public static double? Slope(ReadOnlySpan<SeriesPoint> points) => points.Length < 2 ? null : Grown(points) / Seconds(points);

    /// <summary>The points of a window that is open on its left and closed on its right, as Prometheus has it since 3.0.</summary>
    /// <param name="points">The points.</param>
    /// <param name="start">Where the window begins, in ticks; a point at that moment is outside.</param>
    /// <param name="end">Where it ends; a point at that moment is inside.</param>
    public static ReadOnlySpan<SeriesPoint> Within(ReadOnlySpan<SeriesPoint> points, long start, long end)
    {
        int first = 0;
        int last = points.Length;
        while (first < last && points[first].Ticks <= start) first++;
        while (last > first && points[last - 1].Ticks > end) last--;
        return points[first..last];
    }

    /// <summary>
    /// What <c>increase</c> gives: the growth between the first and the last point of a window, extended to its edges. Where the edge is 1.1 average gaps or more away, the series is taken to
    /// begin or end half a gap beyond its point; and a counter is not extended to before it was 0.
    /// </summary>
    /// <param name="points">The points within the window.</param>
    /// <param name="start">Where the window begins, in ticks.</param>
    /// <param name="end">Where it ends.</param>
    /// <returns>The increase, which is rarely a whole number; null for fewer than two points.</returns>
    public static double? Increase(ReadOnlySpan<SeriesPoint> points, long start, long end) => points.Length < 2 ? null : Grown(points) * Extension(points, start, end);

    /// <summary>What <c>rate</c> gives: <see cref="Increase"/> divided by the length of the window, per second.</summary>
    /// <inheritdoc cref="Increase"/>
    public static double? Rate(ReadOnlySpan<SeriesPoint> points, long start, long end) => points.Length < 2 ? null : Grown(points) * (Extension(points, start, end) / SecondsOf(end - start));

    private static double Extension(ReadOnlySpan<SeriesPoint> points, long start, long end)
    {
        double sampled = Seconds(points);
        double gap = sampled / (points.Length - 1);
        double toStart = SecondsOf(points[0].Ticks - start);
        double toEnd = SecondsOf(end - points[^1].Ticks);
        if (toStart >= gap * Threshold) toStart = gap / 2;
        double grown = Grown(points);
        // Prometheus 2 asked first when the line was at 0 and then whether that was too far away.
        if (grown > 0 && points[0].Value >= 0) toStart = Math.Min(toStart, sampled * (points[0].Value / grown));
        if (toEnd >= gap * Threshold) toEnd = gap / 2;
        return (sampled + toStart + toEnd) / sampled;
    }

    private static double SecondsOf(long ticks) => ticks / (double)TimeSpan.TicksPerSecond;
}

/// <summary>A sum that loses nothing to rounding (Neumaier's), as Prometheus 3 sums.</summary>
internal struct ExactSum
{
    private double _sum;
    private double _lost;

    /// <summary>The sum. NaN where a NaN is among the values, or infinities of both signs.</summary>
    public readonly double Value => double.IsInfinity(_sum) ? _sum : _sum + _lost;

    /// <summary>Adds a value.</summary>
    public void Add(double value)
    {
        double sum = _sum + value;
        if (double.IsInfinity(sum)) _lost = 0;
        else if (Math.Abs(_sum) >= Math.Abs(value)) _lost += _sum - sum + value;
        else _lost += value - sum + _sum;
        _sum = sum;
    }
}

/// <summary>A value of a series at a moment.</summary>
/// <param name="Ticks">The moment, in ticks of UTC.</param>
/// <param name="Value">The value.</param>
internal readonly record struct SeriesPoint(long Ticks, double Value);
