using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>What virt-operator makes of the annotations of a component's pods, entry by entry of <c>spec.customizeComponents.patches</c>. Makes no requests.</summary>
/// <remarks>
/// virt-operator sorts the entries by the length of their text in bytes before it applies them, the shortest first, and entries of one length in the order
/// of the list (KubeVirt, pkg/virt-operator/resource/apply/patches.go, <c>getHash</c>). What is applied last counts, and that is the longest text.
/// Steps of JSON patches that reach outside the annotations are passed over: the rest of the template is not known here.
/// </remarks>
internal sealed class CustomizedAnnotations
{
    /// <summary>Where the annotations of its pods stand in a Deployment or DaemonSet.</summary>
    public static readonly string[] Path = ["spec", "template", "metadata", "annotations"];

    private readonly Dictionary<string, int> _setters = new(StringComparer.Ordinal);

    private CustomizedAnnotations(JsonObject values) => Values = values;

    /// <summary>The annotations in the end; of those of the template itself, only what was given.</summary>
    public JsonObject Values { get; private set; }

    /// <summary>An entry that virt-operator cannot apply, at which it gives up with all components; null = none is seen.</summary>
    public int? Stuck { get; private set; }

    /// <summary>Applies entries in virt-operator's order.</summary>
    /// <param name="entries">The list of the resource; an entry is named by its place in it.</param>
    /// <param name="isFor">Whether an entry is for the component.</param>
    /// <param name="before">The annotations before.</param>
    public static CustomizedAnnotations After(IReadOnlyList<JsonNode?> entries, Func<JsonObject, bool> isFor, JsonObject? before = null)
    {
        CustomizedAnnotations result = new(before?.DeepClone().AsObject() ?? []);
        foreach (int place in Enumerable.Range(0, entries.Count).Where(place => entries[place] is JsonObject entry && isFor(entry)).OrderBy(place => Length(entries[place])))
            result.Apply((JsonObject)entries[place]!, place);
        return result;
    }

    /// <summary>The length by which virt-operator sorts.</summary>
    public static int Length(JsonNode? entry) => Encoding.UTF8.GetByteCount(JsonText.Of(entry?["patch"]) ?? "");

    /// <summary>The place of the entry that had the last word about an annotation; null = none had a word.</summary>
    public int? SetterOf(string key) => _setters.TryGetValue(key, out int place) ? place : null;

    /// <summary>The value of an annotation; null = it is not there.</summary>
    public string? this[string key] => JsonText.Of(Values[key]);

    private void Apply(JsonObject entry, int place)
    {
        JsonObject tree = new() { [Path[0]] = new JsonObject { [Path[1]] = new JsonObject { [Path[2]] = new JsonObject { [Path[3]] = Values.DeepClone() } } } };
        JsonNode? patch;
        try
        {
            patch = JsonText.Parse(JsonText.Of(entry["patch"]) ?? "null");
        }
        catch (JsonException)
        {
            Stuck ??= place;
            return;
        }

        JsonNode? after = (JsonText.Of(entry["type"]), patch) switch
        {
            ("strategic", JsonObject merge) => Merge(tree, merge, isStrategic: true),
            ("merge", JsonObject merge) => Merge(tree, merge, isStrategic: false),
            ("json", JsonArray steps) => Steps(tree, steps),
            _ => null,
        };
        if (after is null)
        {
            Stuck ??= place;
            return;
        }

        JsonObject values = JsonText.At(after, Path) as JsonObject ?? [];
        foreach (string key in Values.Concat(values).Select(one => one.Key).Distinct(StringComparer.Ordinal).ToArray())
        {
            if (Values.ContainsKey(key) != values.ContainsKey(key) || !JsonNode.DeepEquals(Values[key], values[key])) _setters[key] = place;
        }

        Values = (JsonObject)values.DeepClone();
    }

    private static JsonObject Merge(JsonObject target, JsonObject patch, bool isStrategic)
    {
        JsonObject merged = (JsonObject)target.DeepClone();
        if (isStrategic)
        {
            switch (JsonText.Of(patch["$patch"]))
            {
                case "delete":
                    return [];
                case "replace":
                    merged = [];
                    break;
            }

            if (patch["$retainKeys"] is JsonArray kept)
            {
                foreach (string key in merged.Select(one => one.Key).Except(kept.Select(one => JsonText.Of(one) ?? ""), StringComparer.Ordinal).ToArray()) merged.Remove(key);
            }
        }

        foreach ((string key, JsonNode? value) in patch)
        {
            if (isStrategic && key.StartsWith('$')) continue;
            if (value is null) merged.Remove(key);
            else if (value is JsonObject below) merged[key] = Merge(merged[key] as JsonObject ?? [], below, isStrategic);
            else merged[key] = value.DeepClone();
        }

        return merged;
    }

    private static JsonNode? Steps(JsonNode tree, JsonArray steps)
    {
        foreach (JsonNode? step in steps)
        {
            string[] path = Pointer(step?["path"]);
            string[] from = Pointer(step?["from"]);
            switch (JsonText.Of(step?["op"]))
            {
                case "add" or "replace":
                    tree = Put(tree, path, step!["value"]?.DeepClone());
                    break;
                case "remove":
                    tree = Put(tree, path, null);
                    break;
                case "copy" or "move":
                    // What stands elsewhere in the template is not known, only that it is something else.
                    JsonNode moved = IsNear(from) ? JsonText.At(tree, from)?.DeepClone() ?? "" : JsonValue.Create($"(of {string.Join('/', from)})");
                    if (JsonText.Of(step?["op"]) == "move") tree = Put(tree, from, null);
                    tree = Put(tree, path, moved);
                    break;
                case "test":
                    break;
                default:
                    return null;
            }
        }

        return tree;
    }

