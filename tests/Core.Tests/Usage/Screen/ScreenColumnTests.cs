using KubeVirtMonitor.Usage;
using Xunit;
using static KubeVirtMonitor.TestKit.Usages;

namespace KubeVirtMonitor.Tests.Usage.Screen;

public sealed class ScreenColumnTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.04, "0.0")]
    [InlineData(1.24, "1.2")]
    [InlineData(99.94, "99.9")]
    [InlineData(99.96, "100")]
    [InlineData(999.4, "999")]
    [InlineData(999.6, "1.0k")]
    [InlineData(12_345, "12.3k")]
    [InlineData(123_456, "123k")]
    [InlineData(999_600, "1.0M")]
    public void NumbersTakeFiveCharacters(double value, string expected) => Assert.Equal(expected, ScreenColumn.Format(value, ScreenUnit.Number));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(512, "512")]
    [InlineData(1023, "1023")]
    [InlineData(1024, "1.0K")]
    [InlineData(5_368_709_120, "5.0G")]
    [InlineData(107_374_182_400, "100G")]
    [InlineData(1_073_700_000, "1.0G")]
    public void BytesAreInPowersOf1024(double value, string expected) => Assert.Equal(expected, ScreenColumn.Format(value, ScreenUnit.Bytes));

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(30.2, "31 s")]
    [InlineData(59.5, "1 min 00 s")]
    [InlineData(3599, "59 min 59 s")]
    [InlineData(7260, "2 h 01 min")]
    [InlineData(90_000, "1 d 01 h")]
    [InlineData(1e9, "> 100 d")]
    [InlineData(1e300, "> 100 d")]
    [InlineData(double.PositiveInfinity, "does not converge")]
    public void TimesAreInTheirTwoLargestUnits(double seconds, string expected) => Assert.Equal(expected, ScreenColumn.Format(seconds, ScreenUnit.Duration));

    [Fact]
    public void WhatIsNotKnownIsADashAndNever0() =>
        Each.Of(Enum.GetValues<UsageTopic>().SelectMany(ScreenColumn.Of), column => Assert.Equal("-", column.Text(Vm("a/b", null))));

    [Theory]
    [InlineData(0.0499, "None")]
    [InlineData(0.0501, "Warning")]
    [InlineData(0.1, "Warning")]
    [InlineData(0.101, "Critical")]
    public void ReadyIsMarkedFromVSpheresFigures(double value, string expected)
    {
        ScreenColumn column = ScreenColumn.Of(UsageTopic.Cpu).Single(each => each.Name == nameof(KubeVirtUsage.CpuReadyPercent));
        Assert.Equal(expected, $"{column.Threshold!.Value.Of(column.Value(Vm("a/b", null, (UsageFigure.VCpuReady, value), (UsageFigure.VCpusWithReady, 1))))}");
    }

    [Theory]
    [InlineData(0d, "None")]
    [InlineData(0.001, "Warning")]
    [InlineData(100d, "Warning")]
    [InlineData(null, "None")]
    public void AnyPacketThatIsLostIsMarked(double? value, string expected) => Assert.Equal(expected, $"{UsageThresholds.PacketsLostPercent.Of(value)}");

    [Fact]
    public void AMigrationWithoutEndIsMarkedAndComesFirst()
    {
        KubeVirtUsage endless = Vm("a/endless", null, (UsageFigure.MigrationRemaining, 1000), (UsageFigure.MigrationRate, 10), (UsageFigure.MigrationDirtyRate, 20));
        KubeVirtUsage ending = Vm("a/ending", null, (UsageFigure.MigrationRemaining, 1000), (UsageFigure.MigrationRate, 20), (UsageFigure.MigrationDirtyRate, 10));
        ScreenColumn left = ScreenColumn.Of(UsageTopic.Migration).Single(column => column.Name == nameof(KubeVirtUsage.MigrationSecondsLeft));
        Assert.Equal(("does not converge", "1 min 40 s"), (left.Text(endless), left.Text(ending)));
        Assert.Equal((UsageSeverity.Critical, UsageSeverity.None), (left.Threshold!.Value.Of(left.Value(endless)), left.Threshold.Value.Of(left.Value(ending))));
        UsageScreenState state = new(sort: left.Name);
        state.Take(Look(1, ending, endless));
        Assert.Equal(["endless", "ending"], state.Rows.Select(row => row.Usage.Vmi));
    }
}
