namespace KubeVirtMonitor.Probes.Running;

/// <summary>A condition of an object.</summary>
/// <param name="IsTrue">True or False; null when it says Unknown.</param>
/// <param name="Reason">The reason in one word.</param>
/// <param name="Message">The reason in words.</param>
internal sealed record InstanceCondition(bool? IsTrue, string? Reason, string? Message);
