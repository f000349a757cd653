namespace KubeVirtMonitor.Simulator;

/// <summary>A family of the machine instances on a virt-handler.</summary>
/// <param name="Name">The family name in the release at hand.</param>
/// <param name="Type">The type on the TYPE line.</param>
/// <param name="Help">Our own wording.</param>
/// <param name="Shape">Its labels.</param>
/// <param name="Value">The value of a part; null where the instance lacks the series.</param>
/// <param name="Load">What a known load makes of it; null = nothing.</param>
/// <param name="Freshness">How fresh it is.</param>
internal sealed record VmiRule(string Name, string Type, string Help, VmiShape Shape, Func<VmiPart, SeriesValue?> Value, LoadRule? Load = null, Freshness Freshness = Freshness.Domain);
