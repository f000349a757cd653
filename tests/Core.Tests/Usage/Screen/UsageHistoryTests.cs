using KubeVirtMonitor.Usage;
using Xunit;
using static KubeVirtMonitor.TestKit.Usages;

namespace KubeVirtMonitor.Tests.Usage.Screen;

public sealed class UsageHistoryTests
{
    private readonly UsageHistory _history = new();

    [Fact]
    public void LooksWithoutARowAreGaps()
    {
        KubeVirtUsage vm = Cpu("a/vm", 25);
        Take(vm);
        Take();
        Take(vm);
        Assert.Equal([float.NaN, 25, float.NaN, 25], _history.Last(ScreenKey.Of(vm), UsageTopic.Cpu, 4));
        Take();
        Assert.Equal([25, float.NaN, 25, float.NaN], _history.Last(ScreenKey.Of(vm), UsageTopic.Cpu, 4));
        Assert.Equal([float.NaN], _history.Last(ScreenKey.Of(Cpu("a/other", 1)), UsageTopic.Cpu, 1));
    }

    [Fact]
    public void ItHasTheLastSixtyLooksAndForgetsWhatIsGone()
    {
        KubeVirtUsage gone = Cpu("a/gone", 1);
        Take(gone);
        for (int i = 1; i < UsageHistory.Length; i++) Take(Cpu("a/vm", i));
        Assert.Equal(2, _history.Count);
        for (int i = 1; i <= 1000; i++) Take(Cpu("a/vm", i % 100), Cpu($"a/vm{i}", 1));
        // The machine that stays, and those of the last 60 looks.
        Assert.Equal(1 + UsageHistory.Length, _history.Count);
        Assert.Equal([41f, 42f, 43f], _history.Last(ScreenKey.Of(Cpu("a/vm", 0)), UsageTopic.Cpu, 100).Take(3).Select(value => MathF.Round(value)));
        Assert.Equal(UsageHistory.Length, _history.Last(ScreenKey.Of(Cpu("a/vm", 0)), UsageTopic.Cpu, 100).Length);
    }

    [Theory]
    [InlineData("▁▂▅█", true)]
    [InlineData("_.+#", false)]
    public void PercentagesHaveAScaleOfTheirOwn(string expected, bool isUnicode) => Assert.Equal(expected, Sparkline.Of([0, 12.5f, 50, 100], isPercent: true, isUnicode));

    [Fact]
    public void RatesAreOnTheScaleOfTheirLargest()
    {
        Assert.Equal("▁ ▅█", Sparkline.Of([0, float.NaN, 4, 8], isPercent: false, isUnicode: true));
        Assert.Equal("▁▁ ", Sparkline.Of([0, 0, float.NaN], isPercent: false, isUnicode: true));
        // The emulator's threads can take it past 100.
        Assert.Equal("█", Sparkline.Of([250], isPercent: true, isUnicode: true));
    }

    private void Take(params KubeVirtUsage[] machines)
    {
        _history.Begin();
        foreach (KubeVirtUsage machine in machines) _history.Add(ScreenKey.Of(machine), machine);
    }
}
