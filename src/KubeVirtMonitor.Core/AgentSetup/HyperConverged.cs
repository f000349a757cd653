using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>A KubeVirt resource that the HyperConverged operator writes. It takes additions only as a JSON patch in an annotation of its own resource.</summary>
internal static class HyperConverged
{
    public const string Annotation = "kubevirt.kubevirt.io/jsonpatch";

    private const string Path = "/spec/customizeComponents/patches";

    private static readonly ResourceType Type = new("hco.kubevirt.io", "v1beta1", "hyperconvergeds");

    public static bool Owns(JsonObject resource) => Owner(resource) is not null || (string?)resource["metadata"]?["labels"]?["app.kubernetes.io/managed-by"] == "hco-operator";

    /// <summary>The HyperConverged resource with the annotation; what else its annotation holds is kept.</summary>
    /// <remarks>It is the whole resource: of one that holds less, <c>kubectl apply</c> would take out what was applied before and is not in it.</remarks>
    public static async Task<JsonObject> DocumentAsync(IKubernetesClient client, JsonObject resource, IReadOnlyList<JsonNode?> entries, CancellationToken cancellationToken)
    {
        string name = (string?)Owner(resource)?["name"] ?? "kubevirt-hyperconverged";
        string space = (string)resource["metadata"]!["namespace"]!;
        JsonObject whole = Applicable(await FindAsync(client, space, name, cancellationToken).ConfigureAwait(false) ?? new JsonObject
        {
            ["apiVersion"] = $"{Type.Group}/{Type.Version}",
            ["kind"] = "HyperConverged",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = space },
        });
        JsonArray steps = Steps(whole, space, name);
        steps.Add((JsonNode)new JsonObject { ["op"] = "add", ["path"] = Path, ["value"] = new JsonArray([.. entries.Select(entry => entry?.DeepClone())]) });
        if (whole["metadata"]!["annotations"] is not JsonObject) whole["metadata"]!["annotations"] = new JsonObject();
        whole["metadata"]!["annotations"]![Annotation] = steps.ToJsonString(DatadogCheck.Plain);
        return whole;
    }

    // What the server writes is not for others to apply, and the note of the last apply is kubectl's own.
    private static JsonObject Applicable(JsonObject live)
    {
        live.Remove("status");
        JsonObject metadata = live["metadata"]!.AsObject();
        foreach (string name in new[] { "managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "selfLink" }) metadata.Remove(name);
        (metadata["annotations"] as JsonObject)?.Remove("kubectl.kubernetes.io/last-applied-configuration");
        return live;
    }

    private static async Task<JsonObject?> FindAsync(IKubernetesClient client, string space, string name, CancellationToken cancellationToken)
    {
        try
        {
            return JsonNode.Parse((await client.GetAsync(Type.PathOf(space, name), cancellationToken).ConfigureAwait(false)).GetRawText()) as JsonObject;
        }
        catch (KubernetesException exception) when (exception.Error is KubernetesError.NotFound)
        {
            return null;
        }
    }

    // The live list already holds what earlier steps put into it.
    private static JsonArray Steps(JsonObject owner, string space, string name)
    {
        try
        {
            JsonArray steps = JsonNode.Parse((string?)owner["metadata"]?["annotations"]?[Annotation] ?? "[]") as JsonArray ?? [];
            return [.. steps.Where(step => ((string?)step?["path"])?.StartsWith(Path, StringComparison.Ordinal) != true).Select(step => step?.DeepClone())];
        }
        catch (JsonException exception)
        {
            throw new KubernetesException(KubernetesError.BadAnswer, $"the annotation {Annotation} of HyperConverged {space}/{name} is no JSON", "Put it right first: what it holds has to be kept.", exception);
        }
    }

    private static JsonNode? Owner(JsonObject resource) =>
        (resource["metadata"]?["ownerReferences"] as JsonArray)?.FirstOrDefault(owner => (string?)owner?["kind"] == "HyperConverged");
}
