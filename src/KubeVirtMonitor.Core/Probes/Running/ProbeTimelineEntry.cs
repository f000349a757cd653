using System.Globalization;

namespace KubeVirtMonitor;

/// <summary>One probe of a timeline: when it starts, how it ends, and what kubelet makes of it.</summary>
public sealed class ProbeTimelineEntry
{
    /// <summary>When the probe starts, from the start of the first container.</summary>
    public required TimeSpan Offset { get; init; }

    /// <summary>When its result is there; later than <see cref="Offset"/> for a timeout.</summary>
    public required TimeSpan Until { get; init; }

    /// <summary>How it ends.</summary>
    public required ProbeOutcome Outcome { get; init; }

    /// <summary>How many equal results in a row there are with it; 0 for one that is thrown away.</summary>
    public required int Run { get; init; }

    /// <summary>How many of them it takes.</summary>
    public required int Threshold { get; init; }

    /// <summary>The state after it.</summary>
    public required ProbeState State { get; init; }

    /// <summary>What it changes; null when the state stays.</summary>
    public ProbeTransition? Transition { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Offset.TotalSeconds:0.###} s: {Outcome}, {State}");
}
