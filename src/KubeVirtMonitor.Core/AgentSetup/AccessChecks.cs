namespace KubeVirtMonitor.AgentSetup;

/// <summary>Whether the Agent's service account exists, and may list what the check of virt-api counts.</summary>
internal static class AccessChecks
{
    private static readonly ResourceType ServiceAccounts = new("", "v1", "serviceaccounts");

    public static async Task<List<AgentPatchStatus>> RunAsync(IKubernetesClient client, AgentPatch wanted, CancellationToken cancellationToken)
    {
        string account = $"{wanted.AgentNamespace}/{wanted.AgentServiceAccount}";
        List<AgentPatchStatus> found = [];
        string user = $"system:serviceaccount:{wanted.AgentNamespace}:{wanted.AgentServiceAccount}";
        string[] groups = ["system:serviceaccounts", $"system:serviceaccounts:{wanted.AgentNamespace}", "system:authenticated"];
        foreach (ResourceType type in new[] { KubeVirtResources.VirtualMachines, KubeVirtResources.Instances })
        {
            try
            {
                AccessDecision decision = await client.CanUserAsync(user, groups, new AccessQuestion("list", type), cancellationToken).ConfigureAwait(false);
                found.Add(decision.IsAllowed
                    ? new(AgentPatchCheck.Access, account, AgentPatchState.Passed, $"It may list {type.FullName}.")
                    : new(AgentPatchCheck.Access, account, AgentPatchState.Failed, $"It may not list {type.FullName}. {decision.Reason}".TrimEnd(), $"Bind the ClusterRole {AgentAccess.Role} to it.") { Setting = Setting.AgentPatch });
            }
            catch (KubernetesException exception) when (exception.Error == KubernetesError.Forbidden)
            {
                found.Add(new(AgentPatchCheck.Access, account, AgentPatchState.Skipped, $"Whether it may list {type.FullName} may not be asked. {exception.Message}"));
            }
        }

        return found;
    }

    public static async Task<List<AgentPatchStatus>> ExistsAsync(IKubernetesClient client, AgentPatch wanted, CancellationToken cancellationToken)
    {
        string account = $"{wanted.AgentNamespace}/{wanted.AgentServiceAccount}";
        try
        {
            await client.GetAsync(ServiceAccounts.PathOf(wanted.AgentNamespace, wanted.AgentServiceAccount), cancellationToken).ConfigureAwait(false);
            return [new(AgentPatchCheck.ServiceAccount, account, AgentPatchState.Passed, "The service account exists.")];
        }
        catch (KubernetesException exception) when (exception.Error == KubernetesError.NotFound)
        {
            return [new(AgentPatchCheck.ServiceAccount, account, AgentPatchState.Failed, "The service account does not exist.", "Install the Agent, or make the patch for the account it has.") { Setting = Setting.AgentAccount }];
        }
        catch (KubernetesException exception) when (exception.Error == KubernetesError.Forbidden)
        {
            return [new(AgentPatchCheck.ServiceAccount, account, AgentPatchState.Skipped, exception.Message)];
        }
    }
}
