namespace KubeVirtMonitor;

/// <summary>What comes of a target: a result, or the error that kept it from being probed.</summary>
/// <param name="Target">The target.</param>
/// <param name="Result">The result; null with an error.</param>
/// <param name="Error">The error; null with a result.</param>
public sealed record ProbeRunItem(ProbeRunTarget Target, ProbeResult? Result, KubernetesException? Error);
