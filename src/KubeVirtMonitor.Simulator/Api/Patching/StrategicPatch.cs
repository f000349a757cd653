using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Strategic merge patch of built-in objects: merge patch, with lists that merge by key, and the <c>$</c> directives.</summary>
/// <param name="kind">The kind of the object.</param>
internal sealed class StrategicPatch(string kind)
{
    private const string Directive = "$patch";
    private const string DeletePrefix = "$deleteFromPrimitiveList/";
    private const string OrderPrefix = "$setElementOrder/";
    private const string RetainKeys = "$retainKeys";

    /// <summary>Applies a patch to an object in place.</summary>
    /// <exception cref="ApiException">422: an element of a merging list lacks its key.</exception>
    public void Apply(JsonObject target, JsonObject patch) => Apply(target, patch, "");

    private void Apply(JsonObject target, JsonObject patch, string path)
    {
        switch ((string?)patch[Directive])
        {
            case "replace":
                target.Clear();
                break;
            case "delete":
                target.Clear();
                return;
        }

        if (patch[RetainKeys] is JsonArray retained)
        {
            HashSet<string> kept = [.. retained.Select(key => (string)key!)];
            foreach ((string key, _) in target.ToArray())
            {
                if (!kept.Contains(key)) target.Remove(key);
            }
        }

        foreach ((string key, JsonNode? value) in patch)
        {
            if (key is Directive or RetainKeys) continue;
            if (key.StartsWith(DeletePrefix, StringComparison.Ordinal)) RemoveValues(target, key[DeletePrefix.Length..], value);
            else if (!key.StartsWith(OrderPrefix, StringComparison.Ordinal)) Set(target, key, value, $"{path}.{key}");
        }

        foreach ((string key, JsonNode? value) in patch)
        {
            if (key.StartsWith(OrderPrefix, StringComparison.Ordinal)) Order(target, key[OrderPrefix.Length..], value, path);
        }
    }

    private void Set(JsonObject target, string key, JsonNode? value, string path)
    {
        switch (value)
        {
            case null:
                target.Remove(key);
                break;
            case JsonObject map:
                if (target[key] is not JsonObject present)
                {
                    if ((string?)map[Directive] == "delete") break;
                    target[key] = present = [];
                }
                else if ((string?)map[Directive] == "delete")
                {
                    target.Remove(key);
                    break;
                }

                Apply(present, map, path);
                break;
            case JsonArray list when MergeKeys.Of(key, kind, path) is { } mergeKey && list.All(item => item is JsonObject):
                if (target[key] is not JsonArray items) target[key] = items = [];
                MergeList(items, list, mergeKey, path);
                break;
            case JsonArray list when MergeKeys.IsSet(key):
                if (target[key] is not JsonArray values) target[key] = values = [];
                foreach (JsonNode? item in list)
                {
                    if (!values.Any(each => JsonNode.DeepEquals(each, item))) values.Add(item?.DeepClone());
                }

                break;
            default:
                target[key] = value.DeepClone();
                break;
        }
    }

    private void MergeList(JsonArray items, JsonArray patches, string mergeKey, string path)
    {
        if (patches.Any(each => (string?)each![Directive] == "replace" && each[mergeKey] is null)) items.Clear();
        foreach (JsonNode? each in patches)
        {
            JsonObject patch = (JsonObject)each!;
            string? directive = (string?)patch[Directive];
            if (patch[mergeKey] is not { } wanted)
            {
                if (directive == "replace") continue;
                throw new ApiException(new ApiStatus(422, "Invalid", $"map: {patch.ToJsonString()} does not contain declared merge key: {mergeKey}"));
            }

            JsonObject? found = items.OfType<JsonObject>().FirstOrDefault(item => JsonNode.DeepEquals(item[mergeKey], wanted));
            if (directive == "delete")
            {
                if (found is not null) items.Remove(found);
                continue;
            }

            if (found is null)
            {
                found = [];
                items.Add((JsonNode)found);
            }

            Apply(found, patch, path);
        }
    }

    private static void RemoveValues(JsonObject target, string key, JsonNode? values)
    {
        if (target[key] is not JsonArray items || values is not JsonArray gone) return;
        for (int i = items.Count - 1; i >= 0; i--)
        {
            if (gone.Any(value => JsonNode.DeepEquals(value, items[i]))) items.RemoveAt(i);
        }
    }

    private void Order(JsonObject target, string key, JsonNode? order, string path)
    {
        if (target[key] is not JsonArray items || order is not JsonArray wanted) return;
        string? mergeKey = MergeKeys.Of(key, kind, $"{path}.{key}");
        int Rank(JsonNode? item)
        {
            for (int i = 0; i < wanted.Count; i++)
            {
                bool same = mergeKey is not null && item is JsonObject map && wanted[i] is JsonObject place
                    ? JsonNode.DeepEquals(map[mergeKey], place[mergeKey])
                    : JsonNode.DeepEquals(item, wanted[i]);
                if (same) return i;
            }

            return int.MaxValue;
        }

        JsonNode?[] sorted = [.. items.OrderBy(Rank)];
        items.Clear();
        foreach (JsonNode? item in sorted) items.Add(item);
    }
}
