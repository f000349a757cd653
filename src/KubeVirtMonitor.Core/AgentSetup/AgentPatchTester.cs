using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Tells point by point whether the Agent's setup works. What cannot be looked at is skipped with its reason, and hides nothing else.</summary>
/// <param name="session">The session.</param>
/// <param name="patch">The patch; null = what this module put in.</param>
/// <param name="patience">How long an address may take to answer.</param>
public sealed class AgentPatchTester(KubeVirtSession session, AgentPatch? patch, TimeSpan patience)
{
    /// <summary>Looks once.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="KubernetesException">There is no KubeVirt or several, or no patch to look for.</exception>
    public async Task<IReadOnlyList<AgentPatchStatus>> RunAsync(CancellationToken cancellationToken = default)
    {
        JsonObject resource = await AgentPatchInstaller.ReadAsync(session, cancellationToken).ConfigureAwait(false);
        AgentPatch wanted = patch ?? Recorded(resource);
        List<AgentPatchStatus> found = [];
        found.AddRange(RolloutChecks.OfResource(resource, wanted));
        await AddAsync(found, AgentPatchCheck.Rollout, () => new RolloutChecks(session.Client, session.InstallNamespace).RunAsync(wanted, cancellationToken)).ConfigureAwait(false);
        await AddAsync(found, AgentPatchCheck.Annotation, () => new EndpointChecks(session, patience).RunAsync(wanted, cancellationToken)).ConfigureAwait(false);
        await AddAsync(found, AgentPatchCheck.Access, () => AccessChecks.RunAsync(session.Client, wanted, cancellationToken)).ConfigureAwait(false);
        await AddAsync(found, AgentPatchCheck.Agent, () => new AgentPodChecks(session.Client).RunAsync(wanted, cancellationToken)).ConfigureAwait(false);
        return found;
    }

    private static async Task AddAsync(List<AgentPatchStatus> found, AgentPatchCheck check, Func<Task<List<AgentPatchStatus>>> look)
    {
        try
        {
            found.AddRange(await look().ConfigureAwait(false));
        }
        catch (KubernetesException exception)
        {
            found.Add(new AgentPatchStatus(check, "-", AgentPatchState.Skipped, exception.Message[..^exception.Advice.Length].TrimEnd(' ', '.') + ".", exception.Advice));
        }
    }

    private AgentPatch Recorded(JsonObject resource)
    {
        PatchRecord record = PatchRecord.Read(resource);
        if (record.Entries.Count == 0)
        {
            throw new KubernetesException(
                KubernetesError.NotFound,
                $"this module has put no patch into KubeVirt {session.InstallNamespace}/{resource["metadata"]!["name"]}",
                "Put one in with Install-KubeVirtAgentPatch, or give the patch to look for: New-KubeVirtAgentPatch | Test-KubeVirtAgentPatch");
        }

        ComponentPatch[] patches = [.. record.Entries.Select(AnnotationText.PatchOf).OfType<ComponentPatch>()];
        AgentPatchOptions options = new()
        {
            Components = [.. patches.Select(one => one.Component)],
            InstallNamespace = session.InstallNamespace,
            AgentNamespace = record.AgentNamespace,
            AgentServiceAccount = record.AgentServiceAccount,
        };
        return new AgentPatch(options) { Patches = patches };
    }
}
