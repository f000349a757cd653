using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Who set which field: the <c>managedFields</c> of an object.</summary>
internal static class FieldOwnership
{
    /// <summary>The entries of managers, by name and operation.</summary>
    public static List<(string Manager, string Operation, HashSet<string> Fields)> Read(JsonObject metadata)
    {
        List<(string, string, HashSet<string>)> entries = [];
        foreach (JsonNode? entry in metadata["managedFields"] as JsonArray ?? [])
        {
            if (entry is JsonObject map && map["fieldsV1"] is JsonObject fields)
                entries.Add(((string?)map["manager"] ?? "", (string?)map["operation"] ?? "Update", FieldSet.FromJson(fields)));
        }

        return entries;
    }

    /// <summary>Writes the entries.</summary>
    public static void Write(JsonObject metadata, IEnumerable<(string Manager, string Operation, HashSet<string> Fields)> entries, ResourceType type, string now)
    {
        JsonArray list = [];
        foreach ((string manager, string operation, HashSet<string> fields) in entries)
        {
            if (fields.Count == 0) continue;
            list.Add((JsonNode)new JsonObject
            {
                ["apiVersion"] = type.ApiVersion,
                ["fieldsType"] = "FieldsV1",
                ["fieldsV1"] = FieldSet.ToJson(fields),
                ["manager"] = manager,
                ["operation"] = operation,
                ["time"] = now,
            });
        }

        metadata.Remove("managedFields");
        if (list.Count > 0) metadata["managedFields"] = list;
    }

    /// <summary>Records an ordinary write: what it changed is the writer's from now on.</summary>
    public static void Changed(JsonObject metadata, JsonObject before, JsonObject after, string manager, ResourceType type, string now)
    {
        Dictionary<string, JsonNode?> old = FieldSet.Of(before, type);
        Dictionary<string, JsonNode?> present = FieldSet.Of(after, type);
        HashSet<string> changed = [.. present.Where(field => !old.TryGetValue(field.Key, out JsonNode? value) || !JsonNode.DeepEquals(value, field.Value)).Select(field => field.Key)];
        HashSet<string> gone = [.. old.Keys.Where(path => !present.ContainsKey(path))];
        if (changed.Count == 0 && gone.Count == 0) return;
        var entries = Read(metadata);
        foreach (var entry in entries)
        {
            entry.Fields.ExceptWith(changed);
            entry.Fields.ExceptWith(gone);
        }

        int own = entries.FindIndex(entry => entry.Manager == manager && entry.Operation == "Update");
        if (own < 0) entries.Add((manager, "Update", changed));
        else entries[own].Fields.UnionWith(changed);
        Write(metadata, entries, type, now);
    }
}
