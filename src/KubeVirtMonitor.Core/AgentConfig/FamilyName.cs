namespace KubeVirtMonitor.AgentConfig;

/// <summary>What a user calls a family.</summary>
/// <param name="Name">The name; null = as on the endpoint.</param>
/// <param name="Kind">The kind; null = by the type on the endpoint.</param>
internal sealed record FamilyName(string? Name, MetricKind? Kind);
