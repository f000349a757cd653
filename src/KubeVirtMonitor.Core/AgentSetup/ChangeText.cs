using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Writes a change so that a person can judge it.</summary>
internal static class ChangeText
{
    public static string Of(JsonObject resource, PatchMerge merge, params string?[] more)
    {
        StringBuilder text = new();
        text.Append("KubeVirt ").Append(resource["metadata"]!["namespace"]).Append('/').Append(resource["metadata"]!["name"]).Append(", spec.customizeComponents.patches:\n");
        foreach (JsonNode? entry in merge.Before)
        {
            bool stays = entry is null || merge.After.Any(one => JsonNode.DeepEquals(one, entry));
            Entry(text, stays ? ' ' : '-', entry, isWhole: !stays);
        }

        foreach (JsonNode? entry in merge.After)
        {
            if (entry is not null && !merge.Before.Any(one => JsonNode.DeepEquals(one, entry))) Entry(text, '+', entry, isWhole: true);
        }

        if (merge.Before.Count + merge.After.Count == 0) text.Append("  (none)\n");
        foreach (string line in more.OfType<string>()) text.Append(line).Append('\n');
        return text.ToString().TrimEnd('\n');
    }

    private static void Entry(StringBuilder text, char sign, JsonNode? entry, bool isWhole)
    {
        text.Append(sign).Append(' ').Append(entry?["resourceType"]).Append(' ').Append(entry?["resourceName"]).Append(" (").Append(entry?["type"]).Append(")\n");
        if (!isWhole) return;
        foreach ((string key, string value) in AnnotationsOf(entry)) text.Append(sign).Append("   ").Append(key).Append(": ").Append(value).Append('\n');
    }

    private static IEnumerable<(string Key, string Value)> AnnotationsOf(JsonNode? entry)
    {
        JsonNode? patch;
        try
        {
            patch = JsonNode.Parse((string?)entry?["patch"] ?? "null");
        }
        catch (JsonException)
        {
            yield break;
        }

        if (patch?["spec"]?["template"]?["metadata"]?["annotations"] is not JsonObject annotations) yield break;
        foreach ((string key, JsonNode? value) in annotations) yield return (key, value?.ToString() ?? "");
    }
}
