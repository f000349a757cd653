using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor.Commands;

/// <summary>Writes virtual machine instances.</summary>
[Cmdlet(VerbsCommon.Get, "KubeVirtVmi")]
[OutputType(typeof(KubeVirtVmi))]
public sealed class GetKubeVirtVmiCommand : MachineCommand
{
    private WildcardPattern[] _nodes = [];
    private WildcardPattern[] _phases = [];

    /// <summary>Wildcards on the nodes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Node { get; set; }

    /// <summary>Wildcards on the phases.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(StateCompleter))]
    public string[]? Phase { get; set; }

    private protected override string Kind => "VMI";

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _nodes = this.Patterns(Node);
        _phases = this.Patterns(Phase);
    }

    private protected override int WriteObjects(KubeVirtSession session, MachineQuery query, ListOptions options)
    {
        int found = 0;
        foreach (KubeVirtVmi vmi in ObjectLists.InstancesAsync(session, options, CancelToken).ToBlockingEnumerable(CancelToken))
        {
            if (!query.Includes(vmi.Namespace, vmi.Name)) continue;
            found++;
            if (IsWanted(vmi)) WriteObject(vmi);
        }

        return found;
    }

    private bool IsWanted(KubeVirtVmi vmi) =>
        (_nodes.Length == 0 || NamePatterns.IsAnyMatch(_nodes, vmi.Node ?? ""))
        && (_phases.Length == 0 || NamePatterns.IsAnyMatch(_phases, vmi.Phase ?? ""));
}
