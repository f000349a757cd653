namespace KubeVirtMonitor.Simulator.Guests;

/// <summary>An HTTP request that a guest has seen.</summary>
/// <param name="Path">The path with its query.</param>
/// <param name="Headers">The headers.</param>
public sealed record GuestRequest(string Path, IReadOnlyDictionary<string, string> Headers);
