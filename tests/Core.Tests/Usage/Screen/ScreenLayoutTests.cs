using CsCheck;
using KubeVirtMonitor.Usage;
using Xunit;
using static KubeVirtMonitor.TestKit.Usages;

namespace KubeVirtMonitor.Tests.Usage.Screen;

public sealed class ScreenLayoutTests
{
    [Fact]
    public void AtEightyColumnsTheFirstFiguresAndAHistoryAreThere()
    {
        UsageScreenState state = new();
        state.Take(Look(1, Cpu("shop/frontend-01", 10, "worker-3")));
        // With a blank before each but the first: 10 for the name, 5, 9 for the namespace, 5, 7 and 9 with marks, 8 for the history and the node, 5 and 5 are 80.
        IReadOnlyList<ScreenCell> cells = ScreenLayout.Fit(state, 80);
        Assert.Equal(["NAMESPACE", "NAME", "NODE", "CPU%", "USED", "RDY%", "MAXRDY", "OVHD", "LOAD", ""], cells.Select(cell => cell.Header));
        Assert.Equal([9, 10, 8, 5, 5, 7, 9, 5, 5, 8], cells.Select(cell => cell.Width));
        Assert.Equal(80, cells.Sum(cell => cell.Width) + cells.Count - 1);
    }

    [Fact]
    public void NodesHaveNoNamespaceAndSayHowManyMachinesTheyHave()
    {
        UsageScreenState state = new(view: UsageScope.Node);
        state.Take(Look(1, Cpu("shop/frontend-01", 10, "worker-3")));
        Assert.Equal(["NODE", "VMS", "CPU%"], ScreenLayout.Fit(state, 80).Take(3).Select(cell => cell.Header));
    }

    [Fact]
    public void AnyWidthHasTheNameAndTheSortedFigureAndIsNotExceeded() =>
        Gen.Select(Gen.Int[ScreenLayout.MinimumWidth, 300], Gen.Enum<UsageTopic>(), Gen.Enum<UsageScope>(), Gen.Int[0, 12], Gen.Int[1, 63]).Sample((width, topic, view, steps, length) =>
        {
            UsageScreenState state = new(topic, view);
            state.Take(Look(1, Cpu($"{new string('n', length)}/{new string('v', length)}", 1, new string('h', length))));
            for (int i = 0; i < steps; i++) state.Press(Key('>'));
            IReadOnlyList<ScreenCell> cells = ScreenLayout.Fit(state, width);
            Assert.Contains(cells, cell => cell.Figure?.Name == state.Sort);
            Assert.Contains(cells, cell => cell.Rank == 0 && cell.Width >= Math.Min(length, 8));
            Assert.True(cells.Sum(cell => cell.Width) + cells.Count - 1 <= width);
        });
}
