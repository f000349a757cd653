using System.Text.Json.Nodes;
using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>What has to become of the ClusterRoleBinding.</summary>
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
    /// <exception cref="KubernetesException">A binding of that name is somebody else's and gives something else.</exception>
    public static async Task<AccessChange> ForInstallAsync(IKubernetesClient client, JsonObject wanted, CancellationToken cancellationToken)
    {
        JsonNode? present = await FindAsync(client, cancellationToken).ConfigureAwait(false);
        JsonNode subject = wanted["subjects"]![0]!;
        string what = $"ClusterRoleBinding {AgentAccess.Name}: {AgentAccess.Role} to service account {subject["namespace"]}/{subject["name"]}";
        if (present is null) return new AccessChange((JsonObject)wanted.DeepClone(), isReplaced: false, "+ " + what);
        if (AgentAccess.Covers(present, wanted)) return new AccessChange(null, isReplaced: false, null);
        if (!AgentAccess.IsOwn(present) || (string?)present["roleRef"]?["name"] != AgentAccess.Role)
            throw new KubernetesException(KubernetesError.Conflict, $"the ClusterRoleBinding {AgentAccess.Name} is somebody else's and gives something else", $"Look at it with 'kubectl get clusterrolebinding {AgentAccess.Name} -o yaml'. Add the service account to it, or remove it.");
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
            return await client.GetNodeAsync(AgentAccess.Bindings.PathOf(name: AgentAccess.Name), cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesException exception) when (exception.Error == KubernetesError.NotFound)
        {
            return null;
        }
    }
}
