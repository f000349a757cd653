namespace KubeVirtMonitor.Simulator.Api;

/// <summary>A change of an object.</summary>
/// <param name="Kind"><c>ADDED</c>, <c>MODIFIED</c>, <c>DELETED</c>.</param>
/// <param name="Object">The object as it is now, or as it was last.</param>
/// <param name="Before">The object before the change, or null; a change can take it into or out of a selector.</param>
internal sealed record WatchEvent(string Kind, ApiObject Object, ApiObject? Before);
