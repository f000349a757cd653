using CsCheck;
using KubeVirtMonitor.Series;
using Xunit;

namespace KubeVirtMonitor.Tests.Series;

public sealed class CountersTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    // Worked out by hand, by the rules of Prometheus 3. The window is (start, end].
    [Theory]
    // Points 60, 120 ... 300 at 60 s to 300 s: 240 in 240 s, and 30 s to the start, which is less than 66 s: 240 * 270 / 240.
    [InlineData("60:60 120:120 180:180 240:240 300:300", 30, 300, 270.0)]
    // A fall from 20 to 5 is a reset: 10 -> 20, then 5, then 10 = 20; (180 + 30) / 180.
    [InlineData("60:10 120:20 180:5 240:10", 30, 240, 20 * 210.0 / 180)]
    // It was 0 one second before the first point, and not 30 s before.
    [InlineData("60:1 120:61 180:121 240:181", 30, 240, 181.0)]
    // A counter that appears at 1 and stays there has not grown.
    [InlineData("180:1 240:1 300:1", 30, 300, 0.0)]
    // The start is 210 s away, more than 66 s: half a gap, 30 s. At 0 it would have been 60 s before.
    [InlineData("240:10 300:20 360:30", 30, 360, 25.0)]
    // It ended 180 s before the end, and began at the edge of the window, which is outside.
    [InlineData("0:0 60:10 120:20 180:30", 0, 360, 20 * (120 + 60 + 30) / 120.0)]
    // Just under the threshold of 1.1 gaps on both sides, and at it.
    [InlineData("65:1000 125:1060", 0, 190, 60 * (60 + 65 + 65) / 60.0)]
    [InlineData("66:1000 126:1060", 0, 192, 60 * (60 + 30 + 30) / 60.0)]
    // One point, none, and one of two at the left edge.
    [InlineData("60:60", 30, 300, null)]
    [InlineData("", 30, 300, null)]
    [InlineData("30:10 60:60", 30, 300, null)]
    // What is negative is no counter that began at 0, and is extended all the same.
    [InlineData("60:-10 120:50", 30, 120, 60 * 90 / 60.0)]
    public void TheIncreaseOverAWindowIsThatOfPrometheus(string text, int start, int end, double? expected)
    {
        var points = Counters.Within(Read(text), start * Second, end * Second);
        double? increase = Counters.Increase(points, start * Second, end * Second);
        double? rate = Counters.Rate(points, start * Second, end * Second);
        Assert.Equal((expected is null, expected is null), (increase is null, rate is null));
        if (expected is not { } value) return;
        Assert.Equal(value, increase!.Value, 1e-12);
        Assert.Equal(value / (end - start), rate!.Value, 1e-12);
    }

    [Theory]
    [InlineData("60:100 75:130", 30, 2)]
    [InlineData("60:100 75:40", 40, 40 / 15.0)]
    [InlineData("0:5 10:8 20:2 30:4 40:1", 3 + 2 + 2 + 1, 8 / 40.0)]
    [InlineData("0:7 10:7", 0, 0)]
    [InlineData("0:NaN 10:7", double.NaN, double.NaN)]
    public void BetweenLooksItIsThePlainSlopeWithResetsCounted(string text, double grown, double slope)
    {
        Assert.Equal(grown, Counters.Grown(Read(text)));
        Assert.Equal(slope, Counters.Slope(Read(text)));
    }

    [Fact]
    public void OneLookHasNoSlope() => Assert.Null(Counters.Slope(Read("60:100")));

    [Fact]
    public void SumsLoseNothing()
    {
        ExactSum sum = default;
        foreach (double value in new[] { 1, 1e100, 1, -1e100 }) sum.Add(value);
        Assert.Equal(2, sum.Value);
        sum.Add(double.PositiveInfinity);
        Assert.Equal(double.PositiveInfinity, sum.Value);
        sum.Add(1);
        Assert.Equal(double.PositiveInfinity, sum.Value);
        sum.Add(double.NegativeInfinity);
        Assert.Equal(double.NaN, sum.Value);
    }

    /// <summary>Series with resets, gaps and late starts, in windows anywhere around them.</summary>
    internal static Gen<(long Ms, double Value)[]> Points { get; } =
        Gen.Select(Gen.Long[0, 60_000], Gen.Select(Gen.OneOf(Gen.Long[1, 3_000], Gen.Const(15_000L), Gen.Long[1, 400_000]), Gen.OneOf(Gen.Double[0, 1000], Gen.Int[0, 3].Select(whole => (double)whole), Gen.Const(-1.0))).Array[0, 30], Gen.Double[0, 5000])
            .Select((start, steps, first) =>
            {
                var points = new (long, double)[steps.Length];
                var (at, value) = (start, first);
                for (int i = 0; i < steps.Length; i++)
                {
                    points[i] = (at, value);
                    at += steps[i].Item1;
                    // A step below 0 is a reset, to a little more than nothing.
                    value = steps[i].Item2 < 0 ? i % 3 : value + steps[i].Item2;
                }
                return points;
            });

    [Fact]
    public void AnySeriesInAnyWindowIsAsTheRulesSay() =>
        Gen.Select(Points, Gen.Long[0, 1_000_000], Gen.Long[1, 600_000]).Sample((all, end, range) =>
        {
            var points = all.Select(point => new SeriesPoint(point.Ms * TimeSpan.TicksPerMillisecond, point.Value)).ToArray();
            var (start, stop) = ((end - range) * TimeSpan.TicksPerMillisecond, end * TimeSpan.TicksPerMillisecond);
            var inside = Counters.Within(points, start, stop);
            double? expected = Restated.Increase(all, end, range);
            Assert.Equal(expected.HasValue, inside.Length >= 2);
            if (expected is not { } increase) return;
            Close(increase, Counters.Increase(inside, start, stop)!.Value);
            Close(increase / range * 1000, Counters.Rate(inside, start, stop)!.Value);
        }, iter: 20_000);

    [Fact]
    public void TheSlopeOfASeriesIsThatOfTheSameSeriesWithoutItsResets() =>
        Points.Where(points => points.Length >= 2).Sample(all =>
        {
            double grown = 0;
            for (int i = 1; i < all.Length; i++) grown += all[i].Value >= all[i - 1].Value ? all[i].Value - all[i - 1].Value : all[i].Value;
            var points = all.Select(point => new SeriesPoint(point.Ms * TimeSpan.TicksPerMillisecond, point.Value)).ToArray();
            Close(grown, Counters.Grown(points));
            Close(grown / (all[^1].Ms - all[0].Ms) * 1000, Counters.Slope(points)!.Value);
        });

    /// <summary>Equal to one part in 1e9 of the larger, or of 1, since differences of large values have fewer digits.</summary>
    internal static void Close(double expected, double actual) => Assert.True(
        expected.Equals(actual) || Math.Abs(expected - actual) <= 1e-9 * Math.Max(1, Math.Max(Math.Abs(expected), Math.Abs(actual))), $"{expected:R} was expected, and it is {actual:R}");

    private static SeriesPoint[] Read(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split(':'))
        .Select(pair => new SeriesPoint(long.Parse(pair[0], System.Globalization.CultureInfo.InvariantCulture) * Second, double.Parse(pair[1], System.Globalization.CultureInfo.InvariantCulture)))];
}
