using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;

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
        // Where somebody has been at it, what they left is not this module's to take out.
        if (JsonText.Of(resource["metadata"]?["annotations"]?[Annotation]) is not { } text || JsonText.ObjectOf(text) is not { } json) return record;
        record.Made = JsonText.Of(json["made"]) ?? "";
        record.AgentNamespace = JsonText.Of(json["agentNamespace"]) ?? "";
        record.AgentServiceAccount = JsonText.Of(json["agentServiceAccount"]) ?? "";
        record.Entries.AddRange(Objects("patches"));
        record.Owners.AddRange(Objects("owners"));
        return record;

        IEnumerable<JsonObject> Objects(string name) => (json[name] as JsonArray ?? []).OfType<JsonObject>().Select(static one => one.DeepClone().AsObject());
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
        if (entry is not JsonObject || JsonText.Of(entry["patch"]) is not { } text || text.TrimEnd(' ') == text) return entry;
        JsonNode bare = entry.DeepClone();
        bare["patch"] = text.TrimEnd(' ');
        return bare;
    }
}
