namespace KubeVirtMonitor.Simulator;

/// <summary>A family of the machine instances on a virt-handler.</summary>
/// <param name="Name">The family name in the release at hand.</param>
/// <param name="Type">The type on the TYPE line.</param>
/// <param name="Help">Our own wording.</param>
/// <param name="Shape">Its labels.</param>
/// <param name="Value">The value of a part; null where the instance lacks the series.</param>
internal sealed record VmiRule(string Name, string Type, string Help, VmiShape Shape, Func<VmiPart, SeriesValue?> Value);
