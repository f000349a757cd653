using System.Management.Automation;
using KubeVirtMonitor.Binding;

namespace KubeVirtMonitor.Commands;

/// <summary>Adds a patch to the KubeVirt resource of a cluster, next to those of others.</summary>
[Cmdlet(VerbsLifecycle.Install, "KubeVirtAgentPatch", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(AgentPatchChange))]
public sealed class InstallKubeVirtAgentPatchCommand : AgentPatchCommand
{
    /// <summary>The patch, of New-KubeVirtAgentPatch.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public AgentPatch? Patch { get; set; }

    /// <summary>Goes on when a patch of others sets the same annotations.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Renews KubeVirt's authorities in the namespace of the Agent, and nothing else.</summary>
    [Parameter]
    public SwitchParameter AuthorityOnly { get; set; }

    private protected override void Process(KubeVirtSession session)
    {
        if (AuthorityOnly) this.Refuse("-AuthorityOnly", "the KubeVirt resource is not changed", nameof(Force));
        Change(session, (installer, cancellationToken) => AuthorityOnly ? installer.RenewAuthorityAsync(Patch!, cancellationToken) : installer.InstallAsync(Patch!, Force, cancellationToken));
    }
}
