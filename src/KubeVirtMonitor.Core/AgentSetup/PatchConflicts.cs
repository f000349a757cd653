using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Finds patches of others that set the annotations of a component's pods that this module sets.</summary>
internal static class PatchConflicts
{
    private const string Path = "/spec/template/metadata/annotations";

    /// <summary>A sentence for each annotation that an entry of others sets.</summary>
    public static IEnumerable<string> Find(IReadOnlyList<JsonNode?> entries, AgentPatch patch, PatchRecord record)
    {
        for (int i = 0; i < entries.Count; i++)
        {
            if (entries[i] is not JsonObject entry || PatchRecord.IndexOf([.. record.Entries], entry) >= 0) continue;
            foreach (ComponentPatch own in patch.Patches)
            {
                if (!Targets(entry, own) || JsonNode.DeepEquals(entry, own.ToJson())) continue;
                string container = $"{DatadogCheck.Prefix}{own.ResourceName}.";
                string[] keys = [.. AnnotationsOf(entry).Where(key => key.StartsWith(container, StringComparison.Ordinal)).Distinct(StringComparer.Ordinal)];
                if (keys.Length > 0) yield return $"patch {i} of {own} sets {string.Join(", ", keys)}";
            }
        }
    }

    /// <summary>Whether an entry is for the deployment or daemon set of a patch. KubeVirt takes * for all, and any case.</summary>
    public static bool Targets(JsonObject entry, ComponentPatch own) =>
        Matches(entry["resourceType"], own.ResourceType) && Matches(entry["resourceName"], own.ResourceName);

    private static bool Matches(JsonNode? asked, string name) => TextOf(asked) is { } text && (text == "*" || text.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static List<string> AnnotationsOf(JsonObject entry)
    {
        List<string> keys = [];
        JsonNode? patch;
        try
        {
            patch = JsonNode.Parse(TextOf(entry["patch"]) ?? "null");
        }
        catch (JsonException)
        {
            return keys;
        }

        if (patch is JsonObject merge)
        {
            AddKeys(keys, At(At(At(At(merge, "spec"), "template"), "metadata"), "annotations"));
            return keys;
        }

        foreach (JsonObject step in (patch as JsonArray ?? []).OfType<JsonObject>())
        {
            string path = TextOf(step["path"]) ?? "";
            if (path == Path) AddKeys(keys, step["value"]);
            else if (path.StartsWith(Path + "/", StringComparison.Ordinal)) keys.Add(path[(Path.Length + 1)..].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));
        }

        return keys;
    }

    private static void AddKeys(List<string> keys, JsonNode? map)
    {
        if (map is JsonObject annotations) keys.AddRange(annotations.Select(one => one.Key));
    }

    private static JsonNode? At(JsonNode? node, string name) => (node as JsonObject)?[name];

    private static string? TextOf(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
