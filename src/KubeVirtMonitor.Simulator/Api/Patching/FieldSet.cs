using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// The fields that a configuration sets, as paths of <c>f:name</c> and <c>k:{"name":"x"}</c> steps as in <c>fieldsV1</c>.
/// Lists that merge by key have a step for each element; all other lists are one field.
/// </summary>
internal static class FieldSet
{
    private const char Separator = '\u001f';

    private static readonly string[] Outside = ["apiVersion", "kind"];
    private static readonly string[] OutsideMetadata = ["name", "namespace", "uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink"];

    /// <summary>The leaf fields of a configuration with their values.</summary>
    public static Dictionary<string, JsonNode?> Of(JsonObject configuration, ResourceType type)
    {
        Dictionary<string, JsonNode?> fields = new(StringComparer.Ordinal);
        foreach ((string key, JsonNode? value) in configuration)
        {
            if (Outside.Contains(key)) continue;
            if (key == "metadata" && value is JsonObject metadata)
            {
                foreach ((string name, JsonNode? inner) in metadata)
                {
                    if (!OutsideMetadata.Contains(name)) Collect(fields, $"f:metadata{Separator}f:{name}", name, inner, type);
                }

                continue;
            }

            Collect(fields, $"f:{key}", key, value, type);
        }

        return fields;
    }

    /// <summary>Paths as the nested map of <c>fieldsV1</c>.</summary>
    public static JsonObject ToJson(IEnumerable<string> paths)
    {
        JsonObject root = [];
        foreach (string path in paths.Order(StringComparer.Ordinal))
        {
            JsonObject at = root;
            foreach (string step in path.Split(Separator))
            {
                if (at[step] is not JsonObject next) at[step] = next = [];
                at = next;
            }
        }

        return root;
    }

    /// <summary>The paths of a <c>fieldsV1</c>.</summary>
    public static HashSet<string> FromJson(JsonObject fields)
    {
        HashSet<string> paths = new(StringComparer.Ordinal);
        void Walk(JsonObject at, string prefix)
        {
            foreach ((string step, JsonNode? inner) in at)
            {
                string path = prefix.Length == 0 ? step : prefix + Separator + step;
                if (inner is JsonObject { Count: > 0 } map) Walk(map, path);
                else paths.Add(path);
            }
        }

        Walk(fields, "");
        return paths;
    }

    /// <summary>The steps of a path.</summary>
    public static string[] Steps(string path) => path.Split(Separator);

    /// <summary>A path as conflict messages have it: <c>.spec.template.spec.containers[name="a"].image</c>.</summary>
    public static string Describe(string path)
    {
        System.Text.StringBuilder text = new();
        foreach (string step in Steps(path))
        {
            if (step.StartsWith("f:", StringComparison.Ordinal)) text.Append('.').Append(step.AsSpan(2));
            else text.Append('[').Append(string.Join(',', ((JsonObject)JsonNode.Parse(step[2..])!).Select(pair => $"{pair.Key}={pair.Value!.ToJsonString()}"))).Append(']');
        }

        return text.ToString();
    }

    private static void Collect(Dictionary<string, JsonNode?> fields, string path, string field, JsonNode? value, ResourceType type)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } map:
                foreach ((string key, JsonNode? inner) in map) Collect(fields, $"{path}{Separator}f:{key}", key, inner, type);
                break;
            case JsonArray { Count: > 0 } list when !type.Custom && MergeKeys.Of(field, type.Kind, path) is { } mergeKey && list.All(item => item?[mergeKey] is not null):
                foreach (JsonNode? item in list)
                {
                    JsonObject identity = new() { [mergeKey] = item![mergeKey]!.DeepClone() };
                    string element = $"{path}{Separator}k:{identity.ToJsonString(JsonText.Options)}";
                    foreach ((string key, JsonNode? inner) in (JsonObject)item) Collect(fields, $"{element}{Separator}f:{key}", key, inner, type);
                }

                break;
            default:
                fields[path] = value;
                break;
        }
    }
}
