namespace KubeVirtMonitor;

/// <summary>One finding of a rule about a probe in a manifest.</summary>
public sealed class ProbeFinding
{
    /// <summary>The rule, such as <c>VMIP001</c>. An id never changes its meaning; docs/probes.md lists them.</summary>
    public required string Id { get; init; }

    /// <summary>How much it matters.</summary>
    public required ProbeFindingSeverity Severity { get; init; }

    /// <summary>The field, from the root of the object: <c>spec.template.spec.readinessProbe.httpGet.port</c>.</summary>
    public required string Field { get; init; }

    /// <summary>What is wrong, in one sentence.</summary>
    public required string Message { get; init; }

    /// <summary>What the cluster does with it.</summary>
    public required string Consequence { get; init; }

    /// <summary>What to write instead.</summary>
    public required string Advice { get; init; }

    /// <summary>The probe; null where both are meant.</summary>
    public ProbeRole? Role { get; init; }

    /// <summary>The name of the object; null when it has none.</summary>
    public string? Name { get; init; }

    /// <summary>The namespace of the object; null when it names none.</summary>
    public string? Namespace { get; init; }

    /// <summary>The file it was read from; null for an object of a cluster.</summary>
    public string? Source { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Id} {Severity}: {Field}: {Message}";
}

/// <summary>The severity of a finding.</summary>
public enum ProbeFindingSeverity
{
    /// <summary>It works, and not as it seems to.</summary>
    Warning,

    /// <summary>The cluster refuses it, the machine never starts with it, or the probe can never succeed.</summary>
    Error,
}
