using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>A KubeVirt resource that the HyperConverged operator writes. It takes additions only as a JSON patch in an annotation of its own resource.</summary>
/// <remarks>
/// The operator makes the whole spec of KubeVirt again from its resource, applies the annotation, and puts back what others change
/// (kubevirt/hyperconverged-cluster-operator 1.19: NewKubeVirt and UpdateCR in controllers/handlers/kubevirt.go, ApplyPatchToSpec in controllers/operands/operand.go).
/// What this module put in is recorded beside that annotation: in the KubeVirt resource there is nothing that it wrote.
/// </remarks>
internal static class HyperConverged
{
    public const string Annotation = "kubevirt.kubevirt.io/jsonpatch";

    private const string Group = "hco.kubevirt.io";
    private const string Kind = "HyperConverged";
    private const string Path = "/spec/customizeComponents/patches";

    public static bool Owns(JsonObject resource) => Owner(resource) is not null || (string?)resource["metadata"]?["labels"]?["app.kubernetes.io/managed-by"] == "hco-operator";

    /// <summary>The name of the HyperConverged resource of a KubeVirt resource.</summary>
    public static string NameOf(JsonObject resource) => (string?)Owner(resource)?["name"] ?? "kubevirt-hyperconverged";

    /// <summary>Lets a KubeVirt resource carry the record of what was put in, as if it were its own. Where the owner cannot be read there is none.</summary>
    public static async Task AdoptRecordAsync(IKubernetesClient client, JsonObject resource, CancellationToken cancellationToken)
    {
        JsonNode? record = null;
        try
        {
            record = (await FindAsync(client, resource, cancellationToken).ConfigureAwait(false))?["metadata"]?["annotations"]?[PatchRecord.Annotation];
        }
        catch (KubernetesException exception) when (exception.Error == KubernetesError.Forbidden)
        {
            // Whoever may not read it can still look at what is in the KubeVirt resource.
        }

        if (record is null) return;
        JsonObject metadata = resource["metadata"]!.AsObject();
        if (metadata["annotations"] is not JsonObject) metadata["annotations"] = new JsonObject();
        metadata["annotations"]![PatchRecord.Annotation] = record.DeepClone();
    }

    /// <summary>The merge patch of the HyperConverged resource that makes the list so; steps of others in its annotation are kept.</summary>
    /// <remarks>
    /// It is a patch and no resource for kubectl apply: of one with nothing but annotations, apply takes out of the spec what was applied before, and a
    /// server-side apply does so too, since kubectl takes over what an earlier apply had owned. A whole resource would undo what others change meanwhile.
    /// </remarks>
    /// <exception cref="KubernetesException">The resource cannot be read, or what its annotation holds cannot be kept.</exception>
    public static async Task<JsonObject> DocumentAsync(IKubernetesClient client, JsonObject resource, PatchMerge merge, CancellationToken cancellationToken)
    {
        JsonArray steps = Steps(await FindAsync(client, resource, cancellationToken).ConfigureAwait(false), $"{resource["metadata"]!["namespace"]}/{NameOf(resource)}");
        if (merge.After.Count > 0) steps.Add((JsonNode)new JsonObject { ["op"] = "add", ["path"] = Path, ["value"] = new JsonArray([.. merge.After.Select(entry => entry?.DeepClone())]) });
        JsonObject annotations = new()
        {
            [Annotation] = steps.Count == 0 ? null : steps.ToJsonString(DatadogCheck.Plain),
            [PatchRecord.Annotation] = merge.Record.Entries.Count == 0 ? null : merge.Record.Write(),
        };
        return new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } };
    }

    private static async Task<JsonObject?> FindAsync(IKubernetesClient client, JsonObject resource, CancellationToken cancellationToken)
    {
        ResourceType type = new(Group, ((string?)Owner(resource)?["apiVersion"])?.Split('/') is [Group, var version] ? version : "v1beta1", "hyperconvergeds");
        try
        {
            return await client.GetAsync(type.PathOf((string)resource["metadata"]!["namespace"]!, NameOf(resource)), cancellationToken).ConfigureAwait(false) as JsonObject;
        }
        catch (KubernetesException exception) when (exception.Error is KubernetesError.NotFound)
        {
            return null;
        }
    }

    // The live list already holds what earlier steps put into it.
    private static JsonArray Steps(JsonObject? owner, string name)
    {
        JsonNode? annotation = owner?["metadata"]?["annotations"]?[Annotation];
        if (annotation is null) return [];
        try
        {
            if (JsonText.Parse((string)annotation!) is JsonArray steps && steps.All(static step => JsonText.Of((step as JsonObject)?["path"]) is not null))
                return [.. steps.Where(step => !IsOfList((string)step!["path"]!)).Select(step => step!.DeepClone())];
        }
        catch (JsonException exception)
        {
            throw Unreadable(name, "is not JSON", exception);
        }

        throw Unreadable(name, "is not a list of steps with a path each");
    }

    private static bool IsOfList(string path) => path == Path || path.StartsWith(Path + "/", StringComparison.Ordinal);

    private static KubernetesException Unreadable(string name, string what, Exception? inner = null) =>
        new(KubernetesError.BadAnswer, $"the annotation {Annotation} of HyperConverged {name} {what}", "Correct it first, because its content must be kept.", inner);

    private static JsonNode? Owner(JsonObject resource) => (resource["metadata"]?["ownerReferences"] as JsonArray)?.FirstOrDefault(static owner => (string?)owner?["kind"] == Kind);
}
