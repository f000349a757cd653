using CsCheck;
using KubeVirtMonitor.Series;
using Xunit;

namespace KubeVirtMonitor.Tests.Series;

public sealed class QuantilesTests
{
    // Worked out by hand: rank = q * total, and a line within the bucket of that rank.
    [Theory]
    [InlineData(0.5, "0.1:10 0.5:30 1:40 +Inf:50", 0.1 + 0.4 * 15 / 20, false)]
    [InlineData(0.1, "0.1:10 0.5:30 1:40 +Inf:50", 0.05, false)]
    [InlineData(0.2, "0.1:10 0.5:30 1:40 +Inf:50", 0.1, false)]
    // In the bucket without a bound: the greatest bound that there is.
    [InlineData(0.9, "0.1:10 0.5:30 1:40 +Inf:50", 1, false)]
    [InlineData(1, "0.1:10 0.5:30 1:50 +Inf:50", 1, false)]
    [InlineData(0, "0.1:10 0.5:30 +Inf:50", 0, false)]
    // In any order.
    [InlineData(0.5, "+Inf:50 1:40 0.1:10 0.5:30", 0.4, false)]
    [InlineData(double.NaN, "0.1:10 +Inf:50", double.NaN, false)]
    [InlineData(-0.1, "0.1:10 +Inf:50", double.NegativeInfinity, false)]
    [InlineData(1.1, "0.1:10 +Inf:50", double.PositiveInfinity, false)]
    // q comes before everything else.
    [InlineData(2, "", double.PositiveInfinity, false)]
    [InlineData(0.5, "", double.NaN, false)]
    [InlineData(0.5, "0.1:10 1:50", double.NaN, false)]
    [InlineData(0.5, "+Inf:50", double.NaN, false)]
    [InlineData(0.5, "0.1:0 +Inf:0", double.NaN, false)]
    [InlineData(0.5, "0.1:1 +Inf:NaN", double.NaN, false)]
    // Equal bounds are one bucket of 20; two buckets +Inf alone are one.
    [InlineData(0.5, "1:5 1:15 +Inf:40", 1, false)]
    [InlineData(0.25, "1:5 1:15 +Inf:40", 0.5, false)]
    [InlineData(0.5, "+Inf:20 +Inf:20", double.NaN, false)]
    // A first bucket that ends at 0 or below has no lower bound.
    [InlineData(0.1, "-1:10 0:20 1:30 +Inf:30", -1, false)]
    [InlineData(0.5, "-1:10 0:20 1:30 +Inf:30", -0.5, false)]
    [InlineData(0.1, "0:10 1:20 +Inf:20", 0, false)]
    // A bucket with less than the one before it gets as many: 30, 30, 50.
    [InlineData(0.8, "0.1:30 0.5:20 1:50 +Inf:50", 0.5 + 0.5 * 10 / 20, true)]
    // +Inf with less than the one before it: the total is 30 and not 20.
    [InlineData(0.5, "0.1:10 0.5:30 +Inf:20", 0.1 + 0.4 * 5 / 20, true)]
    // Differences that rounding makes are passed over in silence, whichever way they go.
    [InlineData(0.5, "1:10 2:9.9999999999999 4:20 +Inf:20", 1, false)]
    [InlineData(0.51, "1:10 2:10.0000000000001 4:20 +Inf:20", 2 + 2 * 0.2 / 10, false)]
    [InlineData(0.5, "1:10 2:9.99999 4:20 +Inf:20", 1, true)]
    public void OfBuckets(double q, string buckets, double expected, bool isRepaired)
    {
        double actual = Quantiles.OfBuckets(q, Read(buckets), out bool repaired);
        CountersTests.Close(expected, actual);
        Assert.Equal(isRepaired, repaired);
    }

    [Theory]
    [InlineData(0.5, "3 1 2", 2)]
    [InlineData(0.5, "4 1 2 3", 2.5)]
    [InlineData(0.25, "10 20 30 40 50", 20)]
    [InlineData(0.9, "10 20 30 40 50", 46)]
    [InlineData(0, "3 1 2", 1)]
    [InlineData(1, "3 1 2", 3)]
    [InlineData(0.3, "7", 7)]
    [InlineData(0.5, "", double.NaN)]
    [InlineData(double.NaN, "1 2", double.NaN)]
    [InlineData(-1, "", double.NegativeInfinity)]
    [InlineData(1.5, "1", double.PositiveInfinity)]
    // NaN is the least.
    [InlineData(1, "2 NaN 1", 2)]
    [InlineData(0, "2 NaN 1", double.NaN)]
    public void OfValues(double q, string values, double expected) =>
        CountersTests.Close(expected, Quantiles.OfValues(q, [.. values.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture))]));

    /// <summary>Histograms as they are and as they cannot be: bounds of any sign, counts that fall, with and without a last bucket.</summary>
    internal static Gen<Bucket[]> Histograms { get; } =
        Gen.Select(Gen.Select(Gen.OneOf(Gen.Int[-3, 10].Select(bound => bound / 2.0), Gen.Const(double.PositiveInfinity)), Gen.OneOf(Gen.Int[0, 40].Select(count => (double)count), Gen.Double[0, 40])).Select((bound, count) => new Bucket(bound, count)).Array[0, 9], Gen.Bool, Gen.Bool)
            .Select((buckets, isCumulative, isWhole) =>
            {
                List<Bucket> all = [.. buckets];
                if (isCumulative)
                {
                    all.Sort((left, right) => left.UpperBound.CompareTo(right.UpperBound));
                    for (int i = 1; i < all.Count; i++) all[i] = all[i] with { Count = all[i].Count + all[i - 1].Count };
                }
                if (isWhole) all.Add(new Bucket(double.PositiveInfinity, all.Count == 0 ? 0 : all.Max(bucket => bucket.Count)));
                return all.ToArray();
            });

    [Fact]
    public void AnyHistogramIsAsTheRulesSay() =>
        Gen.Select(Histograms, Gen.OneOf(Gen.Double[-0.1, 1.1], Gen.Const(0.0), Gen.Const(1.0), Gen.Const(double.NaN))).Sample((buckets, q) =>
            CountersTests.Close(Restated.Quantile(q, buckets), Quantiles.OfBuckets(q, buckets, out _)), iter: 20_000);

    [Fact]
    public void AQuantileOfValuesIsBetweenItsNeighbours() =>
        Gen.Select(Gen.Double[-1e6, 1e6].Array[1, 50], Gen.Double[0, 1]).Sample((values, q) =>
        {
            double quantile = Quantiles.OfValues(q, (double[])values.Clone());
            // As many values are at or below it as its rank says, and as many at or above it as are left.
            int below = (int)Math.Floor(q * (values.Length - 1)) + 1;
            double slack = 1e-9 * values.Max(Math.Abs);
            Assert.True(values.Count(value => value <= quantile + slack) >= below);
            Assert.True(values.Count(value => value >= quantile - slack) >= values.Length - below);
        });

    private static Bucket[] Read(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split(':'))
        .Select(pair => new Bucket(pair[0] == "+Inf" ? double.PositiveInfinity : double.Parse(pair[0], System.Globalization.CultureInfo.InvariantCulture), double.Parse(pair[1], System.Globalization.CultureInfo.InvariantCulture)))];
}
