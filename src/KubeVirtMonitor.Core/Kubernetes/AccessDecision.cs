namespace KubeVirtMonitor.Kubernetes;

/// <summary>The server's answer to an <see cref="AccessQuestion"/>.</summary>
/// <param name="IsAllowed">Whether it is allowed.</param>
/// <param name="Reason">Why, where the server says so.</param>
/// <param name="EvaluationError">What went wrong while the server thought about it; empty = nothing.</param>
internal sealed record AccessDecision(bool IsAllowed, string Reason, string EvaluationError);
