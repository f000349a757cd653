using KubeVirtMonitor.Simulator;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator;

public class SeriesValueTests
{
    [Theory]
    [InlineData(0, 100)]
    [InlineData(1, 107)]
    [InlineData(3600, 25300)]
    public void Counters_grow_every_second(long seconds, long expected) => Assert.Equal(expected, SeriesValue.Growing(100, 7).At(seconds));

    [Theory]
    [InlineData(0, 100)]
    [InlineData(10, 130)]
    [InlineData(60, 280)]
    [InlineData(110, 130)]
    [InlineData(120, 100)]
    [InlineData(190, 250)]
    [InlineData(-10, 130)]
    public void Gauges_rise_for_a_minute_and_fall_for_a_minute(long seconds, long expected) => Assert.Equal(expected, SeriesValue.Wandering(100, 3).At(seconds));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(84, 840)]
    [InlineData(85, 0)]
    [InlineData(-1, 840)]
    public void Sawtooth_begins_anew_after_85_seconds(long seconds, long expected) => Assert.Equal(expected, new SeriesValue(0, 10, Wave.Sawtooth).At(seconds));

    [Fact]
    public void Constants_stay() => Assert.Equal(42, SeriesValue.Fixed(42).At(1_000_000));

    [Fact]
    public void Parts_of_a_count_are_rounded_down()
    {
        SeriesValue bucket = SeriesValue.Growing(10, 1) with { Numerator = 300, Divisor = 1000 };
        Assert.Equal(3, bucket.At(0));
        Assert.Equal(3, bucket.At(3));
        Assert.Equal(4, bucket.At(4));
    }
}
