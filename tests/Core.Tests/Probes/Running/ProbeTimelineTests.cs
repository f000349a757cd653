using Xunit;

namespace KubeVirtMonitor.Tests.Probes.Running;

/// <summary>Timelines worked out by hand from kubelet's rule and KubeVirt's ten seconds.</summary>
public sealed class ProbeTimelineTests
{
    private const ProbeOutcome S = ProbeOutcome.Success;
    private const ProbeOutcome F = ProbeOutcome.Failure;

    [Fact]
    public void ReadinessComesAndGoes()
    {
        // Initial delay 120 + 10 = 130 s, and the first tick of 20 s that is not before it is 140 s.
        VmiProbe probe = new() { Kind = ProbeKind.HttpGet, Port = 1500, InitialDelaySeconds = 120, PeriodSeconds = 20, TimeoutSeconds = 10, FailureThreshold = 3, SuccessThreshold = 3 };
        Assert.Equal(
            [
                (140d, ProbeState.NotReady, (ProbeState?)null), (160, ProbeState.NotReady, null), (180, ProbeState.Ready, ProbeState.Ready),
                (200, ProbeState.Ready, null), (220, ProbeState.Ready, null), (240, ProbeState.NotReady, ProbeState.NotReady),
            ],
            Play(probe, ProbeRole.Readiness, S, S, S, F, F, F));
    }

    [Fact]
    public void LivenessFailsAndStartsOver()
    {
        VmiProbe probe = new() { Kind = ProbeKind.TcpSocket, Port = 22, InitialDelaySeconds = 5, PeriodSeconds = 10, FailureThreshold = 2 };
        // 5 + 10 = 15 s: probes at 20, 30 (would restart); the next container starts at 30, so its first probe is at 30 + 20.
        Assert.Equal(
            [(20d, ProbeState.Live, (ProbeState?)null), (30, ProbeState.WouldRestart, ProbeState.WouldRestart), (50, ProbeState.Live, null), (60, ProbeState.Live, null), (70, ProbeState.Live, null)],
            Play(probe, ProbeRole.Liveness, F, F, F, S, F));
    }

    [Fact]
    public void ATimeoutTakesItsTimeAndKubeVirtsSecond()
    {
        VmiProbe probe = new() { Kind = ProbeKind.GuestAgentPing, PeriodSeconds = 5, TimeoutSeconds = 11, FailureThreshold = 9 };
        // 10 s delay; the ping ends at 10 + 12 = 22 s, past the ticks at 15 and 20: one of them waited, so the next probe is at 22 s, and then at 25 s.
        ProbeTransition[] played = [.. ProbeTimeline.Play(probe, ProbeRole.Readiness, [ProbeOutcome.Timeout, S, S])];
        Assert.Equal([10d, 22, 25], played.Select(entry => entry.OffsetSeconds));
        Assert.Equal([22d, 22, 25], played.Select(entry => entry.UntilSeconds));
    }

    [Fact]
    public void WhatIsThrownAwayNeitherCountsNorBreaksARun()
    {
        VmiProbe probe = new() { Kind = ProbeKind.Exec, Command = ["true"], SuccessThreshold = 2 };
        ProbeTransition[] played = [.. ProbeTimeline.Play(probe, ProbeRole.Readiness, [S, ProbeOutcome.Discarded, S])];
        Assert.Equal([ProbeState.NotReady, ProbeState.NotReady, ProbeState.Ready], played.Select(entry => entry.State));
        Assert.Equal([1, 0, 2], played.Select(entry => entry.Run));
    }

    [Fact]
    public void ANegativeDelayCountsFromZero()
    {
        VmiProbe probe = new() { Kind = ProbeKind.Exec, Command = ["true"], InitialDelaySeconds = -20 };
        Assert.Equal(0, ProbeTimeline.Play(probe, ProbeRole.Readiness, [S]).Single().OffsetSeconds);
    }

    [Fact]
    public void NumbersUpToTheLargestOfTheApiAreCounted()
    {
        VmiProbe probe = new() { Kind = ProbeKind.GuestAgentPing, PeriodSeconds = int.MaxValue, TimeoutSeconds = int.MaxValue };
        ProbeTransition[] played = [.. ProbeTimeline.Play(probe, ProbeRole.Readiness, [ProbeOutcome.Timeout, S])];
        // The first tick that is not before the ten seconds is one period after the start; the timeout has KubeVirt's second besides.
        Assert.Equal([2147483647d, 4294967295], played.Select(entry => entry.OffsetSeconds));
        Assert.Equal(4294967295, played[0].UntilSeconds);
    }

    [Fact]
    public void AProbeTakesOnTheRolesThatItHasNot()
    {
        VmiProbe made = new() { Kind = ProbeKind.TcpSocket, Port = 22 };
        VmiProbe live = new() { Kind = ProbeKind.TcpSocket, Port = 22, Role = ProbeRole.Liveness };
        Assert.Same(made, Assert.Single(made.In(null)));
        Assert.Equal([ProbeRole.Liveness, ProbeRole.Readiness], made.In([ProbeRole.Liveness, ProbeRole.Readiness, ProbeRole.Liveness]).Select(probe => probe.Role!.Value));
        Assert.Same(live, Assert.Single(live.In([ProbeRole.Readiness, ProbeRole.Liveness])));
        Assert.Empty(live.In([ProbeRole.Readiness]));
        Assert.Null(made.Role);
    }

    [Fact]
    public void OtherNumbersTakeThePlaceOfThoseOfTheProbe()
    {
        VmiProbe probe = new() { Kind = ProbeKind.TcpSocket, Port = 22, PeriodSeconds = 20, FailureThreshold = 5 };
        VmiProbe other = probe.With(null, null, 7, null, 2);
        Assert.Equal((0, 20, 7, 1, 2), (other.InitialDelaySeconds, other.PeriodSeconds, other.TimeoutSeconds, other.SuccessThreshold, other.FailureThreshold));
        Assert.Equal((20, 1, 5), (probe.PeriodSeconds, probe.TimeoutSeconds, probe.FailureThreshold));
    }

    private static (double Offset, ProbeState State, ProbeState? Transition)[] Play(VmiProbe probe, ProbeRole role, params ProbeOutcome[] outcomes) =>
        [.. ProbeTimeline.Play(probe, role, outcomes).Select(entry => (entry.OffsetSeconds, entry.State, entry.Transition))];
}
