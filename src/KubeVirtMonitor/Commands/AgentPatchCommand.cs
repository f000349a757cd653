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
        if (planned.Action == AgentPatchAction.Managed)
        {
            WriteWarning($"KubeVirt {planned.Namespace}/{planned.Name} is written by a HyperConverged resource, which would undo the change: nothing was done. Apply the Document of the result instead ($result.Document | kubectl apply -f -), and the ClusterRoleBinding of the patch (\"$($result.Patch)\" | kubectl apply -f -).");
        }
        else if (planned.Action != AgentPatchAction.Unchanged)
        {
            if (!ShouldProcess(planned.Difference, $"{planned.Difference}\n\nMake this change?", $"{session}")) return;
            planned = Await(cancellationToken => change(session, false, cancellationToken));
        }

        WriteObject(planned);
    }
}
