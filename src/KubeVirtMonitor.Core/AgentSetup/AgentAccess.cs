using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>The permission of the Agent to list machines and instances, which the check of virt-api counts.</summary>
internal static class AgentAccess
{
    public const string Name = "datadog-agent-kubevirt";
    public const string Role = "kubevirt.io:view";
    public const string Manager = "KubeVirtMonitor";

    public static ResourceType Bindings { get; } = new("rbac.authorization.k8s.io", "v1", "clusterrolebindings", IsNamespaced: false);

    public static JsonObject Binding(AgentPatchOptions options) => new()
    {
        ["apiVersion"] = "rbac.authorization.k8s.io/v1",
        ["kind"] = "ClusterRoleBinding",
        ["metadata"] = new JsonObject { ["name"] = Name, ["labels"] = new JsonObject { [OwnedObject.ManagerLabel] = Manager } },
        ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = Role },
        ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = options.AgentServiceAccount, ["namespace"] = options.AgentNamespace }),
    };

    /// <summary>What it takes to give the Agent what it needs.</summary>
    /// <param name="wanted">The binding; null = it needs none.</param>
    /// <exception cref="KubernetesException">A binding of that name was created by somebody else and grants something else.</exception>
    public static async Task<OwnedObject?> ForInstallAsync(IKubernetesClient client, JsonObject? wanted, CancellationToken cancellationToken)
    {
        if (wanted is null) return null;
        JsonNode subject = wanted["subjects"]![0]!;
        string what = $"{Role} to service account {subject["namespace"]}/{subject["name"]}";
        return await OwnedObject.ForInstallAsync(client, Bindings, wanted, "subjects", what, present => Covers(present, wanted), static present => (string?)present["roleRef"]?["name"] != Role, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What it takes to take it back.</summary>
    /// <param name="isLast">Whether nobody needs it any more.</param>
    public static Task<OwnedObject> ForUninstallAsync(IKubernetesClient client, bool isLast, CancellationToken cancellationToken) =>
        OwnedObject.ForUninstallAsync(client, Bindings, "ClusterRoleBinding", null, Name, isLast, cancellationToken);

    /// <summary>Whether a binding gives at least what another one gives.</summary>
    private static bool Covers(JsonNode binding, JsonNode wanted) =>
        (string?)binding["roleRef"]?["name"] == (string?)wanted["roleRef"]!["name"]
        && (string?)binding["roleRef"]?["kind"] == "ClusterRole"
        && wanted["subjects"]!.AsArray().All(subject => (binding["subjects"] as JsonArray)?.Any(present => IsSame(present, subject)) == true);

    private static bool IsSame(JsonNode? left, JsonNode? right) =>
        (string?)left?["kind"] == (string?)right?["kind"] && (string?)left?["name"] == (string?)right?["name"] && (string?)left?["namespace"] == (string?)right?["namespace"];
}

/// <summary>Whether the Agent's service account exists, and may list what the check of virt-api counts.</summary>
internal static class AccessChecks
{
    private static readonly ResourceType ServiceAccounts = new("", "v1", "serviceaccounts");

    /// <summary>The points of the permission; none where no check counts machines.</summary>
    public static async Task<List<AgentPatchStatus>> RunAsync(IKubernetesClient client, AgentPatch wanted, CancellationToken cancellationToken)
    {
        string account = $"{wanted.AgentNamespace}/{wanted.AgentServiceAccount}";
        List<AgentPatchStatus> found = [];
        if (!wanted.Patches.Any(IsCounting)) return found;
        string user = $"system:serviceaccount:{wanted.AgentNamespace}:{wanted.AgentServiceAccount}";
        string[] groups = ["system:serviceaccounts", $"system:serviceaccounts:{wanted.AgentNamespace}", "system:authenticated"];
        foreach (ResourceType type in new[] { KubeVirtResources.VirtualMachines, KubeVirtResources.Instances })
        {
            try
            {
                AccessDecision decision = await client.CanUserAsync(user, groups, new AccessQuestion("list", type), cancellationToken).ConfigureAwait(false);
                found.Add(decision.IsAllowed
                    ? new(AgentPatchCheck.Access, account, AgentPatchState.Passed, $"It may list {type.FullName}.")
                    : new(AgentPatchCheck.Access, account, AgentPatchState.Failed, $"It may not list {type.FullName}. {decision.Reason}".TrimEnd(), $"Bind the ClusterRole {AgentAccess.Role} to it.") { Setting = Setting.InstalledPatch });
            }
            catch (KubernetesException exception) when (exception.Error == KubernetesError.Forbidden)
            {
                found.Add(new(AgentPatchCheck.Access, account, AgentPatchState.Skipped, $"Whether it may list {type.FullName} cannot be checked. {exception.Message}"));
            }
        }

        return found;
    }

    private static bool IsCounting(ComponentPatch patch)
    {
        try
        {
            return AnnotationText.Checks(patch.Component, patch.Annotations).Any(static check => check.Name == ComponentFacts.CheckNameOf(ComponentKind.Api));
        }
        catch (FormatException)
        {
            return patch.Component == ComponentKind.Api;
        }
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
            return [new(AgentPatchCheck.ServiceAccount, account, AgentPatchState.Failed, "The service account does not exist.", "Install the Agent, or create the patch for the account that it uses.") { Setting = Setting.AgentAccount }];
        }
        catch (KubernetesException exception) when (exception.Error == KubernetesError.Forbidden)
        {
            return [new(AgentPatchCheck.ServiceAccount, account, AgentPatchState.Skipped, exception.Message)];
        }
    }
}
