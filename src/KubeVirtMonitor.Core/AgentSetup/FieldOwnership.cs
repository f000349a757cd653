using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Who owns <c>spec.customizeComponents.patches</c>, as the API server notes it in <c>metadata.managedFields</c> for server-side apply.</summary>
/// <remarks>
/// The list is atomic: it has one owner as a whole, and whoever changes it takes it from the one before. An owner that is done has to be taken off the
/// notes by a change of managedFields alone, as kubectl does it when it moves a resource to server-side apply; a change that also touches the list would
/// make its author the owner again.
/// </remarks>
internal static class FieldOwnership
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    private static readonly string[] Path = ["f:spec", "f:customizeComponents", "f:patches"];

    /// <summary>The owners of the list other than this module: objects with <c>manager</c> and <c>operation</c>.</summary>
    public static JsonObject[] Others(JsonObject resource) => [.. Entries(resource)
        .Where(entry => !IsOwn(entry) && Path.Aggregate(entry["fieldsV1"], static (node, name) => (node as JsonObject)?[name]) is not null)
        .Select(entry => new JsonObject { ["manager"] = entry["manager"]?.DeepClone(), ["operation"] = entry["operation"]?.DeepClone() })];

    /// <summary>Whether this module owns anything of a resource.</summary>
    public static bool IsOwner(JsonObject resource) => Entries(resource).Any(IsOwn);

    /// <summary>What should be known of tools that keep the list under their own control; null = there is none.</summary>
    public static string? Warning(JsonObject resource)
    {
        string[] appliers = [.. Others(resource).Where(owner => (string?)owner["operation"] == "Apply").Select(owner => $"{owner["manager"]} (server-side apply)"), .. IsLastApplied(resource) ? ["kubectl apply"] : Array.Empty<string>()];
        return appliers.Length == 0
            ? null
            : $"spec.customizeComponents.patches is also written by {string.Join(" and ", appliers)}: its next run takes these entries out again, or ends with a conflict. Add them to what it applies instead; the form KustomizePatch of the patch is for that.";
    }

    /// <summary>The notes without this module.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="owners">Who owned the list before this module did, and gets it back.</param>
    public static JsonArray Without(JsonObject resource, IReadOnlyList<JsonObject> owners)
    {
        List<JsonObject> kept = [.. Entries(resource).Where(entry => !IsOwn(entry)).Select(entry => entry.DeepClone().AsObject())];
        if (resource["spec"]?["customizeComponents"]?["patches"] is JsonArray)
        {
            foreach (JsonObject owner in owners) Give(kept, owner, (string?)resource["apiVersion"]);
        }

        // The server takes an empty list for one that was forgotten, and keeps what it has; an empty entry is how it is told that nobody owns anything.
        return kept.Count == 0 ? [new JsonObject()] : [.. kept];
    }

    private static void Give(List<JsonObject> entries, JsonObject owner, string? version)
    {
        JsonObject? entry = entries.Find(one => Text(one["manager"]) == Text(owner["manager"]) && Text(one["operation"]) == Text(owner["operation"]) && one["subresource"] is null);
        if (entry is null)
        {
            entry = new JsonObject { ["manager"] = owner["manager"]?.DeepClone(), ["operation"] = owner["operation"]?.DeepClone(), ["apiVersion"] = version, ["fieldsType"] = "FieldsV1" };
            entries.Add(entry);
        }

        JsonNode place = entry;
        foreach (string name in Path.Prepend("fieldsV1"))
        {
            if (place[name] is not JsonObject) place[name] = new JsonObject();
            place = place[name]!;
        }
    }

    private static bool IsLastApplied(JsonObject resource)
    {
        try
        {
            return Text(resource["metadata"]?["annotations"]?[LastApplied]) is { } text && JsonNode.Parse(text)?["spec"]?["customizeComponents"]?["patches"] is JsonArray;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static IEnumerable<JsonObject> Entries(JsonObject resource) => (resource["metadata"]?["managedFields"] as JsonArray ?? []).OfType<JsonObject>();

    private static bool IsOwn(JsonObject entry) => Text(entry["manager"]) == AgentAccess.Manager;

    private static string? Text(JsonNode? node) => CustomizedAnnotations.TextOf(node);
}
