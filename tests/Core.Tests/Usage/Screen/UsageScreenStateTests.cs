using KubeVirtMonitor.Usage;
using Xunit;
using static KubeVirtMonitor.TestKit.Usages;

namespace KubeVirtMonitor.Tests.Usage.Screen;

public sealed class UsageScreenStateTests
{
    private readonly UsageScreenState _state = new() { PageSize = 3 };

    [Fact]
    public void TheBusiestComesFirstAndWhatIsNotKnownLast()
    {
        _state.Take(Look(1, Cpu("a/idle", 1), Vm("a/new", "node1"), Cpu("b/busy", 90), Cpu("a/some", 30)));
        Assert.Equal(["busy", "some", "idle", "new"], Names());
        Press('r');
        Assert.Equal(["idle", "some", "busy", "new"], Names());
        Press('r');
        Assert.Equal(["busy", "some", "idle", "new"], Names());
    }

    [Fact]
    public void WhatLooksTheSameStaysInTheOrderOfNames()
    {
        _state.Take(Look(1, Cpu("b/one", 50.01), Cpu("a/two", 50.02), Cpu("a/one", 50.0), Cpu("c/three", 50.2)));
        Assert.Equal(["c/three", "a/one", "a/two", "b/one"], _state.Rows.Select(row => $"{row.Usage}"));
    }

    [Fact]
    public void TheNextColumnsAreSortedByInTurnAndEachTopicRemembersItsOwn()
    {
        // b has more of its CPUs and less of the node's.
        _state.Take(Look(
            1,
            Vm("x/a", "n", (UsageFigure.VCpus, 4), (UsageFigure.VCpusWithUsage, 4), (UsageFigure.CpuUsage, 1), (UsageFigure.CpuOfVCpus, 1), (UsageFigure.MemoryDomain, 1)),
            Vm("x/b", "n", (UsageFigure.VCpus, 1), (UsageFigure.VCpusWithUsage, 1), (UsageFigure.CpuUsage, 0.5), (UsageFigure.CpuOfVCpus, 0.5), (UsageFigure.MemoryDomain, 2))));
        Assert.Equal(["b", "a"], Names());
        Press(ConsoleKey.RightArrow);
        Assert.Equal("CpuUsed", _state.Sort);
        Assert.Equal(["a", "b"], Names());
        Press('<');
        Press('<');
        Assert.Equal("Name", _state.Sort);
        Assert.Equal(["a", "b"], Names());
        Press(ConsoleKey.LeftArrow);
        Assert.Equal("Name", _state.Sort);
        Press('r');
        Assert.Equal(["b", "a"], Names());
        Press('m');
        Assert.Equal("MemoryUsedPercent", _state.Sort);
        Press('>');
        Press('>');
        Assert.Equal("Memory", _state.Sort);
        Assert.Equal(["b", "a"], Names());
        Press('c');
        Assert.Equal(("Name", true), (_state.Sort, _state.IsReversed));
    }

    [Theory]
    [InlineData("we", "a/web-1 a/web-2 web/db")]
    [InlineData("NODE2", "a/web-2")]
    [InlineData("a/web", "a/web-1 a/web-2")]
    [InlineData("web-*", "a/web-1 a/web-2")]
    [InlineData("*-1", "a/web-1")]
    [InlineData("we?", "web/db")]
    [InlineData("nothing", "")]
    public void AFilterIsAPartOfANameOrAPattern(string filter, string expected)
    {
        _state.Take(Look(1, Cpu("a/web-1", 9), Cpu("a/web-2", 8, "node2"), Cpu("web/db", 7)));
        Press('/');
        foreach (char character in filter) Press(character);
        Assert.Equal(expected, string.Join(' ', _state.Rows.Select(row => $"{row.Usage}")));
        Assert.Equal(3, _state.Total);
    }

    [Fact]
    public void WhileAFilterIsTypedKeysAreItsText()
    {
        _state.Take(Look(1, Cpu("a/quick", 9), Cpu("a/slow", 8)));
        Press('/');
        Press('q');
        Press('x');
        Press(ConsoleKey.Backspace);
        Assert.Equal((true, "q", false), (_state.IsTyping, _state.Filter, _state.HasEnded));
        Press(ConsoleKey.Enter);
        Assert.Equal((false, "q"), (_state.IsTyping, _state.Filter));
        Assert.Equal(["quick"], Names());
        // The first Esc clears the filter, the next one leaves.
        Press(ConsoleKey.Escape);
        Assert.Equal(("", false), (_state.Filter, _state.HasEnded));
        Press(ConsoleKey.Escape);
        Assert.True(_state.HasEnded);
    }

