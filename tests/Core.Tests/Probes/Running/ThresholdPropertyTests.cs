using KubeVirtMonitor.Probes.Running;
using Xunit;

namespace KubeVirtMonitor.Tests.Probes.Running;

/// <summary>Thousands of random histories: the state that is counted as it goes agrees with the rule told over the whole history.</summary>
public sealed class ThresholdPropertyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(20261121)]
    [InlineData(777)]
    public void AgreesWithTheRuleOfKubelet(int seed)
    {
        Random random = new(seed);
        (int transitions, int restarts) = (0, 0);
        for (int round = 0; round < 2_000; round++)
        {
            ProbeRole role = random.Next(2) == 0 ? ProbeRole.Readiness : ProbeRole.Liveness;
            int success = role == ProbeRole.Liveness ? 1 : random.Next(1, 5);
            int failure = random.Next(1, 6);
            // A bias that changes from history to history gives long runs as well as flapping.
            double bias = random.NextDouble();
            ProbeOutcome[] outcomes = [.. Enumerable.Range(0, random.Next(1, 60)).Select(_ => Outcome(random, bias))];
            ProbeTimelineEntry[] played = [.. ProbeTimeline.Play(Numbers(success, failure), role, outcomes)];
            (ProbeState State, ProbeTransition? Transition)[] expected = [.. KubeletWorker.Judge(role, success, failure, outcomes)];
            string history = $"{role}, {success}/{failure}, round {round}: {string.Join(' ', outcomes)}";
            Assert.True(expected.SequenceEqual(played.Select(entry => (entry.State, entry.Transition))), history);
            transitions += expected.Count(step => step.Transition is ProbeTransition.Ready or ProbeTransition.NotReady);
            restarts += expected.Count(step => step.Transition == ProbeTransition.WouldRestart);
        }

        // The histories are worth something only when all of it happens in them.
        Assert.True(transitions > 1_000, $"{transitions} transitions");
        Assert.True(restarts > 1_000, $"{restarts} restarts");
    }

    private static ProbeOutcome Outcome(Random random, double bias) => random.NextDouble() < 0.08
        ? ProbeOutcome.Discarded
        : random.NextDouble() < bias
            ? random.Next(4) == 0 ? ProbeOutcome.Suppressed : ProbeOutcome.Success
            : random.Next(3) == 0 ? ProbeOutcome.Timeout : ProbeOutcome.Failure;

    private static ProbeNumbers Numbers(int success, int failure) => new()
    {
        InitialDelay = TimeSpan.FromSeconds(10),
        Period = TimeSpan.FromSeconds(10),
        Timeout = TimeSpan.FromSeconds(1),
        SuccessThreshold = success,
        FailureThreshold = failure,
    };
}
