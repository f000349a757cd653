using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Finds patches of others that touch the annotations of a component's pods that this module sets, and tells which of them counts in the end.</summary>
internal static class PatchConflicts
{
    /// <summary>Entries of others that set annotations of the component's checks, whichever counts in the end, or remove them again.</summary>
    /// <param name="entries">The list of the resource.</param>
    /// <param name="own">The patch of this module.</param>
    /// <param name="record">What this module put in.</param>
    public static IEnumerable<PatchConflict> Find(IReadOnlyList<JsonNode?> entries, ComponentPatch own, PatchRecord record)
    {
        JsonObject mine = AnnotationsOf(own);
        int place = PatchRecord.IndexOf(entries, own.ToJson());
        int length = CustomizedAnnotations.Length(place < 0 ? own.ToJson() : entries[place]);
        for (int i = 0; i < entries.Count; i++)
        {
            if (entries[i] is not JsonObject entry || !Targets(entry, own) || IsOwn(entry, own, record)) continue;
            JsonObject after = CustomizedAnnotations.After([entry], static _ => true, mine).Values;
            string[] set = [.. after.Where(one => IsOfContainer(one.Key, own) && !JsonNode.DeepEquals(one.Value, mine[one.Key])).Select(one => one.Key)];
            // Who clears the annotations before this patch is applied takes nothing from it.
            bool isLater = CustomizedAnnotations.Length(entry) is int other && (other > length || (other == length && place >= 0 && i > place));
            string[] removed = isLater ? [.. mine.Where(one => !after.ContainsKey(one.Key)).Select(one => one.Key)] : [];
            string[] words = [.. set.Length > 0 ? [$"sets {string.Join(", ", set)}"] : Array.Empty<string>(), .. removed.Length > 0 ? [$"removes {string.Join(", ", removed)}"] : Array.Empty<string>()];
            if (words.Length > 0) yield return new PatchConflict(i, $"patch {i} of {own} {string.Join(" and ", words)}");
        }
    }

    /// <summary>Why what this module sets does not arrive at the pods, since another entry has the last word; null = it does.</summary>
    public static string? Overruled(IReadOnlyList<JsonNode?> entries, ComponentPatch own)
    {
        CustomizedAnnotations after = CustomizedAnnotations.After(entries, entry => Targets(entry, own));
        foreach ((string key, string value) in own.Annotations)
        {
            if (after[key] != value) return $"{Who(after.SetterOf(key))} has the last word about {key}";
        }

        string checks = $"{DatadogCheck.Prefix}{own.ResourceName}.checks";
        return after[checks] is not null && !own.Annotations.ContainsKey(checks)
            ? $"{Who(after.SetterOf(checks))} sets {checks}, and the Agent then reads none of check_names, init_configs and instances"
            : null;
    }

    /// <summary>The place of an entry of an unknown kind, at which virt-operator gives up; null = there is none.</summary>
    public static int? Stuck(IReadOnlyList<JsonNode?> entries, ComponentPatch own) => CustomizedAnnotations.After(entries, entry => Targets(entry, own)).Stuck;

    /// <summary>Whether an entry is for the deployment or daemon set of a patch. KubeVirt takes * for all, and any case.</summary>
    public static bool Targets(JsonObject entry, ComponentPatch own) =>
        Matches(entry["resourceType"], own.ResourceType) && Matches(entry["resourceName"], own.ResourceName);

    private static bool IsOwn(JsonObject entry, ComponentPatch own, PatchRecord record) =>
        PatchRecord.IndexOf([.. record.Entries], entry) >= 0 || PatchRecord.IsSame(entry, own.ToJson());

    private static string Who(int? place) => place is { } known ? $"patch {known}" : "the template";

    private static bool IsOfContainer(string key, ComponentPatch own) => key.StartsWith($"{DatadogCheck.Prefix}{own.ResourceName}.", StringComparison.Ordinal);

    private static JsonObject AnnotationsOf(ComponentPatch own)
    {
        JsonObject annotations = [];
        foreach ((string key, string value) in own.Annotations) annotations[key] = value;
        return annotations;
    }

    private static bool Matches(JsonNode? asked, string name) => CustomizedAnnotations.TextOf(asked) is { } text && (text == "*" || text.Equals(name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>A patch of others that touches the same annotations.</summary>
/// <param name="Place">Its place in the list.</param>
/// <param name="Text">What it does, as the middle of a sentence.</param>
internal readonly record struct PatchConflict(int Place, string Text);
