namespace KubeVirtMonitor;

/// <summary>What became of an alert, for one object or for the cluster as a whole.</summary>
public sealed record AlertResult
{
    /// <summary>The name of the alert, as KubeVirt has it, such as <c>VirtAPIDown</c>; rules of this module's own have names of their own.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the condition holds.</summary>
    public AlertState State { get; init; }

    /// <summary>How bad it is.</summary>
    public AlertSeverity Severity { get; init; }

    /// <summary>What KubeVirt says of its effect on the operator: <c>critical</c>, <c>warning</c>, <c>none</c>; null for rules that say nothing.</summary>
    public string? HealthImpact { get; init; }

    /// <summary>Whose rule it is.</summary>
    public AlertOrigin Origin { get; init; }

    /// <summary>What it is about: a component, a node, a machine, a file system; null for the cluster.</summary>
    public string? Subject { get; init; }

    /// <summary>The namespace of the machine; null where it is of none.</summary>
    public string? Namespace { get; init; }

    /// <summary>The machine, by the name that a VM and its instance share; null where it is of none.</summary>
    public string? Vmi { get; init; }

    /// <summary>The node; null where it is of none, or not known.</summary>
    public string? Node { get; init; }

    /// <summary>The cluster; null for a server that has no label for it.</summary>
    public string? Cluster { get; init; }

    /// <summary>The value that is compared; null where it is not known.</summary>
    public double? Value { get; init; }

    /// <summary>What the value is compared with.</summary>
    public double? Threshold { get; init; }

    /// <summary>How the value is compared with the threshold: <c>&lt;</c>, <c>&lt;=</c>, <c>&gt;</c>, <c>&gt;=</c>, <c>==</c> or <c>!=</c>; null where nothing is compared.</summary>
    public string? Comparison { get; init; }

    /// <summary>The unit of both, in the singular; null for plain numbers.</summary>
    public string? Unit { get; init; }

    /// <summary>Since when the condition has held, where that can be proven; null = not known.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>How long the condition has to hold before the alert fires, in seconds.</summary>
    public double HoldSeconds { get; init; }

    /// <summary>What was seen, as a sentence.</summary>
    public string? Evidence { get; init; }

    /// <summary>The time over which growth was counted, in seconds; null where nothing that grows was looked at.</summary>
    public double? WindowSeconds { get; init; }

    /// <summary>Of an unknown state, what is missing, as a sentence; else null.</summary>
    public string? Missing { get; init; }

    /// <summary>What the alert means, as a sentence.</summary>
    public string? Summary { get; init; }

    /// <summary>Where the condition is not what KubeVirt's own expression says, why, as a sentence; null where it is the same.</summary>
    public string? Note { get; init; }

    /// <summary>The page with what to do; null for rules that have none.</summary>
    public string? Runbook { get; init; }

    /// <summary>Where the answer comes from: <c>Kubernetes</c>, <c>Endpoints</c> or the address of a server.</summary>
    public string? Source { get; init; }

    /// <summary>The state of the same alert at the server, where it has one: <c>firing</c>, <c>pending</c> or <c>inactive</c>; null where no server was asked, or it does not have the rule.</summary>
    public string? ServerState { get; init; }

    /// <summary>When it was evaluated.</summary>
    public DateTimeOffset Timestamp { get; init; }

    /// <summary>What helps where something is missing.</summary>
    internal AlertRemedy Remedy { get; init; }

    /// <summary>The session through which it was read; null for a server that was named by its address.</summary>
    internal KubeVirtSession? Session { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Subject is null ? $"{Name}: {State}" : $"{Name} ({Subject}): {State}";
}

/// <summary>The state of an alert. In the order in which they are shown.</summary>
public enum AlertState
{
    /// <summary>The condition has held as long as it has to.</summary>
    Firing,

    /// <summary>The condition holds; it is not proven that it has held long enough.</summary>
    Pending,

    /// <summary>It cannot be told.</summary>
    Unknown,

    /// <summary>The condition does not hold.</summary>
    Ok,
}

/// <summary>How bad an alert is. In the order in which they are shown.</summary>
public enum AlertSeverity
{
    /// <summary>Somebody has to act now.</summary>
    Critical,

    /// <summary>Somebody has to act soon.</summary>
    Warning,

    /// <summary>For information.</summary>
    Info,
}

/// <summary>Whose rule an alert is.</summary>
public enum AlertOrigin
{
    /// <summary>KubeVirt's own.</summary>
    KubeVirt,

    /// <summary>This module's, for what KubeVirt has no rule for.</summary>
    Module,
}

/// <summary>What helps where something is missing.</summary>
internal enum AlertRemedy
{
    /// <summary>What is said is all that can be said.</summary>
    None,

    /// <summary>A server that stores metrics.</summary>
    Server,

    /// <summary>A second look.</summary>
    SecondLook,

    /// <summary>More time between two looks.</summary>
    LongerInterval,
}
