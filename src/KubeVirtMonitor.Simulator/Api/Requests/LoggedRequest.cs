namespace KubeVirtMonitor.Simulator.Api;

/// <summary>A request as the log keeps it.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path.</param>
/// <param name="Query">The query, with its question mark, or empty.</param>
/// <param name="Verb">The verb as RBAC has it.</param>
/// <param name="Resource">The plural, or null when it is none of a resource.</param>
/// <param name="UserAgent">Who it says it comes from.</param>
public sealed record LoggedRequest(string Method, string Path, string Query, string Verb, string? Resource, string UserAgent);
