using System.Collections.ObjectModel;

namespace KubeVirtMonitor;

/// <summary>A virtual machine, whether it is running or not.</summary>
public sealed class KubeVirtVM
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>What KubeVirt says of it in one word (<c>status.printableStatus</c>), such as <c>Running</c>, <c>Stopped</c>, <c>Paused</c>, <c>Migrating</c>; null until it says something.</summary>
    public string? Status { get; init; }

    /// <summary>Whether its condition Ready is True: the machine runs, and its readiness probe, where it has one, succeeds.</summary>
    public bool Ready { get; init; }

    /// <summary>When it is to run: <c>Always</c>, <c>Halted</c>, <c>Manual</c>, <c>RerunOnFailure</c>, <c>Once</c>, <c>WaitAsReceiver</c>. The older field <c>spec.running</c> shows as Always or Halted.</summary>
    public string? RunStrategy { get; init; }

    /// <summary>The instance type it names; null when it names none.</summary>
    public string? InstanceType { get; init; }

    /// <summary>The preference it names; null when it names none.</summary>
    public string? Preference { get; init; }

    /// <summary>Whether changes wait for a restart (condition RestartRequired).</summary>
    public bool RestartRequired { get; init; }

    /// <summary>How often it failed to start in a row (<c>status.startFailure.consecutiveFailCount</c>); 0 when the last start went well.</summary>
    public long StartFailures { get; init; }

    /// <summary>When the object was made; null when it does not say.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>The labels of the VM.</summary>
    public required ReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>The labels that its instance and virt-launcher pod will carry (<c>spec.template.metadata.labels</c>).</summary>
    public required ReadOnlyDictionary<string, string> TemplateLabels { get; init; }

    /// <summary>The unique id; null when it does not say.</summary>
    public string? Uid { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Name}";
}
