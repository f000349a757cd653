using System.Globalization;
using KubeVirtMonitor.Display;
using Xunit;

namespace KubeVirtMonitor.Tests.Display;

public sealed class ValueTextTests
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1, "1 B")]
    [InlineData(1023, "1,023 B")]
    [InlineData(1024, "1 KiB")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(20480, "20 KiB")]
    [InlineData(1023.9 * 1024, "1 MiB")]
    [InlineData(1_610_612_736, "1.5 GiB")]
    [InlineData(123_456_789, "118 MiB")]
    [InlineData(-2048, "-2 KiB")]
    [InlineData(18446744073709551616.0, "16 EiB")]
    [InlineData(9223372036854775808.0, "8 EiB")]
    [InlineData(1.2676506002282294e30, "1,048,576 YiB")]
    public void Bytes_are_shown_by_powers_of_1024(double value, string expected) => Assert.Equal(expected, ValueText.Of(value, "byte", Invariant));

    [Theory]
    [InlineData(0.00004, "40 µs")]
    [InlineData(0.0124, "12.4 ms")]
    [InlineData(0.99996, "1000 ms")]
    [InlineData(12.3456, "12.3 s")]
    [InlineData(119.99, "120 s")]
    [InlineData(305, "5.08 min")]
    public void Latencies_fit_their_columns_of_8_and_9(double seconds, string expected)
    {
        Assert.Equal(expected, ValueText.Of(seconds, "second", Invariant));
        for (double any = 1e-9; any < 100 * 86_400; any *= 1.37) Assert.InRange(ValueText.Of(any, "second", Invariant).Length, 1, 8);
    }

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(86_400, "86400 s")]
    [InlineData(999_999, "999999 s")]
    [InlineData(1_000_000, "11.6 d")]
    [InlineData(int.MaxValue, "24,855 d")]
    public void Seconds_of_probes_fit_their_columns(int seconds, string expected) => Assert.Equal(expected, ValueText.Seconds(seconds, 8, Invariant));

    [Fact]
    public void A_value_that_does_not_fit_loses_its_unit_and_no_digit()
    {
        string name = KubeVirtMonitor.Catalog.MetricCatalog.Default.Definitions.First(definition => definition is { Unit: "connection", Kind: MetricKind.Gauge }).Name;
        Assert.Equal("9,999,999 connecti…", ValueText.Fit(Samples.Of(name, 9_999_999), 19, Invariant));
        Assert.Equal("9,999 connections", ValueText.Fit(Samples.Of(name, 9_999), 19, Invariant));
    }

    [Fact]
    public void Rates_of_bytes_too() => Assert.Equal("6.68 MiB/s", ValueText.Of(7_000_000, "byte/second", Invariant));

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(0.0000000215, "21.5 ns")]
    [InlineData(0.000125, "125 µs")]
    [InlineData(0.25, "250 ms")]
    [InlineData(1, "1 s")]
    [InlineData(93.25, "93.3 s")]
    [InlineData(119.9, "120 s")]
    [InlineData(120, "2 min")]
    [InlineData(4711.5, "78.5 min")]
    [InlineData(7200, "2 h")]
    [InlineData(200_000, "2.31 d")]
    [InlineData(-0.5, "-500 ms")]
    public void Seconds_are_shown_by_their_size(double value, string expected) => Assert.Equal(expected, ValueText.Of(value, "second", Invariant));

    [Theory]
    [InlineData(0, null, "0")]
    [InlineData(42, null, "42")]
    [InlineData(0.19, null, "0.19")]
    [InlineData(0.00025, null, "2.5e-4")]
    [InlineData(1234567, null, "1,234,567")]
    [InlineData(12345678, null, "12.3 M")]
    [InlineData(1e25, null, "1e+25")]
    [InlineData(1, "file", "1 file")]
    [InlineData(0, "file", "0 files")]
    [InlineData(20000, "file", "20,000 files")]
    [InlineData(2, "request/second", "2 requests/s")]
    [InlineData(1, "request/second", "1 request/s")]
    [InlineData(0.25, "second/second", "0.25 s/s")]
    [InlineData(12.5, "1/second", "12.5 /s")]
    [InlineData(double.NaN, "byte/second", "NaN")]
    [InlineData(99.5, "percent", "99.5 %")]
    [InlineData(double.NaN, "byte", "NaN")]
    [InlineData(double.PositiveInfinity, "second", "+Inf")]
    [InlineData(double.NegativeInfinity, null, "-Inf")]
    public void Other_numbers_are_shown_with_their_unit(double value, string? unit, string expected) => Assert.Equal(expected, ValueText.Of(value, unit, Invariant));

    [Fact]
    public void The_culture_decides_over_separators() => Assert.Equal("1,5 KiB", ValueText.Of(1536, "byte", new NumberFormatInfo { NumberDecimalSeparator = "," }));

    [Fact]
    public void Points_in_time_are_local_times_and_0_is_never()
    {
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000).ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", Invariant), ValueText.Of(Time(1_700_000_000), Invariant));
        Assert.Equal("never", ValueText.Of(Time(0), Invariant));
    }

    [Theory]
    [InlineData(2147483648, "2 GiB (2147483648)")]
    [InlineData(12, "12 B (12)")]
    public void The_exact_value_stands_behind_the_one_for_people(double value, string expected) =>
        Assert.Equal(expected, ValueText.OfBoth(Samples.Of("kubevirt_handler.vmi.memory_resident_bytes", value), Invariant));

    [Fact]
    public void A_number_without_a_unit_is_shown_once() => Assert.Equal("4", ValueText.OfBoth(Samples.Of("kubevirt_handler.vmi.node_cpu_affinity", 4), Invariant));

    private static MetricSample Time(double value) => Samples.Of("kubevirt_handler.process.start_time_seconds", value);
}
