using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;

namespace KubeVirtMonitor.Commands;

/// <summary>A repeated cmdlet that reads targets alone: a saved scrape never changes, so the parameters for those do not bind.</summary>
public abstract class LiveCommand : RepeatedCommand
{
    /// <inheritdoc/>
    public sealed override string[] Path { get; set; } = [];

    /// <inheritdoc/>
    public sealed override string[] LiteralPath { get; set; } = [];

    /// <inheritdoc/>
    public sealed override ScrapeContent? InputObject { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [Parameter(ParameterSetName = ParameterSets.Component)]
    [ValidateNotNullOrEmpty]
    public override ComponentKind[]? Component { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Session, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Component)]
    [Alias("VM")]
    [ArgumentCompleter(typeof(MachineNameCompleter))]
    [ValidateNotNull]
    [AllowEmptyCollection]
    [SupportsWildcards]
    [MachineTransformation]
    public override MachineReference[]? Vmi { get; set; }
}
