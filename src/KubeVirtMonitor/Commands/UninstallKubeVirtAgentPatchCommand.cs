using System.Management.Automation;

namespace KubeVirtMonitor.Commands;

/// <summary>Removes from the KubeVirt resource of a cluster what Install-KubeVirtAgentPatch added, and nothing else.</summary>
[Cmdlet(VerbsLifecycle.Uninstall, "KubeVirtAgentPatch", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(AgentPatchChange))]
public sealed class UninstallKubeVirtAgentPatchCommand : AgentPatchCommand
{
    /// <summary>The patch; without it, all that was put in.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public AgentPatch? Patch { get; set; }

    private protected override void Process(KubeVirtSession session) =>
        Change(session, (installer, cancellationToken) => installer.UninstallAsync(Patch, cancellationToken));
}
