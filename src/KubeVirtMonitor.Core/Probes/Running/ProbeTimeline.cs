using System.Globalization;
using KubeVirtMonitor.Probes.Running;

namespace KubeVirtMonitor;

/// <summary>Simulates a probe without a cluster: the states over time for given numbers and outcomes.</summary>
internal static class ProbeTimeline
{
    /// <summary>Plays outcomes one after the other, each at the time kubelet would probe.</summary>
    /// <param name="probe">The numbers and the kind. KubeVirt's ten seconds are added to the initial delay, and its second to the timeout of guest agent ping and exec.</param>
    /// <param name="role">What the probe decides.</param>
    /// <param name="outcomes">The outcomes in their order. An outcome takes no time, except a timeout, which takes all of its own.</param>
    /// <returns>One entry for each outcome. After a liveness failure the next container starts at that moment, with its initial delay.</returns>
    public static IEnumerable<ProbeTransition> Play(VmiProbe probe, ProbeRole role, IEnumerable<ProbeOutcome> outcomes) =>
        Play(ProbeNumbers.OnPod(probe), role, outcomes);

    internal static IEnumerable<ProbeTransition> Play(ProbeNumbers numbers, ProbeRole role, IEnumerable<ProbeOutcome> outcomes)
    {
        ThresholdState thresholds = new(role, numbers.SuccessThreshold, numbers.FailureThreshold);
        TimeSpan started = TimeSpan.Zero;
        ProbeTicks ticks = new(numbers.InitialDelay, numbers.Period);
        foreach (ProbeOutcome outcome in outcomes)
        {
            TimeSpan from = ticks.Next;
            TimeSpan until = from + (outcome == ProbeOutcome.Timeout ? numbers.Timeout : TimeSpan.Zero);
            ProbeStep step = thresholds.Take(outcome);
            yield return new ProbeTransition
            {
                Role = role,
                OffsetSeconds = (started + from).TotalSeconds,
                UntilSeconds = (started + until).TotalSeconds,
                Outcome = outcome,
                Run = step.Run,
                Threshold = step.Threshold,
                State = step.State,
                Transition = step.Transition,
            };
            ticks.Done(until);
            if (!thresholds.IsOnHold) continue;
            thresholds.Reset();
            started += until;
            ticks = new ProbeTicks(numbers.InitialDelay, numbers.Period);
        }
    }
}

/// <summary>One step of a timeline: when a probe starts, how it ends, and the state that kubelet passes to, which may be the one before.</summary>
public sealed class ProbeTransition
{
    /// <summary>What the probe decides.</summary>
    public required ProbeRole Role { get; init; }

    /// <summary>When the probe starts, in seconds from the start of the first container.</summary>
    public required double OffsetSeconds { get; init; }

    /// <summary>When its result is there, in seconds from the same start; later than <see cref="OffsetSeconds"/> for a timeout.</summary>
    public required double UntilSeconds { get; init; }

    /// <summary>How it ends.</summary>
    public required ProbeOutcome Outcome { get; init; }

    /// <summary>How many equal results in a row there are with it; 0 for one that is thrown away.</summary>
    public required int Run { get; init; }

    /// <summary>How many of them it takes.</summary>
    public required int Threshold { get; init; }

    /// <summary>The state after it.</summary>
    public required ProbeState State { get; init; }

    /// <summary>The state that it changes to; null when the state stays.</summary>
    public ProbeState? Transition { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{OffsetSeconds:0.###} s: {Outcome}, {State}");
}
