namespace KubeVirtMonitor.Simulator.Datadog;

/// <summary>How the Datadog Agents of a cluster are, where there are any.</summary>
public sealed record AgentOptions
{
    /// <summary>
    /// Their version, 7.x. Before 7.36 annotations of version 2 are not read, before 7.59 there are no checks of KubeVirt, and since 7.69 a file of authorities is read once for as long
    /// as an instance is scheduled.
    /// </summary>
    public string Version { get; init; } = "7.71.0";

    /// <summary>Whether the ConfigMap <c>datadog-agent-kubevirt-ca</c> is mounted at <c>/etc/kubevirt-ca</c> from the start, where there is one.</summary>
    public bool MountsAuthority { get; init; }

    /// <summary>
    /// How long after its last run an instance is run again when its Agent is asked; null = its own interval, of 15 s where it has none. Agents run their checks when they are asked,
    /// so that a cluster nobody asks scrapes nothing.
    /// </summary>
    public TimeSpan? RunStep { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The namespace of a second Agent; null = there is none.</summary>
    public string? SecondNamespace { get; init; }

    /// <summary>What is wrong with the Agents at the start.</summary>
    public AgentFault Fault { get; init; }
}

/// <summary>What is wrong with the Agents of a cluster.</summary>
public enum AgentFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Checks are found and not run.</summary>
    NotRun,

    /// <summary>Runs begin and do not end.</summary>
    Hanging,

    /// <summary>Python has not started: no check is loaded.</summary>
    NoPython,

    /// <summary>The program <c>agent</c> cannot reach the Agent: exit code 255.</summary>
    Unreachable,

    /// <summary>The status comes as text though JSON is asked for.</summary>
    NoJson,
}

/// <summary>Faults of Agents as text.</summary>
public static class AgentFaults
{
    /// <summary>Reads the name of a fault, with or without dashes: <c>not-run</c>, <c>NotRun</c>.</summary>
    /// <exception cref="FormatException">There is no such fault; the message lists those that there are.</exception>
    public static AgentFault Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Enum.TryParse(text.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out AgentFault fault) && Enum.IsDefined(fault) && !char.IsAsciiDigit(text.FirstOrDefault())
            ? fault
            : throw new FormatException($"'{text}' is not a fault of an Agent. Choose one of: none, not-run, hanging, no-python, unreachable, no-json.");
    }
}
