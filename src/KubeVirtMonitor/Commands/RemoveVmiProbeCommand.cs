using System.Management.Automation;
using KubeVirtMonitor.Errors;

namespace KubeVirtMonitor.Commands;

/// <summary>Removes probes from manifest files or live VMs.</summary>
[Cmdlet(VerbsCommon.Remove, "VmiProbe", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(void))]
public sealed class RemoveVmiProbeCommand : ProbeEditCommand
{
    private const string ByProbe = "Probe";

    /// <summary>A probe that was read from a file or from a cluster.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByProbe)]
    [ValidateNotNull]
    public VmiProbe? Probe { get; set; }

    // As its base, and nothing says otherwise which is meant.
    /// <inheritdoc/>
    [Parameter(Mandatory = true, ParameterSetName = ByName)]
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.Path)]
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.LiteralPath)]
    // PowerShell would say of each machine in a pipeline that it cannot be bound, and ask for a namespace.
    [Parameter(ParameterSetName = Machine)]
    [ValidateNotNullOrEmpty]
    public override ProbeRole[]? Role { get; set; }

    private protected override VmiProbe? Replacement => null;

    private protected override string Action(string probe) => $"Remove the {probe} probe";

    private protected override void Process()
    {
        if (ParameterSetName != ByProbe)
        {
            if (Role is null) ThrowTerminatingError(ErrorRecords.NoRole());
            base.Process();
        }
        else if (Probe is { Role: { } fileRole, Source: { } file })
        {
            Source.RefuseClusters();
            if (Source.Open(file) is { } text) EditFile(text, isNamed: false, machine => machine.Kind == Probe.ObjectKind && machine.Name == Probe.Name && machine.Namespace == Probe.Namespace, [fileRole]);
        }
        else if (Probe is { Role: { } role, Name: { } name, Namespace: { } space, Session: { } session })
        {
            // The probes of an instance are those of its machine, as long as that is the same one.
            if (Probe.MachineUid is { } uid) InOwn(session, Probe, own => EditLive(own, space, name, uid, [role]));
            else Fail(ErrorRecords.ProbeWithoutMachine(Probe));
        }
        else
        {
            // Text may name a machine, and is of no cluster.
            Fail(ErrorRecords.ProbeWithoutPlace(Probe!));
        }
    }
}