    [Fact]
    public void EscWhileTypingShowsAllAgain()
    {
        _state.Take(Look(1, Cpu("a/one", 9), Cpu("a/two", 8)));
        Press('/');
        Press('o');
        Press('n');
        Press(ConsoleKey.Escape);
        Assert.Equal((false, "", 2, false), (_state.IsTyping, _state.Filter, _state.Rows.Count, _state.HasEnded));
    }

    [Theory]
    [InlineData('q')]
    [InlineData('Q')]
    public void QLeaves(char key)
    {
        Press(key);
        Assert.True(_state.HasEnded);
    }

    [Fact]
    public void ControlCLeavesAlsoWhileTyping()
    {
        Press('/');
        _state.Press(new ConsoleKeyInfo('\u0003', ConsoleKey.C, shift: false, alt: false, control: true));
        Assert.True(_state.HasEnded);
    }

    [Fact]
    public void NodesAndNamespacesAreSums()
    {
        _state.Take(Look(1, Cpu("a/one", 20, "n1"), Cpu("a/two", 60, "n2"), Cpu("b/three", 40, "n1")));
        Press('N');
        // 0.2 and 0.4 of 1 and 1 CPUs are 30 % of two; n2 has 60 % of one.
        Assert.Equal([("n2", 1, 60), ("n1", 2, 30)], _state.Rows.Select(row => (row.Usage.Node, row.Usage.Machines, (int)Math.Round(row.Usage.CpuPercent!.Value))));
        Press('S');
        Assert.Equal(["a", "b"], _state.Rows.Select(row => row.Usage.Namespace));
        Press('v');
        Assert.Equal(["two", "three", "one"], Names());
    }

    [Fact]
    public void ASelectedMachineIsFollowedAndTheFirstRowIsAPlace()
    {
        _state.Take(Look(1, Cpu("a/one", 90), Cpu("a/two", 80), Cpu("a/three", 70)));
        Assert.Equal("one", Selected());
        _state.Take(Look(2, Cpu("a/one", 10), Cpu("a/two", 80), Cpu("a/three", 70)));
        Assert.Equal("two", Selected());
        Press(ConsoleKey.DownArrow);
        Assert.Equal("three", Selected());
        _state.Take(Look(3, Cpu("a/one", 10), Cpu("a/two", 80), Cpu("a/three", 99)));
        Assert.Equal(("three", 0), (Selected(), _state.Selected));
        // It is gone: what is in its place is selected.
        _state.Take(Look(4, Cpu("a/one", 10), Cpu("a/two", 80)));
        Assert.Equal("two", Selected());
    }

    [Fact]
    public void ScrollingKeepsTheSelectionVisible()
    {
        _state.Take(Look(1, [.. Enumerable.Range(0, 10).Select(i => Cpu($"a/vm{i}", 90 - i))]));
        AssertAt(0, 0);
        Press(ConsoleKey.PageDown);
        AssertAt(3, 1);
        Press(ConsoleKey.PageDown);
        AssertAt(6, 4);
        Press(ConsoleKey.End);
        AssertAt(9, 7);
        Press(ConsoleKey.DownArrow);
        AssertAt(9, 7);
        Press(ConsoleKey.UpArrow);
        AssertAt(8, 7);
        // A lower window keeps it visible, and a higher one is filled.
        _state.PageSize = 1;
        AssertAt(8, 8);
        _state.PageSize = 6;
        AssertAt(8, 4);
        Press(ConsoleKey.PageUp);
        AssertAt(2, 2);
        Press(ConsoleKey.Home);
        AssertAt(0, 0);

        void AssertAt(int selected, int first) => Assert.Equal((selected, first), (_state.Selected, _state.First));
    }

    [Fact]
    public void ScrollingWithoutRowsDoesNothing()
    {
        Press(ConsoleKey.DownArrow);
        Press(ConsoleKey.End);
        Assert.Equal((0, 0), (_state.Selected, _state.First));
        Press('N');
        Assert.Empty(_state.Rows);
    }

    [Fact]
    public void WhilePausedTheLookStandsStillAndGoesOnWithTheNewest()
    {
        _state.Take(Look(1, Cpu("a/one", 1)));
        Press(' ');
        _state.Take(Look(2, Cpu("a/one", 2)));
        _state.Take(Look(3, Cpu("a/one", 3), Cpu("a/two", 3)));
        Assert.Equal((true, 1L, 1), (_state.IsPaused, _state.Look!.Number, _state.Rows.Count));
        Press(' ');
        Assert.Equal((false, 3L, 2), (_state.IsPaused, _state.Look.Number, _state.Rows.Count));
        // Nothing was lost meanwhile.
        Assert.Equal([1f, 2f, 3f], _state.History.Last(_state.Rows.Single(row => row.Usage.Vmi == "one").Key, UsageTopic.Cpu, 3).Select(value => MathF.Round(value)));
    }

