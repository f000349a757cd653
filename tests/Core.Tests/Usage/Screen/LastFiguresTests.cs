using KubeVirtMonitor.Usage;
using Xunit;
using static KubeVirtMonitor.TestKit.Usages;

namespace KubeVirtMonitor.Tests.Usage.Screen;

public sealed class LastFiguresTests
{
    private readonly LastFigures _last = new();

    [Fact]
    public void WhatCannotBeLookedAtStaysForAsLongAsItLasts()
    {
        Assert.Empty(_last.Take([Cpu("a/one", 1), Cpu("a/two", 2)], NotAsked));
        for (int i = 0; i < 1000; i++) Assert.Equal(["a/one", "a/two"], Missing([], Absence.Lasting));
        Assert.Equal(["a/two"], Missing([Cpu("a/one", 3)], Absence.Lasting));
        Assert.Empty(_last.Take([Cpu("a/one", 3), Cpu("a/two", 3)], NotAsked));
    }

    [Fact]
    public void ItsFiguresAreTheLastOnes()
    {
        _last.Take([Cpu("a/vm", 1)], NotAsked);
        KubeVirtUsage last = Cpu("a/vm", 2);
        _last.Take([last], NotAsked);
        Assert.Same(last, Assert.Single(_last.Take([], _ => Absence.Lasting)));
    }

    [Fact]
    public void WhatHasEndedIsForgottenAtOnce()
    {
        _last.Take([Cpu("a/vm", 1)], NotAsked);
        Assert.Empty(_last.Take([], _ => Absence.Ended));
        Assert.Equal(0, _last.Count);
        Assert.Empty(_last.Take([], NotAsked));
    }

    [Fact]
    public void WhatIsNotKnownIsForgottenAfterSixLooks()
    {
        _last.Take([Cpu("a/vm", 1)], NotAsked);
        for (int i = 0; i < 6; i++) Assert.Equal(["a/vm"], Missing([], Absence.Unknown));
        Assert.Empty(Missing([], Absence.Unknown));
        Assert.Equal(0, _last.Count);
    }

    // A machine that migrates is at another virt-handler, and not missing.
    [Fact]
    public void AMachineThatMovesIsNotMissing()
    {
        _last.Take([Cpu("a/vm", 1, "n1")], NotAsked);
        Assert.Empty(_last.Take([Cpu("a/vm", 2, "n2")], NotAsked));
    }

    [Fact]
    public void ItIsBoundedWhileMachinesComeAndGo()
    {
        for (int i = 0; i < 1000; i++) _last.Take([Cpu($"a/vm{i}", 1)], _ => Absence.Unknown);
        Assert.Equal(1 + LastFigures.UnknownLooks, _last.Count);
    }

    private static Absence NotAsked(KubeVirtUsage usage) => throw new InvalidOperationException($"{usage} is not missing.");

    private IEnumerable<string> Missing(KubeVirtUsage[] machines, Absence absence) => _last.Take(machines, _ => absence).Select(usage => $"{usage}").Order(StringComparer.Ordinal);
}
