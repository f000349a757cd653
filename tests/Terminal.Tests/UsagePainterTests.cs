using System.Diagnostics;
using KubeVirtMonitor.Terminal;
using KubeVirtMonitor.Usage;
using Spectre.Console.Rendering;
using Xunit;
using static KubeVirtMonitor.TestKit.Usages;

namespace KubeVirtMonitor.Tests.Terminal;

/// <summary>What is on the screen, against screens that were written by hand.</summary>
public sealed class UsagePainterTests
{
    private readonly UsageFeed _feed = new();

    [Fact]
    public void CpuOfMachinesIn64Columns()
    {
        UsageScreenState state = new();
        state.Take(Look(1, Machines()));
        AssertScreen(state, 64, 10, """
            CPU by VM  prod, KubeVirt v1.9.0                        14:03:05
            3 VMs on 2 nodes  over 10.0 s  next in 7 s
            NAMESPACE NAME    NODE ▼CPU%  USED  RDY%    MAXRDY
            shop      front-1 w1    75.0  1.50   6.0!     12.0!!           ▇
            shop      back-1  w2    25.0  0.25   0.5       0.5             ▃
            db        pg      -        -     -     -         -


            1/3 shop/front-1 on w1
            h help  q quit  c CPU m mem d disk n net g migr  v VM N node
            """);
    }

    [Fact]
    public void WithoutUnicodeItIsAscii()
    {
        UsageScreenState state = new();
        state.Take(Look(1, Machines()));
        string[] lines = Lines(state, 64, 10, isUnicode: false);
        Assert.All(lines, line => Assert.All(line, character => Assert.InRange(character, ' ', '~')));
        Assert.Equal("NAMESPACE NAME    NODE vCPU%  USED  RDY%    MAXRDY", lines[2]);
        Assert.Equal("shop      front-1 w1    75.0  1.50   6.0!     12.0!!           %", lines[3]);
    }

    [Fact]
    public void MigrationsByName()
    {
        UsageScreenState state = new(UsageTopic.Migration, sort: "Name");
        state.Take(Look(1,
            Vm("a/calm", "n1", (UsageFigure.MigrationProcessed, 3 << 20), (UsageFigure.MigrationRemaining, 1 << 20), (UsageFigure.MigrationRate, 1 << 20), (UsageFigure.MigrationDirtyRate, 512 << 10)),
            Vm("a/wild", "n1", (UsageFigure.MigrationProcessed, 1 << 20), (UsageFigure.MigrationRemaining, 1 << 20), (UsageFigure.MigrationRate, 1 << 20), (UsageFigure.MigrationDirtyRate, 2 << 20))));
        AssertScreen(state, 80, 8, """
            Migrations by VM  prod, KubeVirt v1.9.0                                 14:03:05
            2 VMs on 1 node  over 10.0 s  next in 7 s
            NAMESPACE ▲NAME NODE  DONE%  REMAIN         TIME LEFT    MOVB/s  DIRTY
            a         calm  n1     75.0    1.0M               2 s      1.0M      -         ▇
            a         wild  n1     50.0    1.0M does not converge!!    1.0M      -         ▅

            1/2 a/calm on n1
            c CPU m mem d disk n net g migr  v VM N node S space  / filter  h help  q quit
            """);
    }

    [Fact]
    public void TheFilterAndTheProblemsAreSaid()
    {
        UsageScreenState state = new();
        state.Take(Look(1, Machines()) with { Problems = [new("virt-handler-x: the server answered 500.", Noon.AddMinutes(-63)), new("another", Noon)] });
        foreach (char key in "/shop") state.Press(Key(key));
        string[] lines = Lines(state, 80, 10);
        Assert.Equal("2 problems (p)  2 of 3 like \"shop\"  3 VMs on 2 nodes  over 10.0 s  next in 7 s", lines[1]);
        Assert.Equal("Filter: shop_  Enter keeps it, Esc shows all", lines[^2]);
        state.Press(Key(ConsoleKey.Enter));
        Assert.Equal("! virt-handler-x: the server answered 500.", Lines(state, 80, 10)[^2]);
        state.Press(Key('p'));
        Assert.Equal(["! since 13:00:05: virt-handler-x: the server answered 500.", "! since 14:03:05: another"], Lines(state, 80, 10)[2..4]);
    }

    [Fact]
    public void BeforeTheSecondLookItSaysWhyThereAreNoRates()
    {
        UsageScreenState state = new();
        Assert.Equal("The first look is under way. Rates come with the second.", Lines(state, 80, 24)[1]);
        state.Take(Look(1));
        Assert.Equal("0 VMs on 0 nodes  no rates before the second look  next in 7 s", Lines(state, 80, 24)[1]);
        Assert.Equal("No VM has metrics. Only running ones do.", Lines(state, 80, 24)[3]);
    }

