namespace KubeVirtMonitor;

/// <summary>A family name on an endpoint, and the KubeVirt versions that use it.</summary>
/// <param name="Name">The family name, as the TYPE line of the 0.0.4 text format has it.</param>
/// <param name="Type">The type on the TYPE line: <c>counter</c>, <c>gauge</c>, <c>histogram</c>, <c>summary</c>.</param>
/// <param name="Since">The first version with this name, inclusive; null = since the first known version.</param>
/// <param name="Until">The first version without it, exclusive; null = still there.</param>
/// <param name="Divisor">What the raw value is divided by to reach the unit of the definition; 1 when it is right already.</param>
public sealed record RawMetric(string Name, string Type, KubeVirtVersion? Since, KubeVirtVersion? Until, double Divisor)
{
    /// <summary>Whether a KubeVirt version uses this name; an unknown version (null) may.</summary>
    public bool AppliesTo(KubeVirtVersion? version) =>
        version is not { } v || ((Since is not { } since || v >= since) && (Until is not { } until || v < until));

    /// <inheritdoc/>
    public override string ToString() => Name;
}
