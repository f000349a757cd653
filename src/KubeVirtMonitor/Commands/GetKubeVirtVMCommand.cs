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
    private readonly Dictionary<KubeVirtSession, InstanceTypes> _types = [];
    private WildcardPattern[] _status = [];

    /// <summary>Wildcards on the status.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(StateCompleter))]
    public string[]? Status { get; set; }

    /// <summary>Each object keeps all that the list holds of it, so that its details need no request of their own.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    private protected override string KindOf(object? input) => "VM";

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _status = this.Patterns(Status);
    }

    private protected override void Finish()
    {
        base.Finish();
        foreach ((KubeVirtSession session, InstanceTypes types) in _types)
        {
            if (types.Problem is { } problem) WriteWarning($"{session}: VMs are shown without the vCPUs and the memory of their instance types, which cannot be read. {problem}");
        }
    }

    private protected override int WriteObjects(KubeVirtSession session, MachineQuery query, ListOptions options)
    {
        int found = 0;
        if (!_types.TryGetValue(session, out InstanceTypes? types)) _types.Add(session, types = new InstanceTypes(session));
        foreach (KubeVirtVM vm in ObjectLists.VirtualMachinesAsync(session, options, CancelToken, Detailed, types).ToBlockingEnumerable(CancelToken))
        {
            if (!Includes(query, vm.Namespace, vm.Name)) continue;
            found++;
            if (_status.Length == 0 || NamePatterns.IsAnyMatch(_status, vm.Status ?? "")) WriteObject(vm);
        }

        return found;
    }
}
