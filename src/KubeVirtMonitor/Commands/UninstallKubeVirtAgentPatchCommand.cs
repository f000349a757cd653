using System.Management.Automation;
using KubeVirtMonitor.AgentSetup;

namespace KubeVirtMonitor.Commands;

/// <summary>Removes from the KubeVirt resource of a cluster what Install-KubeVirtAgentPatch added, and nothing else.</summary>
[Cmdlet(VerbsLifecycle.Uninstall, "KubeVirtAgentPatch", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(AgentPatchChange))]
public sealed class UninstallKubeVirtAgentPatchCommand : AgentPatchCommand
{
    /// <summary>The patch; without it, all that was put in.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public AgentPatch? Patch { get; set; }

    private protected override void Process() =>
        Change((session, isTrial, cancellationToken) => new AgentPatchInstaller(session, isTrial).UninstallAsync(Patch, cancellationToken));
}
