using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>The permission of the Agent to list machines and instances, which the check of virt-api counts.</summary>
internal static class AgentAccess
{
    public const string Name = "datadog-agent-kubevirt";
    public const string Role = "kubevirt.io:view";
    public const string ManagerLabel = "app.kubernetes.io/managed-by";
    public const string Manager = "KubeVirtMonitor";

    public static ResourceType Bindings { get; } = new("rbac.authorization.k8s.io", "v1", "clusterrolebindings", IsNamespaced: false);

    public static JsonObject Binding(AgentPatchOptions options) => new()
    {
        ["apiVersion"] = "rbac.authorization.k8s.io/v1",
        ["kind"] = "ClusterRoleBinding",
        ["metadata"] = new JsonObject { ["name"] = Name, ["labels"] = new JsonObject { [ManagerLabel] = Manager } },
        ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = Role },
        ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = options.AgentServiceAccount, ["namespace"] = options.AgentNamespace }),
    };

    /// <summary>Whether a binding is one that this module made.</summary>
    public static bool IsOwn(JsonNode binding) => (string?)binding["metadata"]?["labels"]?[ManagerLabel] == Manager;

    /// <summary>Whether a binding gives at least what another one gives.</summary>
    public static bool Covers(JsonNode binding, JsonNode wanted) =>
        (string?)binding["roleRef"]?["name"] == (string?)wanted["roleRef"]!["name"]
        && (string?)binding["roleRef"]?["kind"] == "ClusterRole"
        && wanted["subjects"]!.AsArray().All(subject => (binding["subjects"] as JsonArray)?.Any(present => IsSame(present, subject)) == true);

    private static bool IsSame(JsonNode? left, JsonNode? right) =>
        (string?)left?["kind"] == (string?)right?["kind"] && (string?)left?["name"] == (string?)right?["name"] && (string?)left?["namespace"] == (string?)right?["namespace"];
}

/// <summary>How the ClusterRoleBinding has to change.</summary>
internal sealed class AccessChange
{
    private readonly JsonObject? _made;
    private readonly bool _isReplaced;

    private AccessChange(JsonObject? made, bool isReplaced, string? text)
    {
        _made = made;
        _isReplaced = isReplaced;
        Text = text;
    }

    /// <summary>The line of the difference; null when nothing is to be done.</summary>
    public string? Text { get; }

    public bool IsNeeded => Text is not null;

    /// <summary>What it takes to give the Agent what it needs.</summary>
    /// <exception cref="KubernetesException">A binding of that name was created by somebody else and grants something else.</exception>
    public static async Task<AccessChange> ForInstallAsync(IKubernetesClient client, JsonObject wanted, CancellationToken cancellationToken)
    {
        JsonNode? present = await FindAsync(client, cancellationToken).ConfigureAwait(false);
        JsonNode subject = wanted["subjects"]![0]!;
        string what = $"ClusterRoleBinding {AgentAccess.Name}: {AgentAccess.Role} to service account {subject["namespace"]}/{subject["name"]}";
        if (present is null) return new AccessChange((JsonObject)wanted.DeepClone(), isReplaced: false, "+ " + what);
        if (AgentAccess.Covers(present, wanted)) return new AccessChange(null, isReplaced: false, null);
        if (!AgentAccess.IsOwn(present) || (string?)present["roleRef"]?["name"] != AgentAccess.Role)
            throw new KubernetesException(KubernetesError.Conflict, $"the ClusterRoleBinding {AgentAccess.Name} was created by somebody else and grants something else", $"Look at it with 'kubectl get clusterrolebinding {AgentAccess.Name} -o yaml'. Add the service account to it, or remove it.");
        return new AccessChange((JsonObject)wanted.DeepClone(), isReplaced: true, "~ " + what);
    }

    public static async Task<AccessChange> ForUninstallAsync(IKubernetesClient client, bool isLast, CancellationToken cancellationToken)
    {
        JsonNode? present = isLast ? await FindAsync(client, cancellationToken).ConfigureAwait(false) : null;
        return new AccessChange(null, isReplaced: false, present is not null && AgentAccess.IsOwn(present) ? $"- ClusterRoleBinding {AgentAccess.Name}" : null);
    }

    public async Task ApplyAsync(IKubernetesClient client, bool dryRun, CancellationToken cancellationToken)
    {
        if (!IsNeeded) return;
        WriteOptions options = new() { DryRun = dryRun, FieldManager = AgentAccess.Manager };
        string path = AgentAccess.Bindings.PathOf(name: AgentAccess.Name);
        try
        {
            if (_made is null) await client.DeleteAsync(path, options, cancellationToken).ConfigureAwait(false);
            else if (_isReplaced) await client.PatchAsync(path, PatchKind.Merge, new JsonObject { ["subjects"] = _made["subjects"]!.DeepClone() }, options, cancellationToken).ConfigureAwait(false);
            else await client.CreateAsync(AgentAccess.Bindings.PathOf(), _made, options, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesException exception) when (!dryRun && exception.Error == (_made is null ? KubernetesError.NotFound : KubernetesError.Conflict))
        {
            // A try before this one, or somebody else, has done it already.
        }
    }

    private static async Task<JsonNode?> FindAsync(IKubernetesClient client, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetAsync(AgentAccess.Bindings.PathOf(name: AgentAccess.Name), cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesException exception) when (exception.Error == KubernetesError.NotFound)
        {
            return null;
        }
    }
}

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
                found.Add(new(AgentPatchCheck.Access, account, AgentPatchState.Skipped, $"Whether it may list {type.FullName} cannot be checked. {exception.Message}"));
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
            return [new(AgentPatchCheck.ServiceAccount, account, AgentPatchState.Failed, "The service account does not exist.", "Install the Agent, or create the patch for the account that it uses.") { Setting = Setting.AgentAccount }];
        }
        catch (KubernetesException exception) when (exception.Error == KubernetesError.Forbidden)
        {
            return [new(AgentPatchCheck.ServiceAccount, account, AgentPatchState.Skipped, exception.Message)];
        }
    }
}
