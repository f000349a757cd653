using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>How an object that this module keeps beside the KubeVirt resource has to change. Its label says whose it is; what others made of the same name is neither changed nor removed.</summary>
internal sealed class OwnedObject
{
    public const string ManagerLabel = "app.kubernetes.io/managed-by";

    private readonly ResourceType _type;
    private readonly string? _space;
    private readonly string _name;
    private readonly JsonObject? _made;
    private readonly JsonObject? _patch;

    private OwnedObject(ResourceType type, string kind, string? space, string name, JsonObject? made, JsonObject? patch, string? text)
    {
        (_type, _space, _name, _made, _patch) = (type, space, name, made, patch);
        What = $"{kind} {name}";
        Text = text;
    }

    /// <summary>What it is, such as <c>ConfigMap datadog-agent-kubevirt-ca</c>.</summary>
    public string What { get; }

    /// <summary>The line of the difference; null when nothing is to be done.</summary>
    public string? Text { get; }

    public bool IsNeeded => Text is not null;

    /// <summary>Whether an object is one that this module made.</summary>
    public static bool IsOwn(JsonNode present) => JsonText.Of(present["metadata"]?["labels"]?[ManagerLabel]) == AgentAccess.Manager;

    /// <summary>What it takes to have an object as it should be.</summary>
    /// <param name="wanted">The whole object.</param>
    /// <param name="part">The part of it that may differ, such as <c>data</c>.</param>
    /// <param name="what">What it does, for the difference.</param>
    /// <param name="covers">Whether one that is there does as well; null = only an equal one.</param>
    /// <param name="isFixed">Whether one that is there cannot become what is wanted.</param>
    /// <exception cref="KubernetesException">There is one of that name which somebody else made, and which does something else.</exception>
    public static async Task<OwnedObject> ForInstallAsync(
        IKubernetesClient client, ResourceType type, JsonObject wanted, string part, string what, Func<JsonNode, bool>? covers = null, Func<JsonNode, bool>? isFixed = null, CancellationToken cancellationToken = default)
    {
        string? space = JsonText.Of(wanted["metadata"]!["namespace"]);
        string name = (string)wanted["metadata"]!["name"]!;
        string kind = (string)wanted["kind"]!;
        JsonNode? present = await FindAsync(client, type, space, name, cancellationToken).ConfigureAwait(false);
        if (present is null) return new OwnedObject(type, kind, space, name, (JsonObject)wanted.DeepClone(), null, $"+ {kind} {name}: {what}");
        if (covers?.Invoke(present) ?? JsonNode.DeepEquals(present[part], wanted[part])) return new OwnedObject(type, kind, space, name, null, null, null);
        if (!IsOwn(present) || isFixed?.Invoke(present) == true)
        {
            throw new KubernetesException(
                KubernetesError.Conflict,
                $"the {kind} {(space is null ? name : $"{space}/{name}")} was created by somebody else and holds something else",
                $"Look at it with 'kubectl get {type.FullName} {name}{(space is null ? "" : $" -n {space}")} -o yaml'. Rename or remove it.");
        }

        return new OwnedObject(type, kind, space, name, null, new JsonObject { [part] = Change(present[part], wanted[part]) }, $"~ {kind} {name}: {what}");
    }

    /// <summary>What it takes to have none.</summary>
    /// <param name="isLast">Whether nobody needs it any more.</param>
    public static async Task<OwnedObject> ForUninstallAsync(IKubernetesClient client, ResourceType type, string kind, string? space, string name, bool isLast, CancellationToken cancellationToken)
    {
        JsonNode? present = isLast ? await FindAsync(client, type, space, name, cancellationToken).ConfigureAwait(false) : null;
        return new OwnedObject(type, kind, space, name, null, null, present is not null && IsOwn(present) ? $"- {kind} {name}" : null);
    }

    public async Task ApplyAsync(IKubernetesClient client, bool dryRun, CancellationToken cancellationToken)
    {
        if (!IsNeeded) return;
        WriteOptions options = new() { DryRun = dryRun, FieldManager = AgentAccess.Manager };
        bool isRemoved = _made is null && _patch is null;
        try
        {
            if (_made is not null) await client.CreateAsync(_type.PathOf(_space), _made, options, cancellationToken).ConfigureAwait(false);
            else if (_patch is not null) await client.PatchAsync(_type.PathOf(_space, _name), PatchKind.Merge, _patch, options, cancellationToken).ConfigureAwait(false);
            else await client.DeleteAsync(_type.PathOf(_space, _name), options, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesException exception) when (isRemoved && exception.Error == KubernetesError.NotFound)
        {
            // A try before this one, or somebody else, has done it already.
        }
        catch (KubernetesException exception) when (_made is not null && exception.Error == KubernetesError.Conflict)
        {
            // The same; but what somebody else made in the meantime may be something else.
            JsonNode? present = await FindAsync(client, _type, _space, _name, cancellationToken).ConfigureAwait(false);
            if (present is null || !IsOwn(present)) throw;
        }
    }

    // A merge patch keeps the keys that it does not name.
    private static JsonNode? Change(JsonNode? present, JsonNode? wanted)
    {
        if (present is not JsonObject before || wanted is not JsonObject after) return wanted?.DeepClone();
        JsonObject change = (JsonObject)after.DeepClone();
        foreach ((string key, _) in before)
        {
            if (!after.ContainsKey(key)) change[key] = null;
        }

        return change;
    }

    private static async Task<JsonNode?> FindAsync(IKubernetesClient client, ResourceType type, string? space, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetAsync(type.PathOf(space, name), cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesException exception) when (exception.Error == KubernetesError.NotFound)
        {
            return null;
        }
    }
}
