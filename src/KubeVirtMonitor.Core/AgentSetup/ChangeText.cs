using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Writes a change so that a person can judge it.</summary>
internal static class ChangeText
{
    public static string Of(JsonObject resource, PatchMerge merge, string? access)
    {
        StringBuilder text = new();
        text.Append("KubeVirt ").Append(resource["metadata"]!["namespace"]).Append('/').Append(resource["metadata"]!["name"]).Append(", spec.customizeComponents.patches:\n");
        foreach (JsonNode? entry in merge.Before)
        {
            bool stays = entry is null || PatchRecord.IndexOf(merge.After, entry) >= 0;
            Entry(text, stays ? ' ' : '-', entry, isWhole: !stays);
        }

        foreach (JsonNode? entry in merge.After)
        {
            if (entry is not null && PatchRecord.IndexOf(merge.Before, entry) < 0) Entry(text, '+', entry, isWhole: true);
        }

        if (merge.Before.Count + merge.After.Count == 0) text.Append("  (none)\n");
        if (access is not null) text.Append(access).Append('\n');
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
