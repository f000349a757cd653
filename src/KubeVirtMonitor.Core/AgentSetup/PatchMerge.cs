using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Adds entries to the list of a KubeVirt resource and removes them, without changing the others or their order. Makes no requests.</summary>
internal sealed class PatchMerge
{
    // An object of the API server may have 1.5 MB, and others need room in it too.
    private const int LongestText = 100_000;

    private readonly JsonObject _resource;
    private readonly PatchRecord _record;
    private readonly bool _hasList;
    private readonly bool _hasRecord;

    /// <summary>Looks at a resource.</summary>
    /// <exception cref="KubernetesException">Its spec is not what the API says.</exception>
    public PatchMerge(JsonObject resource)
    {
        _resource = resource;
        _record = PatchRecord.Read(resource);
        EarlierAgentNamespace = _record.AgentNamespace;
        _hasRecord = resource["metadata"]?["annotations"]?[PatchRecord.Annotation] is not null;
        JsonNode? custom = resource["spec"]?["customizeComponents"];
        JsonNode? list = (custom as JsonObject)?["patches"];
        if (custom is not (null or JsonObject) || list is not (null or JsonArray))
            throw new KubernetesException(KubernetesError.BadAnswer, "spec.customizeComponents of the KubeVirt resource does not have the structure of the API", "Look at it with 'kubectl get kubevirt -A -o yaml'.");
        _hasList = list is not null;
        Before = list?.AsArray().ToList() ?? [];
        After = [.. Before];
    }

    public PatchRecord Record => _record;

    /// <summary>The namespace of the Agent before; empty where none was recorded.</summary>
    public string EarlierAgentNamespace { get; }

    /// <summary>Whether an entry, whosever it is, has the Agent verify with authorities of its own.</summary>
    public bool NeedsAuthority => After.Any(static entry => JsonText.Of(entry?["patch"])?.Contains("tls_ca_cert", StringComparison.Ordinal) == true);

    public IReadOnlyList<JsonNode?> Before { get; }

    public List<JsonNode?> After { get; }

    public List<string> Warnings { get; } = [];

    /// <summary>Puts entries in. An equal one that is there stays where it is; an earlier one of this module for the same component is replaced in its place.</summary>
    public void Add(AgentPatch patch)
    {
        foreach (JsonObject entry in patch.Patches.Select(one => one.ToJson()))
        {
            if (PatchRecord.IndexOf(After, entry) >= 0) continue;
            int recorded = _record.Entries.FindIndex(other => IsSameTarget(other, entry));
            int place = recorded < 0 ? -1 : PatchRecord.IndexOf(After, _record.Entries[recorded]);
            if (place >= 0) After[place] = entry;
            else After.Add(entry);
            if (recorded >= 0) _record.Entries[recorded] = entry;
            else _record.Entries.Add(entry);
        }

        if (_record.Entries.Count == 0) return;
        if (!_hasRecord) _record.Made = _resource["spec"]?["customizeComponents"] is null ? "customizeComponents" : _hasList ? "" : "patches";
        if (!HyperConverged.Owns(_resource) && FieldOwnership.Others(_resource) is { Length: > 0 } owners)
        {
            _record.Owners.Clear();
            _record.Owners.AddRange(owners);
        }

        _record.AgentNamespace = patch.AgentNamespace;
        _record.AgentServiceAccount = patch.AgentServiceAccount;
    }

    /// <summary>Makes the entry of a component count before those of others: spaces after its text make it the longest, which is applied last.</summary>
    /// <param name="own">The patch of the component, which is in the list.</param>
    /// <param name="rivals">The places of the entries of others for the same annotations.</param>
    /// <exception cref="KubernetesException">It cannot be made to count.</exception>
    public void Outweigh(ComponentPatch own, IEnumerable<int> rivals)
    {
        if (PatchConflicts.Overruled(After, own) is not { } before) return;
        int place = PatchRecord.IndexOf(After, own.ToJson());
        int length = rivals.Select(rival => CustomizedAnnotations.Length(After[rival]) + 1).Append(CustomizedAnnotations.Length(After[place])).Max();
        if (length > LongestText)
            throw Lost($"{before}, and its text is too long to be overridden", "Shorten or remove that patch: virt-operator applies the longest text last.");
        if (PatchRecord.IndexOf([.. _record.Entries], own.ToJson()) < 0)
            throw Lost($"{before}, and the entry of {own} that would have to change was added by others", "Remove one of the two patches.");
        JsonObject entry = own.ToJson();
        entry["patch"] = own.Patch + new string(' ', length - CustomizedAnnotations.Length(entry));
        After[place] = entry;
        if (PatchConflicts.Overruled(After, own) is { } still)
            throw Lost(still, own.Annotations.Count > 1 ? "Create the patch with version 2 of the annotations, or remove that patch." : "Remove that patch.", own.Annotations.Count > 1 ? Setting.AnnotationVersion : null);
    }