    // A cluster that is gone is not one without VMs: what was last known stays, and is marked as old.
    [Fact]
    public void WhatCouldNotBeLookedAtKeepsItsLastFigures()
    {
        UsageScreenState state = new();
        state.Take(Look(1, Machines()));
        KubeVirtUsage[] last = [.. Machines().Select(Aged)];
        state.Take(Look(2) with { Time = Noon.AddSeconds(20), Missing = last, Problems = [new("prod cannot be reached: the connection was refused.", Noon.AddSeconds(10))] });
        AssertScreen(state, 64, 10, """
            CPU by VM  prod, KubeVirt v1.9.0                        14:03:25
            1 problem (p)  3 VMs on 2 nodes  all as of 14:02:56  next in 7 s
            NAMESPACE NAME     NODE ▼CPU%  USED  RDY%    MAXRDY
            shop      *front-1 w1    75.0  1.50   6.0      12.0     14:02:56
            shop      *back-1  w2    25.0  0.25   0.5       0.5     14:02:56
            db        *pg      -        -     -     -         -     14:02:56


            ! prod cannot be reached: the connection was refused.
            h help  q quit  c CPU m mem d disk n net g migr  v VM N node
            """);
        state.Press(Key(ConsoleKey.DownArrow));
        Assert.Equal("2/3 shop/back-1 on w2: no metrics since 14:02:56", Lines(state, 64, 10)[^2]);
        state.Take(Look(3, Machines()));
        Assert.Equal("3 VMs on 2 nodes  over 10.0 s  next in 7 s", Lines(state, 64, 10)[1]);
        Assert.Equal("shop      front-1 w1    75.0  1.50   6.0!     12.0!!         ▇ ▇", Lines(state, 64, 10)[3]);
    }

    [Fact]
    public void OldFiguresAreDimmedAndHaveNoThresholds()
    {
        UsageScreenState state = new(sort: "Name");
        state.Take(Look(1, Cpu("a/new", 1), Cpu("a/other", 1)) with { Missing = [Aged(Vm("a/old", "n", (UsageFigure.VCpuReady, 0.2), (UsageFigure.VCpusWithReady, 1)))] });
        IReadOnlyList<IReadOnlyList<Segment>> picture = new UsagePainter(state, _feed, Noon, isUnicode: true, TimeZoneInfo.Utc).Paint(80, 10);
        Assert.Contains(picture[4], segment => segment.Text.Contains("*old", StringComparison.Ordinal));
        Assert.DoesNotContain(picture[4], segment => segment.Text.Contains('!', StringComparison.Ordinal));
        Assert.All(picture[4], segment => Assert.Equal(Spectre.Console.Color.Grey, segment.Style.Foreground));
        Assert.Contains(picture[5], segment => segment.Text.Contains("other", StringComparison.Ordinal) && segment.Style.Foreground == Spectre.Console.Color.Default);
        Assert.Equal("3 VMs on 2 nodes  1 as of 14:02:56  over 10.0 s  next in 7 s", Lines(state, 80, 10)[1]);
    }

    // A node of which one VM of two is silent has both in its sum, and says so.
    [Fact]
    public void SumsSayHowManyOfTheirFiguresAreOld()
    {
        UsageScreenState state = new(view: UsageScope.Node);
        state.Take(Look(1, Cpu("a/one", 20, "n1"), Cpu("a/three", 50, "n2")) with { Missing = [Aged(Cpu("a/two", 60, "n1"))] });
        string[] lines = Lines(state, 80, 10);
        Assert.StartsWith("n2        1  50.0  0.50", lines[3], StringComparison.Ordinal);
        Assert.StartsWith("*n1       2  40.0  0.80", lines[4], StringComparison.Ordinal);
        state.Press(Key(ConsoleKey.DownArrow));
        Assert.Equal("2/2 n1: 1 of 2 VMs as of 14:02:56", Lines(state, 80, 10)[^2]);
    }

    [Fact]
    public void ALookThatHangsIsSaid()
    {
        UsageScreenState state = new();
        state.Take(Look(1, Machines()));
        _feed.Begin();
        // 10 seconds until it began, and 35 since.
        Assert.Equal("3 VMs on 2 nodes  over 10.0 s  no answer for 35 s", Lines(state, 80, 10, now: Noon.AddSeconds(45))[1]);
    }

    [Fact]
    public void WithoutAnyFiguresItSaysWhy()
    {
        UsageScreenState state = new();
        state.Take(Look(1) with { Problems = [new("prod cannot be reached.", Noon)] });
        Assert.Equal("1 problem (p)  0 VMs on 0 nodes  next in 7 s", Lines(state, 80, 24)[1]);
        Assert.Equal("! since 14:03:05: prod cannot be reached.", Lines(state, 80, 24)[3]);
    }

    [Theory]
    [InlineData(20, 5, "Too small: 20x5.|It takes 32x8.|q leaves.||")]
    [InlineData(8, 2, "Too smal|It takes")]
    [InlineData(1, 1, "T")]
    public void ATinyWindowGetsAPoliteLine(int width, int height, string expected)
    {
        UsageScreenState state = new();
        state.Take(Look(1, Machines()));
        Assert.Equal(expected, string.Join('|', Lines(state, width, height)));
    }

