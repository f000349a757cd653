using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>What this module put into a KubeVirt resource, kept in an annotation of it: without that, nobody could tell what to take out again.</summary>
internal sealed class PatchRecord
{
    public const string Annotation = "kubevirtmonitor/agent-patch";

    /// <summary>The entries, as they were put in.</summary>
    public List<JsonObject> Entries { get; } = [];

    /// <summary>What had to be made for them: <c>customizeComponents</c>, <c>patches</c>, or nothing.</summary>
    public string Made { get; set; } = "";

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
        }
        catch (JsonException)
        {
            // Somebody has been at it; what they left is not this module's to take out.
        }

        return record;
    }

    public string Write() => new JsonObject
    {
        ["agentNamespace"] = AgentNamespace,
        ["agentServiceAccount"] = AgentServiceAccount,
        ["made"] = Made,
        ["patches"] = new JsonArray([.. Entries.Select(entry => entry.DeepClone())]),
    }.ToJsonString(DatadogCheck.Plain);

    /// <summary>The place of an equal entry in a list; -1 where there is none.</summary>
    public static int IndexOf(IReadOnlyList<JsonNode?> entries, JsonNode entry)
    {
        for (int i = 0; i < entries.Count; i++)
        {
            if (JsonNode.DeepEquals(entries[i], entry)) return i;
        }

        return -1;
    }

    private static string TextOf(JsonObject json, string name) => json[name] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
}
