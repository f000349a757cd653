using KubeVirtMonitor.Terminal;
using KubeVirtMonitor.Usage;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console;
using Spectre.Console.Testing;
using Xunit;
using static KubeVirtMonitor.TestKit.Usages;

namespace KubeVirtMonitor.Tests.Terminal;

/// <summary>The loop on a terminal that writes down what it is sent.</summary>
public sealed class UsageScreenTests : IDisposable
{
    private const string Enter = "\e[?1049h\e[?25l\e[?7l";
    private const string Leave = "\e[0m\e[2J\e[?7h\e[?25h\e[?1049l";

    private readonly TestConsole _console = new TestConsole().Width(100).Height(12).EmitAnsiSequences();
    private readonly UsageFeed _feed = new();
    private readonly FakeTimeProvider _clock = new(Noon);

    public void Dispose() => _console.Dispose();

    [Fact]
    public void QLeavesTheTerminalAsItWas()
    {
        _feed.Publish(Look(1, Cpu("a/vm", 50)));
        _console.Input.PushCharacter('q');
        Run(new UsageScreenState());
        Assert.StartsWith(Enter, _console.Output, StringComparison.Ordinal);
        Assert.EndsWith(Leave, _console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void AnEndFromOutsideLeavesTheTerminalAsItWas()
    {
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(200));
        _feed.Publish(Look(1, Cpu("a/vm", 50)));
        ((IUsageScreen)new UsageScreen(_console, _clock)).Run(_feed, new UsageScreenState(), stop.Token);
        Assert.Contains("vm", _console.Output, StringComparison.Ordinal);
        Assert.EndsWith(Leave, _console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void AFaultLeavesTheTerminalAsItWas()
    {
        // A look without machines breaks what shows it.
        _feed.Publish(Look(1) with { Machines = null! });
        Assert.ThrowsAny<Exception>(() => Run(new UsageScreenState()));
        Assert.EndsWith(Leave, _console.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void ALineIsWrittenInItsPlaceAndClearedToItsEnd()
    {
        _feed.Publish(Look(1, Cpu("a/vm", 50)));
        string output = Shown(new UsageScreenState());
        Assert.Contains("\e[1;1H", output, StringComparison.Ordinal);
        Assert.Contains("\e[12;1H", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\e[13;1H", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", output, StringComparison.Ordinal);
        Assert.Contains("1 VM on 1 node", output, StringComparison.Ordinal);
    }

    [Fact]
    public void ThresholdsAreColoured()
    {
        _console.Colors(ColorSystem.Standard);
        _feed.Publish(Look(1,
            Vm("a/bad", "n", (UsageFigure.VCpuReady, 0.2), (UsageFigure.VCpusWithReady, 1)), Vm("a/warn", "n", (UsageFigure.VCpuReady, 0.07), (UsageFigure.VCpusWithReady, 1)), Vm("a/good", "n", (UsageFigure.VCpuReady, 0.01), (UsageFigure.VCpusWithReady, 1))));
        string output = Shown(new UsageScreenState(sort: "Name"));
        // The first row is selected, which lies over its colours.
        Assert.Matches(@"\e\[1;7;91m *20\.0!!", output);
        Assert.Matches(@"\e\[93m *7\.0! ", output);
        Assert.DoesNotMatch(@"9[0-9]m *1\.0", output);
    }

    [Fact]
    public void WithoutColoursTheMarksAreLeft()
    {
        _console.Colors(ColorSystem.NoColors);
        _feed.Publish(Look(1, Vm("a/bad", "n", (UsageFigure.VCpuReady, 0.2), (UsageFigure.VCpusWithReady, 1))));
        string output = Shown(new UsageScreenState());
        Assert.Contains("20.0!!", output, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\e\[(\d+;)*(3[0-8]|9[0-7])m", output);
    }

    [Theory]
    [InlineData("C.UTF-8", null, null, null, true)]
    [InlineData(null, null, "de_DE.utf8", null, true)]
    [InlineData("C", null, "de_DE.UTF-8", null, false)]
    [InlineData(null, "POSIX", "de_DE.UTF-8", null, false)]
    [InlineData("", "", "en_US.UTF-8", null, true)]
    [InlineData(null, null, null, null, false)]
    [InlineData("C.UTF-8", null, null, "linux", false)]
    public void TheLocaleSaysWhetherThereIsMoreThanAscii(string? all, string? type, string? lang, string? term, bool expected) => Assert.Equal(
        expected,
        UsageScreen.SpeaksUnicode(name => name switch { "LC_ALL" => all, "LC_CTYPE" => type, "LANG" => lang, "TERM" => term ?? "xterm", _ => null }, isWindows: false));

    // One picture, and then it is left.
    private string Shown(UsageScreenState state)
    {
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(200));
        ((IUsageScreen)new UsageScreen(_console, _clock)).Run(_feed, state, stop.Token);
        return _console.Output;
    }

    private void Run(UsageScreenState state) => ((IUsageScreen)new UsageScreen(_console, _clock)).Run(_feed, state, new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token);
}
