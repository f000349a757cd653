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
    public static async Task<JsonObject> DocumentAsync(IKubernetesClient client, JsonObject resource, IReadOnlyList<JsonNode?> entries, CancellationToken cancellationToken)
    {
        string name = (string?)Owner(resource)?["name"] ?? "kubevirt-hyperconverged";
        string space = (string)resource["metadata"]!["namespace"]!;
        JsonArray steps = await StepsAsync(client, space, name, cancellationToken).ConfigureAwait(false);
        steps.Add((JsonNode)new JsonObject { ["op"] = "add", ["path"] = Path, ["value"] = new JsonArray([.. entries.Select(entry => entry?.DeepClone())]) });
        return new JsonObject
        {
            ["apiVersion"] = $"{Type.Group}/{Type.Version}",
            ["kind"] = "HyperConverged",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = space,
                ["annotations"] = new JsonObject { [Annotation] = steps.ToJsonString(DatadogCheck.Plain) },
            },
        };
    }

    // The live list already holds what earlier steps put into it.
    private static async Task<JsonArray> StepsAsync(IKubernetesClient client, string space, string name, CancellationToken cancellationToken)
    {
        try
        {
            JsonElement live = await client.GetAsync(Type.PathOf(space, name), cancellationToken).ConfigureAwait(false);
            string? text = (string?)JsonNode.Parse(live.GetRawText())?["metadata"]?["annotations"]?[Annotation];
            JsonArray steps = JsonNode.Parse(text ?? "[]") as JsonArray ?? [];
            return [.. steps.Where(step => ((string?)step?["path"])?.StartsWith(Path, StringComparison.Ordinal) != true).Select(step => step?.DeepClone())];
        }
        catch (KubernetesException exception) when (exception.Error is KubernetesError.NotFound)
        {
            return [];
        }
        catch (JsonException exception)
        {
            throw new KubernetesException(KubernetesError.BadAnswer, $"the annotation {Annotation} of HyperConverged {space}/{name} is no JSON", "Put it right first: what it holds has to be kept.", exception);
        }
    }

    private static JsonNode? Owner(JsonObject resource) =>
        (resource["metadata"]?["ownerReferences"] as JsonArray)?.FirstOrDefault(owner => (string?)owner?["kind"] == "HyperConverged");
}