    // A place above the annotations, the annotations themselves, or one of them.
    private static bool IsNear(string[] path) => path.Length <= Path.Length + 1 && path.Zip(Path).All(pair => pair.First == pair.Second);

    private static JsonNode Put(JsonNode tree, string[] path, JsonNode? value)
    {
        if (!IsNear(path)) return tree;
        if (path.Length == 0) return value ?? new JsonObject();
        JsonNode place = tree;
        foreach (string name in path[..^1])
        {
            if (place[name] is not JsonObject) place[name] = new JsonObject();
            place = place[name]!;
        }

        if (value is null) place.AsObject().Remove(path[^1]);
        else place[path[^1]] = value;
        return tree;
    }

    private static string[] Pointer(JsonNode? node) => JsonText.Of(node) is { Length: > 0 } text
        ? [.. text.Split('/').Skip(1).Select(static part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))]
        : [];
}

/// <summary>Who owns <c>spec.customizeComponents.patches</c>, as the API server notes it in <c>metadata.managedFields</c> for server-side apply.</summary>
/// <remarks>
/// The list is atomic: it has one owner as a whole, and whoever changes it takes it from the one before. An owner that is done has to be taken off the
/// notes by a change of managedFields alone, as kubectl does it when it moves a resource to server-side apply; a change that also touches the list would
/// make its author the owner again.
/// </remarks>
internal static class FieldOwnership
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    private static readonly string[] Path = ["f:spec", "f:customizeComponents", "f:patches"];

    /// <summary>The owners of the list other than this module: objects with <c>manager</c> and <c>operation</c>.</summary>
    public static JsonObject[] Others(JsonObject resource) => [.. Entries(resource)
        .Where(entry => !IsOwn(entry) && JsonText.At(entry["fieldsV1"], Path) is not null)
        .Select(entry => new JsonObject { ["manager"] = entry["manager"]?.DeepClone(), ["operation"] = entry["operation"]?.DeepClone() })];

    /// <summary>Whether this module owns anything of a resource.</summary>
    public static bool IsOwner(JsonObject resource) => Entries(resource).Any(IsOwn);

    /// <summary>What should be known of tools that keep the list under their own control; null = there is none.</summary>
    public static string? Warning(JsonObject resource)
    {
        string[] appliers = [.. Others(resource).Where(owner => (string?)owner["operation"] == "Apply").Select(owner => $"{owner["manager"]} (server-side apply)"), .. IsLastApplied(resource) ? ["kubectl apply"] : Array.Empty<string>()];
        return appliers.Length == 0
            ? null
            : $"spec.customizeComponents.patches is also written by {string.Join(" and ", appliers)}: its next run removes these entries again, or fails with a conflict. Add them to what it applies instead; use the form KustomizePatch of the patch.";
    }

    /// <summary>The notes without this module.</summary>
    /// <param name="owners">Who owned the list before this module did, and gets it back.</param>
    public static JsonArray Without(JsonObject resource, IReadOnlyList<JsonObject> owners)
    {
        List<JsonObject> kept = [.. Entries(resource).Where(entry => !IsOwn(entry)).Select(entry => entry.DeepClone().AsObject())];
        if (resource["spec"]?["customizeComponents"]?["patches"] is JsonArray)
        {
            foreach (JsonObject owner in owners) Give(kept, owner, (string?)resource["apiVersion"]);
        }

        // The server takes an empty list for one that was forgotten, and keeps what it has; an empty entry is how it is told that nobody owns anything.
        return kept.Count == 0 ? [new JsonObject()] : [.. kept];
    }

    private static void Give(List<JsonObject> entries, JsonObject owner, string? version)
    {
        JsonObject? entry = entries.Find(one => JsonText.Of(one["manager"]) == JsonText.Of(owner["manager"]) && JsonText.Of(one["operation"]) == JsonText.Of(owner["operation"]) && one["subresource"] is null);
        if (entry is null)
        {
            entry = new JsonObject { ["manager"] = owner["manager"]?.DeepClone(), ["operation"] = owner["operation"]?.DeepClone(), ["apiVersion"] = version, ["fieldsType"] = "FieldsV1" };
            entries.Add(entry);
        }

        JsonNode place = entry;
        foreach (string name in Path.Prepend("fieldsV1"))
        {
            if (place[name] is not JsonObject) place[name] = new JsonObject();
            place = place[name]!;
        }
    }

    private static bool IsLastApplied(JsonObject resource) =>
        JsonText.Of(resource["metadata"]?["annotations"]?[LastApplied]) is { } text && JsonText.At(JsonText.ObjectOf(text), "spec", "customizeComponents", "patches") is JsonArray;

    private static IEnumerable<JsonObject> Entries(JsonObject resource) => (resource["metadata"]?["managedFields"] as JsonArray ?? []).OfType<JsonObject>();

    private static bool IsOwn(JsonObject entry) => JsonText.Of(entry["manager"]) == AgentAccess.Manager;
}
