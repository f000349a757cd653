using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Server-side apply: a manager says which fields it wants; fields of others with another value are conflicts; fields it no longer wants go.</summary>
internal static class ServerSideApply
{
    /// <summary>Applies a configuration to an object in place; the managed fields are kept with it.</summary>
    /// <exception cref="ApiException">409: another manager has set a field to another value, and force is not given.</exception>
    public static void Apply(JsonObject target, JsonObject configuration, string manager, bool force, ResourceType type, string now)
    {
        if (configuration["metadata"] is JsonObject { } sent && sent["managedFields"] is not null) throw ApiErrors.BadRequest("metadata.managedFields must be nil");
        Dictionary<string, JsonNode?> wanted = FieldSet.Of(configuration, type);
        Dictionary<string, JsonNode?> present = FieldSet.Of(target, type);
        JsonObject metadata = (JsonObject)target["metadata"]!;
        var entries = FieldOwnership.Read(metadata);
        int own = entries.FindIndex(entry => entry.Manager == manager && entry.Operation == "Apply");
        List<(string Manager, string Field)> conflicts = [];
        for (int i = 0; i < entries.Count; i++)
        {
            if (i == own) continue;
            foreach (string field in entries[i].Fields.Where(wanted.ContainsKey).ToArray())
            {
                if (present.TryGetValue(field, out JsonNode? value) && JsonNode.DeepEquals(value, wanted[field])) continue;
                if (force) entries[i].Fields.Remove(field);
                else conflicts.Add((entries[i].Describe(type), field));
            }
        }

        if (conflicts.Count > 0) throw Conflict(conflicts);
        HashSet<string> before = own < 0 ? [] : entries[own].Fields;
        foreach (string field in before.Where(field => !wanted.ContainsKey(field)))
        {
            if (!entries.Where((_, index) => index != own).Any(entry => entry.Fields.Contains(field))) Remove(target, FieldSet.Steps(field), 0);
        }

        foreach ((string field, JsonNode? value) in wanted) Set(target, FieldSet.Steps(field), value);
        if (own >= 0) entries.RemoveAt(own);
        entries.Insert(0, new FieldEntry(manager, "Apply", null, null, [.. wanted.Keys]));
        FieldOwnership.Write(metadata, entries, type, now);
    }

    private static ApiException Conflict(List<(string Manager, string Field)> conflicts)
    {
        string list = string.Join("\n", conflicts.GroupBy(conflict => conflict.Manager).Select(group => $"conflicts with {group.Key}:\n{string.Join("\n", group.Select(each => "- " + FieldSet.Describe(each.Field)))}"));
        string message = conflicts.Count == 1
            ? $"Apply failed with 1 conflict: conflict with {conflicts[0].Manager}: {FieldSet.Describe(conflicts[0].Field)}"
            : $"Apply failed with {conflicts.Count} conflicts: {list}";
        return new ApiException(new ApiStatus(409, "Conflict", message)
        {
            Causes = [.. conflicts.Select(conflict => ("FieldManagerConflict", $"conflict with {conflict.Manager}", (string?)FieldSet.Describe(conflict.Field)))],
        });
    }

    private static void Set(JsonObject target, string[] steps, JsonNode? value)
    {
        JsonObject at = target;
        for (int i = 0; i < steps.Length; i++)
        {
            string name = steps[i][2..];
            if (i == steps.Length - 1)
            {
                at[name] = value?.DeepClone();
                return;
            }

            if (steps[i + 1].StartsWith("k:", StringComparison.Ordinal))
            {
                if (at[name] is not JsonArray list) at[name] = list = [];
                JsonObject identity = (JsonObject)JsonNode.Parse(steps[++i][2..])!;
                JsonObject? element = Find(list, identity);
                if (element is null)
                {
                    element = (JsonObject)identity.DeepClone();
                    list.Add((JsonNode)element);
                }

                at = element;
            }
            else
            {
                if (at[name] is not JsonObject next) at[name] = next = [];
                at = next;
            }
        }
    }

    /// <summary>Removes a field, and what becomes empty by that.</summary>
    private static void Remove(JsonObject at, string[] steps, int index)
    {
        string name = steps[index][2..];
        if (index == steps.Length - 1)
        {
            at.Remove(name);
            return;
        }

        if (at[name] is JsonArray list && steps[index + 1].StartsWith("k:", StringComparison.Ordinal))
        {
            JsonObject identity = (JsonObject)JsonNode.Parse(steps[index + 1][2..])!;
            if (Find(list, identity) is not { } element) return;
            if (index + 2 < steps.Length) Remove(element, steps, index + 2);
            if (element.Count == 0) list.Remove(element);
        }
        else if (at[name] is JsonObject inner)
        {
            Remove(inner, steps, index + 1);
            if (inner.Count == 0) at.Remove(name);
        }
    }

    private static JsonObject? Find(JsonArray list, JsonObject identity) =>
        list.OfType<JsonObject>().FirstOrDefault(item => identity.All(pair => JsonNode.DeepEquals(item[pair.Key], pair.Value)));
}
