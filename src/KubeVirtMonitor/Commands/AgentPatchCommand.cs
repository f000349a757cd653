using KubeVirtMonitor.AgentSetup;

namespace KubeVirtMonitor.Commands;

/// <summary>A cmdlet that changes the patches of KubeVirt resources.</summary>
public abstract class AgentPatchCommand : ClusterCommand
{
    /// <summary>Tries a change, asks for approval, makes it, and writes what became of it.</summary>
    /// <param name="session">The session of the cluster.</param>
    /// <param name="change">Tries the change, or makes it.</param>
    private protected void Change(KubeVirtSession session, Func<AgentPatchInstaller, CancellationToken, Task<AgentPatchChange>> change)
    {
        AgentPatchChange planned = Await(cancellationToken => change(new AgentPatchInstaller(session, isTrial: true), cancellationToken));
        foreach (string warning in planned.Warnings) WriteWarning(warning);
        if (planned.Action is not (AgentPatchAction.Unchanged or AgentPatchAction.Managed))
        {
            string restarts = planned.Restarts.Count == 0 ? "No pods restart." : $"This restarts the pods of {planned.Restarts}; VMs keep running.";
            string what = $"{session.Place}: {planned.Difference}\n{restarts}";
            if (!ShouldProcess(what, $"{what}\n\nMake this change?", session.Place)) return;
            // What was approved is the change of that resource, and not of one that was made in the meantime.
            AgentPatchChange made = Await(cancellationToken => change(new AgentPatchInstaller(session, isTrial: false, planned.Uid), cancellationToken));
            foreach (string warning in made.Warnings.Except(planned.Warnings, StringComparer.Ordinal)) WriteWarning(warning);
            planned = made;
        }

        WriteObject(planned);
    }
}