    [Theory]
    [InlineData(32, 8)]
    [InlineData(80, 24)]
    [InlineData(81, 25)]
    [InlineData(160, 50)]
    [InlineData(400, 100)]
    public void EveryPictureFillsItsWindowAndNoMore(int width, int height)
    {
        UsageScreenState state = new();
        state.Take(Look(1, [.. Machines(), Cpu($"{new string('é', 70)}/日本語日本語日本語日本語日本語日本語日本語日本語", 3)]) with { Source = new string('c', 500), Missing = [Cpu("shop/gone", 4)], Problems = [new(new string('p', 500), Noon)] });
        foreach (char key in "cmdngNSCvhp//")
        {
            state.Press(Key(key));
            IReadOnlyList<IReadOnlyList<Segment>> picture = new UsagePainter(state, _feed, Noon, isUnicode: true).Paint(width, height);
            Assert.Equal(height, picture.Count);
            Each.Of(picture, line => Assert.InRange(Segment.CellCount(line), 0, width));
        }
    }

    [Fact]
    public void LongNamesLoseTheirMiddle()
    {
        UsageScreenState state = new();
        state.Take(Look(1, Cpu("production/web-frontend-blue-0001", 1), Cpu("production/web-frontend-blue-0002", 2)));
        string[] lines = Lines(state, 40, 10);
        Assert.StartsWith("produc…on web-fr…002   2.0", lines[3], StringComparison.Ordinal);
        Assert.StartsWith("produc…on web-fr…001   1.0", lines[4], StringComparison.Ordinal);
    }

    // What names hold comes from others.
    [Fact]
    public void ControlSequencesInNamesAreBlanks()
    {
        UsageScreenState state = new();
        state.Take(Look(1, Machines()) with { Problems = [new("\e[2Jgone\u009b1m", Noon)] });
        Assert.Equal("!  [2Jgone 1m", Lines(state, 80, 24)[^2]);
    }

    // Five thousand machines: a key is answered as quickly as ever. The limits are far above what it takes, and far below what one would notice.
    [Fact]
    public void FiveThousandMachinesStayQuick()
    {
        Random random = new(1);
        KubeVirtUsage[] machines = [.. Enumerable.Range(0, 5000).Select(i => Cpu($"ns{i % 20}/vm{i}", 100 * random.NextDouble(), $"node{i % 50}"))];
        UsageScreenState state = new();
        double Milliseconds(Action action)
        {
            action();
            // The best of some: the machine may be busy with something else.
            return Enumerable.Range(0, 5).Min(_ =>
            {
                long start = Stopwatch.GetTimestamp();
                action();
                return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            });
        }

        long number = 0;
        double look = Milliseconds(() => state.Take(Look(++number, machines)));
        double sort = Milliseconds(() =>
        {
            state.Press(Key('r'));
            Lines(state, 160, 50);
        });
        double move = Milliseconds(() =>
        {
            state.Press(Key(ConsoleKey.DownArrow));
            Lines(state, 160, 50);
        });
        TestContext.Current.TestOutputHelper!.WriteLine($"look {look:0.0} ms, sort {sort:0.0} ms, move {move:0.0} ms");
        Assert.InRange(look, 0, 1000);
        Assert.InRange(sort, 0, 500);
        Assert.InRange(move, 0, 250);
    }

    private static KubeVirtUsage[] Machines() =>
    [
        Vm("db/pg", null),
        Vm("shop/back-1", "w2", (UsageFigure.VCpus, 1), (UsageFigure.VCpusWithUsage, 1), (UsageFigure.CpuUsage, 0.25), (UsageFigure.CpuOfVCpus, 0.25), (UsageFigure.VCpuReady, 0.005), (UsageFigure.VCpusWithReady, 1), (UsageFigure.VCpuReadyMax, 0.005)),
        Vm("shop/front-1", "w1", (UsageFigure.VCpus, 2), (UsageFigure.VCpusWithUsage, 2), (UsageFigure.CpuUsage, 1.5), (UsageFigure.CpuOfVCpus, 1.5), (UsageFigure.VCpuReady, 0.12), (UsageFigure.VCpusWithReady, 2), (UsageFigure.VCpuReadyMax, 0.12)),
    ];

    // Figures of a look at 14:02:56.
    private static KubeVirtUsage Aged(KubeVirtUsage usage) => new(usage.Sums) { Namespace = usage.Namespace, Vmi = usage.Vmi, Node = usage.Node, Timestamp = Noon.AddSeconds(-9), Interval = usage.Interval };

    private void AssertScreen(UsageScreenState state, int width, int height, string expected) => Assert.Equal(expected.Replace("\r", "", StringComparison.Ordinal), string.Join('\n', Lines(state, width, height)));

    private string[] Lines(UsageScreenState state, int width, int height, bool isUnicode = true, DateTimeOffset? now = null)
    {
        _feed.Await(Noon.AddSeconds(10));
        return [.. new UsagePainter(state, _feed, now ?? Noon.AddSeconds(3), isUnicode, TimeZoneInfo.Utc).Paint(width, height).Select(line => string.Concat(line.Select(segment => segment.Text)).TrimEnd())];
    }
}
