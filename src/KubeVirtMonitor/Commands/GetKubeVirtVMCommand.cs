using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor.Commands;

/// <summary>Writes virtual machines.</summary>
[Cmdlet(VerbsCommon.Get, "KubeVirtVM")]
[OutputType(typeof(KubeVirtVM))]
public sealed class GetKubeVirtVMCommand : MachineCommand
{
    private WildcardPattern[] _status = [];

    /// <summary>Wildcards on the status.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(StateCompleter))]
    public string[]? Status { get; set; }

    private protected override string Kind => "VM";

    /// <inheritdoc/>
    protected override void BeginProcessing() => _status = this.Patterns(Status);

    private protected override int WriteObjects(KubeVirtSession session, MachineQuery query, ListOptions options)
    {
        int found = 0;
        foreach (KubeVirtVM vm in ObjectLists.VirtualMachinesAsync(session, options, CancelToken).ToBlockingEnumerable(CancelToken))
        {
            if (!query.Includes(vm.Namespace, vm.Name)) continue;
            found++;
            if (_status.Length == 0 || NamePatterns.IsAnyMatch(_status, vm.Status ?? "")) WriteObject(vm);
        }

        return found;
    }
}