    [Fact]
    public void OverlaysCloseWithAnyKeyWhichThenDoesItsWork()
    {
        Press('h');
        Assert.Equal(ScreenOverlay.Help, _state.Overlay);
        Press(ConsoleKey.Escape);
        Assert.Equal((ScreenOverlay.None, false), (_state.Overlay, _state.HasEnded));
        Press('?');
        Press('p');
        Assert.Equal(ScreenOverlay.Problems, _state.Overlay);
        Press('p');
        Assert.Equal(ScreenOverlay.None, _state.Overlay);
        Press('h');
        Press('d');
        Assert.Equal((ScreenOverlay.None, UsageTopic.Disk), (_state.Overlay, _state.Topic));
        Press('h');
        Press('q');
        Assert.True(_state.HasEnded);
    }

    [Fact]
    public void KeysWithoutAMeaningChangeNothing()
    {
        Assert.False(_state.Press(Key('x')));
        Assert.False(_state.Press(Key(ConsoleKey.F5)));
    }

    [Theory]
    [InlineData("DiskReadLatencyMs", null, UsageTopic.Disk, "DiskReadLatencyMs")]
    [InlineData("memoryused", null, UsageTopic.Memory, "MemoryUsed")]
    [InlineData("name", null, UsageTopic.Cpu, "Name")]
    [InlineData("Name", UsageTopic.Network, UsageTopic.Network, "Name")]
    [InlineData(null, UsageTopic.Migration, UsageTopic.Migration, "MigrationPercent")]
    [InlineData(null, null, UsageTopic.Cpu, "CpuPercent")]
    public void ItOpensWithTheTopicOfWhatItIsSortedBy(string? sort, UsageTopic? topic, UsageTopic expected, string column)
    {
        UsageScreenState state = new(topic, UsageScope.Node, sort);
        Assert.Equal((expected, column, UsageScope.Node), (state.Topic, state.Sort, state.View));
    }

    [Fact]
    public void EveryColumnIsAPropertyOfUsageThatSaysTheSame()
    {
        UsageSums sums = new();
        foreach (UsageFigure figure in Enum.GetValues<UsageFigure>()) sums.Set(figure, 1 + (int)figure);
        KubeVirtUsage usage = new(sums);
        Each.Of(Enum.GetValues<UsageTopic>().SelectMany(ScreenColumn.Of), column =>
        {
            object? value = typeof(KubeVirtUsage).GetProperty(column.Name)!.GetValue(usage);
            // A migration that does not converge has no time left, and says so.
            Assert.Equal(value switch { TimeSpan span => span.TotalSeconds, int number => number, null => double.PositiveInfinity, _ => (double)value }, column.Value(usage)!.Value, 6);
        });
    }

    [Fact]
    public void OldFiguresAreGapsInTheHistoryAndAreInTheSums()
    {
        _state.Take(Look(1, Cpu("a/one", 10, "n1"), Cpu("a/two", 30, "n2")));
        _state.Take(Look(2, Cpu("a/one", 20, "n1")) with { Missing = [Cpu("a/two", 30, "n2")] });
        Assert.Equal([("one", false), ("two", true)], _state.Rows.OrderBy(row => row.Usage.Vmi, StringComparer.Ordinal).Select(row => (row.Usage.Vmi!, row.IsOld)));
        Assert.Equal((2, 2), (_state.Machines, _state.Nodes));
        Assert.Equal([30, float.NaN], _state.History.Last(ScreenKey.Of(Cpu("a/two", 0)), UsageTopic.Cpu, 2));
        Press('N');
        Assert.Equal([("n2", 1, true), ("n1", 0, false)], _state.Rows.Select(row => (row.Usage.Node!, row.Old, row.IsOld)));
        Press('S');
        // 0.2 and 0.3 of two CPUs.
        ScreenRow space = Assert.Single(_state.Rows);
        Assert.Equal((25, 1, false, (DateTimeOffset?)Noon), ((int)Math.Round(space.Usage.CpuPercent!.Value), space.Old, space.IsOld, space.Since));
        Assert.Equal([20, 25], _state.History.Last(space.Key, UsageTopic.Cpu, 2).Select(value => MathF.Round(value)));
    }

    private void Press(char key) => _state.Press(Key(key));

    private void Press(ConsoleKey key) => _state.Press(Key(key));

    private IEnumerable<string?> Names() => _state.Rows.Select(row => row.Usage.Vmi);

    private string? Selected() => _state.Rows[_state.Selected].Usage.Vmi;
}
