using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Who set which field: the <c>managedFields</c> of an object.</summary>
internal static class FieldOwnership
{
    /// <summary>The entries of managers, by name, operation and subresource.</summary>
    public static List<FieldEntry> Read(JsonObject metadata)
    {
        List<FieldEntry> entries = [];
        foreach (JsonNode? entry in metadata["managedFields"] as JsonArray ?? [])
        {
            if (entry is JsonObject map && map["fieldsV1"] is JsonObject fields)
                entries.Add(new FieldEntry((string?)map["manager"] ?? "", (string?)map["operation"] ?? "Update", (string?)map["subresource"], (string?)map["time"], FieldSet.FromJson(fields)));
        }

        return entries;
    }

    /// <summary>Writes the entries.</summary>
    public static void Write(JsonObject metadata, IEnumerable<FieldEntry> entries, ResourceType type, string now)
    {
        JsonArray list = [];
        foreach (FieldEntry entry in entries.Where(static entry => entry.Fields.Count > 0))
        {
            JsonObject written = new()
            {
                ["apiVersion"] = type.ApiVersion,
                ["fieldsType"] = "FieldsV1",
                ["fieldsV1"] = FieldSet.ToJson(entry.Fields),
                ["manager"] = entry.Manager,
                ["operation"] = entry.Operation,
                ["time"] = entry.Time ?? now,
            };
            if (entry.Subresource is not null) written["subresource"] = entry.Subresource;
            list.Add((JsonNode)written);
        }

        metadata.Remove("managedFields");
        if (list.Count > 0) metadata["managedFields"] = list;
    }

    /// <summary>Records an ordinary write: what it changed is the writer's from now on, all of it when there was nothing before.</summary>
    public static void Changed(JsonObject metadata, JsonObject? before, JsonObject after, (string Manager, string? Subresource) by, ResourceType type, string now)
    {
        Dictionary<string, JsonNode?> old = before is null ? [] : FieldSet.Of(before, type);
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

        int own = entries.FindIndex(entry => entry.Manager == by.Manager && entry.Operation == "Update" && entry.Subresource == by.Subresource);
        if (own >= 0)
        {
            changed.UnionWith(entries[own].Fields);
            entries.RemoveAt(own);
        }

        entries.Add(new FieldEntry(by.Manager, "Update", by.Subresource, null, changed));
        Write(metadata, entries, type, now);
    }
}

/// <summary>The fields of one manager.</summary>
/// <param name="Manager">Its name.</param>
/// <param name="Operation"><c>Apply</c> or <c>Update</c>.</param>
/// <param name="Subresource">The subresource through which it wrote, or null.</param>
/// <param name="Time">When it wrote last; null = now.</param>
/// <param name="Fields">The paths of its fields.</param>
internal sealed record FieldEntry(string Manager, string Operation, string? Subresource, string? Time, HashSet<string> Fields)
{
    /// <summary>The manager as conflicts name it.</summary>
    public string Describe(ResourceType type) =>
        $"\"{Manager}\"{(Subresource is null ? "" : $" with subresource \"{Subresource}\"")}{(Operation == "Update" ? $" using {type.ApiVersion}" : "")}";
}
