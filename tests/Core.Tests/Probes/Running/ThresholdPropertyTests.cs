using CsCheck;
using KubeVirtMonitor.Probes.Running;
using Xunit;

namespace KubeVirtMonitor.Tests.Probes.Running;

/// <summary>Thousands of random histories: the state that is counted as it goes agrees with the rule told over the whole history.</summary>
public sealed class ThresholdPropertyTests
{
    // A bias that changes from history to history gives long runs as well as flapping.
    private static readonly Gen<History> Histories =
        from role in Gen.OneOf(ProbeRole.Readiness, ProbeRole.Liveness)
        from success in role == ProbeRole.Liveness ? Gen.Const(1) : Gen.Int[1, 4]
        from failure in Gen.Int[1, 5]
        from bias in Gen.Int[0, 100]
        from outcomes in Outcome(bias).Array[1, 59]
        select new History(role, success, failure, outcomes);

    [Fact]
    public void AgreesWithTheRuleOfKubelet()
    {
        (int transitions, int restarts) = (0, 0);
        Histories.Sample(
            history =>
            {
                ProbeTransition[] played = [.. ProbeTimeline.Play(Numbers(history), history.Role, history.Outcomes)];
                (ProbeState State, ProbeState? Transition)[] expected = [.. KubeletWorker.Judge(history.Role, history.SuccessThreshold, history.FailureThreshold, history.Outcomes)];
                Assert.Equal(expected, played.Select(entry => (entry.State, entry.Transition)));
                Interlocked.Add(ref transitions, expected.Count(step => step.Transition is ProbeState.Ready or ProbeState.NotReady));
                Interlocked.Add(ref restarts, expected.Count(step => step.Transition == ProbeState.WouldRestart));
            },
            iter: 6_000);

        // The histories are worth something only when all of it happens in them.
        Assert.True(transitions > 3_000, $"{transitions} transitions");
        Assert.True(restarts > 3_000, $"{restarts} restarts");
    }

    private static Gen<ProbeOutcome> Outcome(int bias) => Gen.Frequency(
        (35, Gen.Const(ProbeOutcome.Discarded)),
        (3 * bias, Gen.Const(ProbeOutcome.Success)),
        (bias, Gen.Const(ProbeOutcome.Suppressed)),
        (3 * (100 - bias), Gen.Const(ProbeOutcome.Failure)),
        (100 - bias, Gen.Const(ProbeOutcome.Timeout)));

    private static ProbeNumbers Numbers(History history) => new()
    {
        InitialDelay = TimeSpan.FromSeconds(10),
        Period = TimeSpan.FromSeconds(10),
        Timeout = TimeSpan.FromSeconds(1),
        SuccessThreshold = history.SuccessThreshold,
        FailureThreshold = history.FailureThreshold,
    };

    private sealed record History(ProbeRole Role, int SuccessThreshold, int FailureThreshold, ProbeOutcome[] Outcomes)
    {
        public override string ToString() => $"{Role}, {SuccessThreshold}/{FailureThreshold}: {string.Join(' ', Outcomes)}";
    }
}
