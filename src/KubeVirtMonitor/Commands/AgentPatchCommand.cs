namespace KubeVirtMonitor.Commands;

/// <summary>A cmdlet that changes the patches of a KubeVirt resource.</summary>
public abstract class AgentPatchCommand : ClusterCommand
{
    /// <summary>Tries a change, asks for approval, makes it, and writes what became of it.</summary>
    /// <param name="change">Tries the change, or makes it.</param>
    private protected void Change(Func<KubeVirtSession, bool, CancellationToken, Task<AgentPatchChange>> change)
    {
        KubeVirtSession session = ResolveSession();
        AgentPatchChange planned = Await(cancellationToken => change(session, true, cancellationToken));
        foreach (string warning in planned.Warnings) WriteWarning(warning);
        if (planned.Action is not (AgentPatchAction.Unchanged or AgentPatchAction.Managed))
        {
            if (!ShouldProcess(planned.Difference, $"{planned.Difference}\n\nMake this change?", $"{session}")) return;
            planned = Await(cancellationToken => change(session, false, cancellationToken));
        }

        WriteObject(planned);
    }
}
