namespace KubeVirtMonitor.Simulator;

/// <summary>A live migration.</summary>
/// <param name="Name">The name of the VirtualMachineInstanceMigration.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Vmi">The instance that is moved.</param>
/// <param name="Node">The node it leaves.</param>
/// <param name="Phase"><c>Running</c>, <c>Succeeded</c> or <c>Failed</c>.</param>
/// <param name="Started">When it began.</param>
/// <param name="Ended">When it ended, or null while it runs.</param>
public sealed record SimulatedMigration(
    string Name,
    string Namespace,
    string Vmi,
    string Node,
    string Phase,
    DateTimeOffset Started,
    DateTimeOffset? Ended)
{
    /// <summary>The node that it goes to; null where it is not known.</summary>
    public string? TargetNode { get; init; }

    /// <summary>The launcher pod on that node.</summary>
    public string? TargetPod { get; init; }

    /// <summary>Its numbers, where they are known; else it begins again every 85 seconds.</summary>
    public KnownTransfer? Transfer { get; init; }
}
