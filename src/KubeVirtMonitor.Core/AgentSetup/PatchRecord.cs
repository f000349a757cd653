using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>What this module added to a KubeVirt resource, recorded in an annotation of it, so that exactly that can be removed.</summary>
internal sealed class PatchRecord
{
    public const string Annotation = "kubevirtmonitor/agent-patch";

    /// <summary>The entries, as they were put in.</summary>
    public List<JsonObject> Entries { get; } = [];

    /// <summary>What had to be made for them: <c>customizeComponents</c>, <c>patches</c>, or nothing.</summary>
    public string Made { get; set; } = "";

    /// <summary>Who owned the list before, by <see cref="FieldOwnership"/>.</summary>
    public List<JsonObject> Owners { get; } = [];

    public string AgentNamespace { get; set; } = "";

    public string AgentServiceAccount { get; set; } = "";

    /// <summary>Reads it from a KubeVirt resource; empty where there is none, or none that can be read.</summary>
    public static PatchRecord Read(JsonObject resource)
    {
        PatchRecord record = new();
        if (resource["metadata"]?["annotations"]?[Annotation] is not JsonValue value || !value.TryGetValue(out string? text)) return record;
        try
        {
            if (JsonNode.Parse(text) is not JsonObject json) return record;
            record.Made = TextOf(json, "made");
            record.AgentNamespace = TextOf(json, "agentNamespace");
            record.AgentServiceAccount = TextOf(json, "agentServiceAccount");
            foreach (JsonNode? entry in json["patches"] as JsonArray ?? [])
            {
                if (entry is JsonObject one) record.Entries.Add((JsonObject)one.DeepClone());
            }

            record.Owners.AddRange((json["owners"] as JsonArray ?? []).OfType<JsonObject>().Select(owner => owner.DeepClone().AsObject()));
        }
        catch (JsonException)
        {
            // Somebody has been at it; what they left is not this module's to take out.
        }

        return record;
    }

    public string Write()
    {
        JsonObject json = new()
        {
            ["agentNamespace"] = AgentNamespace,
            ["agentServiceAccount"] = AgentServiceAccount,
            ["made"] = Made,
            ["patches"] = new JsonArray([.. Entries.Select(entry => entry.DeepClone())]),
        };
        if (Owners.Count > 0) json["owners"] = new JsonArray([.. Owners.Select(owner => owner.DeepClone())]);
        return json.ToJsonString(DatadogCheck.Plain);
    }

    /// <summary>The place of the same entry in a list; -1 where there is none.</summary>
    public static int IndexOf(IReadOnlyList<JsonNode?> entries, JsonNode entry)
    {
        for (int i = 0; i < entries.Count; i++)
        {
            if (IsSame(entries[i], entry)) return i;
        }

        return -1;
    }

    /// <summary>Whether two entries say the same. Spaces after their texts have no meaning: they only make a text the longest, which is applied last.</summary>
    public static bool IsSame(JsonNode? left, JsonNode? right) => JsonNode.DeepEquals(Bare(left), Bare(right));

    private static JsonNode? Bare(JsonNode? entry)
    {
        if (entry is not JsonObject || CustomizedAnnotations.TextOf(entry["patch"]) is not { } text || text.TrimEnd(' ') == text) return entry;
        JsonNode bare = entry.DeepClone();
        bare["patch"] = text.TrimEnd(' ');
        return bare;
    }

    private static string TextOf(JsonObject json, string name) => json[name] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
}