    /// <summary>Takes out what this module put in.</summary>
    /// <param name="isWanted">Which of its entries; null = all.</param>
    public void Remove(Func<JsonObject, bool>? isWanted = null)
    {
        List<JsonObject> changed = [];
        foreach (JsonObject entry in _record.Entries.ToArray())
        {
            if (isWanted?.Invoke(entry) == false) continue;
            _record.Entries.Remove(entry);
            int place = PatchRecord.IndexOf(After, entry);
            if (place >= 0)
            {
                After.RemoveAt(place);
                continue;
            }

            changed.Add(entry);
            Warnings.Add($"The patch of {entry["resourceType"]} {entry["resourceName"]} is no longer as it was installed: somebody changed or removed it. The current content is kept.");
        }

        foreach (JsonObject entry in OfOthers().Where(entry => !changed.Exists(one => IsSameTarget(one, entry))))
            Warnings.Add($"The patch of {entry["resourceType"]} {entry["resourceName"]} puts annotations for the Agent on its pods, and was not added by this module but by others, such as kubectl patch or a Git tool. It stays until they remove it, and so does what it needs: the ClusterRoleBinding, and the ConfigMap of KubeVirt's authorities.");
    }

    /// <summary>The entries with annotations for the Agent that this module has not put in.</summary>
    public IEnumerable<JsonObject> OfOthers() => After.OfType<JsonObject>().Where(entry =>
        JsonText.Of(entry["patch"]) is { } patch && patch.Contains(DatadogCheck.Prefix, StringComparison.Ordinal) && PatchRecord.IndexOf([.. _record.Entries], entry) < 0);

    /// <summary>The workloads whose entries come, go or change, each once: virt-operator writes their templates anew.</summary>
    public IReadOnlyList<string> Changed() => [.. Before.Where(entry => !After.Exists(other => JsonNode.DeepEquals(other, entry)))
        .Concat(After.Where(entry => !Before.Any(other => JsonNode.DeepEquals(other, entry))))
        .OfType<JsonObject>()
        .Select(static entry => $"{entry["resourceType"]} {entry["resourceName"]}")
        .Distinct(StringComparer.Ordinal)];

    /// <summary>The merge patch that makes it so; null when all is as it should be.</summary>
    public JsonObject? ToMergePatch()
    {
        bool isSame = Before.Count == After.Count && Before.Zip(After).All(pair => JsonNode.DeepEquals(pair.First, pair.Second));
        string? record = _record.Entries.Count == 0 ? null : _record.Write();
        string? present = (string?)_resource["metadata"]?["annotations"]?[PatchRecord.Annotation];
        if (isSame && record == present) return null;
        JsonObject metadata = new() { ["annotations"] = new JsonObject { [PatchRecord.Annotation] = record } };
        if ((string?)_resource["metadata"]?["resourceVersion"] is { } version) metadata["resourceVersion"] = version;
        JsonObject patch = new() { ["metadata"] = metadata };
        if (!isSame) patch["spec"] = new JsonObject { ["customizeComponents"] = Component() };
        return patch;
    }

    private JsonObject? Component()
    {
        if (After.Count > 0 || _record.Made.Length == 0) return new JsonObject { ["patches"] = new JsonArray([.. After.Select(entry => entry?.DeepClone())]) };
        bool isAlone = _resource["spec"]!["customizeComponents"]!.AsObject().Count == 1;
        return _record.Made == "customizeComponents" && isAlone ? null : new JsonObject { ["patches"] = null };
    }

    private static KubernetesException Lost(string what, string advice, Setting? setting = null) => new(KubernetesError.Conflict, $"this patch cannot be made to take effect: {what}", advice) { Setting = setting };

    private static bool IsSameTarget(JsonObject left, JsonObject right) =>
        (string?)left["resourceType"] == (string?)right["resourceType"] && (string?)left["resourceName"] == (string?)right["resourceName"];
}

/// <summary>Finds patches of others that touch the annotations of a component's pods that this module sets, and determines which of them takes effect.</summary>
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
            if (after[key] != value) return $"{Who(after.SetterOf(key))} sets {key} last";
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

    private static bool Matches(JsonNode? asked, string name) => JsonText.Of(asked) is { } text && (text == "*" || text.Equals(name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>A patch of others that sets the same annotations.</summary>
/// <param name="Place">Its place in the list.</param>
/// <param name="Text">What it does, as the middle of a sentence.</param>
internal readonly record struct PatchConflict(int Place, string Text);
