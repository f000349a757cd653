using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Creates, changes and deletes objects, with the checks and the bookkeeping of a real API server.</summary>
internal sealed partial class ObjectWriter(ResourceStore store, ApiServerOptions options, TimeProvider time)
{
    private const string SuffixLetters = "bcdfghjklmnpqrstvwxz2456789";

    private readonly IAdmissionRule[] _rules = [new KubeVirtWebhooks(), .. options.HyperConverged ? [new HyperConvergedWebhook(store)] : Array.Empty<IAdmissionRule>(), .. options.Admission];

    public ApiObject Create(ResourceCollection collection, string? space, JsonObject sent, WriteOptions write)
    {
        ResourceType type = collection.Type;
        CheckKind(type, sent);
        JsonObject made = (JsonObject)sent.DeepClone();
        JsonObject metadata = Child(made, "metadata");
        CheckNamespace(type, space, metadata);
        CheckFields(type, made, write);
        string name = NameOf(type, metadata);
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Now();
        if (type.Custom || made["spec"] is not null) metadata["generation"] = 1;
        if (type.HasStatus && type.Custom) made.Remove("status");
        Track(metadata, made, null, write, type);
        Admit(new AdmissionRequest("create", type, null, made, null, write.User, write.Strict), write);
        lock (store.Gate)
        {
            if (collection.Find(space, name) is not null) throw ApiErrors.AlreadyExists(type, name);
            if (type.Namespaced && store["", "namespaces"].Find(null, space!) is null) throw ApiErrors.NotFound(store["", "namespaces"].Type, space!);
            if (write.DryRun) return ApiObject.From(type, made, store.Version);
            ApiObject added = ApiObject.From(type, made, store.NextVersion());
            collection.Put(added);
            if (VirtController.Settle(type, made, time.GetUtcNow()) is { } settled) collection.Put(ApiObject.From(type, settled, store.NextVersion()));
            return added;
        }
    }

    /// <summary>Changes an object by a function from what it is to what it shall be.</summary>
    public ApiObject Update(ResourceCollection collection, string? space, string name, string? subresource, WriteOptions write, Func<JsonObject, JsonObject> change)
    {
        ResourceType type = collection.Type;
        while (true)
        {
            ApiObject present = collection.Find(space, name) ?? throw ApiErrors.NotFound(type, name);
            JsonObject before = present.ToJson();
            JsonObject after = change((JsonObject)before.DeepClone());
            CheckKind(type, after);
            JsonObject metadata = after["metadata"] as JsonObject ?? throw ApiErrors.BadRequest("the object provided has no metadata");
            if ((string?)metadata["name"] != name) throw ApiErrors.BadRequest($"the name of the object ({metadata["name"]}) does not match the name on the URL ({name})");
            if (metadata["resourceVersion"] is { } version && (string?)version is { Length: > 0 } text && text != present.Version.ToString(CultureInfo.InvariantCulture)) throw ApiErrors.Modified(type, name);
            CheckNamespace(type, space, metadata);
            CheckFields(type, after, write);
            Keep(type, subresource, before, after, metadata);
            if (!JsonNode.DeepEquals(before["spec"], after["spec"]) && before["metadata"]!["generation"] is { } generation) metadata["generation"] = (long)generation + 1;
            Track(metadata, after, before, write, type);
            Admit(new AdmissionRequest("update", type, subresource, after, before, write.User, write.Strict), write);
            lock (store.Gate)
            {
                if (!ReferenceEquals(collection.Find(space, name), present)) continue;
                if (Same(before, after)) return present;
                if (write.DryRun) return ApiObject.From(type, after, present.Version);
                ApiObject changed = ApiObject.From(type, after, store.NextVersion());
                collection.Put(changed);
                return changed;
            }
        }
    }

    public ApiObject Delete(ResourceCollection collection, string? space, string name, WriteOptions write)
    {
        ApiObject present = collection.Find(space, name) ?? throw ApiErrors.NotFound(collection.Type, name);
        Admit(new AdmissionRequest("delete", collection.Type, null, null, present.ToJson(), write.User, write.Strict), write);
        if (write.DryRun) return present;
        lock (store.Gate)
        {
            present = collection.Find(space, name) ?? throw ApiErrors.NotFound(collection.Type, name);
            ApiObject last = ApiObject.From(collection.Type, present.ToJson(), store.NextVersion());
            collection.Remove(present, last);
            return last;
        }
    }

    private void Admit(AdmissionRequest request, WriteOptions write)
    {
        foreach (IAdmissionRule rule in _rules)
        {
            if (rule.Review(request) is { } refused) throw new ApiException(refused);
        }

        write.Warnings.AddRange(request.Warnings.Except(write.Warnings));
    }

    /// <summary>Drops unknown fields, and says so, or refuses them.</summary>
    private static void CheckFields(ResourceType type, JsonObject item, WriteOptions write)
    {
        if (write.Subresource is not null || KubeVirtSchema.Prune(type, item) is not { Count: > 0 } unknown) return;
        string[] words = [.. unknown.Select(static field => $"unknown field \"{field}\"")];
        string all = $"strict decoding error: {string.Join(", ", words)}";
        if (write.Strict && write.Patches) throw ApiErrors.Invalid("", "", "", ("patch", $"Invalid value: {JsonText.Text(JsonValue.Create(JsonText.Text(item)))}: {all}"));
        if (write.Strict) throw ApiErrors.BadRequest($"{type.Kind} in version \"{type.Version}\" cannot be handled as a {type.Kind}: {all}");
        if (write.Validation == "Warn") write.Warnings.AddRange(words.Except(write.Warnings));
    }

    /// <summary>What a write cannot change stays: identity always, the status in an ordinary write, all but the status in one of the status.</summary>
    private static void Keep(ResourceType type, string? subresource, JsonObject before, JsonObject after, JsonObject metadata)
    {
        foreach (string field in new[] { "uid", "creationTimestamp", "generation" })
        {
            if (before["metadata"]![field] is { } value) metadata[field] = value.DeepClone();
        }

        metadata.Remove("resourceVersion");

        // Metadata has a type of its own, of custom resources too: an empty map is none.
        foreach (string field in new[] { "labels", "annotations" })
        {
            if (metadata[field] is JsonObject { Count: 0 }) metadata.Remove(field);
        }

        if (subresource == "status")
        {
            foreach ((string key, _) in after.ToArray())
            {
                if (key is not ("status" or "metadata" or "kind" or "apiVersion")) after[key] = before[key]?.DeepClone();
            }
        }
        else if (type.HasStatus)
        {
            after.Remove("status");
            if (before["status"] is { } status) after["status"] = status.DeepClone();
        }
    }

    private void Track(JsonObject metadata, JsonObject after, JsonObject? before, WriteOptions write, ResourceType type)
    {
        if (!write.Applies) FieldOwnership.Changed(metadata, before, after, (write.FieldManager ?? write.Program, write.Subresource), type, Now());
    }

    private static bool Same(JsonObject before, JsonObject after)
    {
        JsonObject copy = (JsonObject)before.DeepClone();
        ((JsonObject)copy["metadata"]!).Remove("resourceVersion");
        return JsonNode.DeepEquals(copy, after);
    }

    private static void CheckKind(ResourceType type, JsonObject sent)
    {
        string apiVersion = Text(sent, "apiVersion");
        string kind = Text(sent, "kind");
        if (apiVersion.Length == 0 && kind.Length == 0) return;
        if (apiVersion != type.ApiVersion && !(type.Group == ResourceTypes.KubeVirtGroup && apiVersion == "kubevirt.io/v1alpha3"))
            throw ApiErrors.BadRequest($"the API version in the data ({apiVersion}) does not match the expected API version ({type.ApiVersion})");
        if (kind != type.Kind) throw ApiErrors.BadRequest($"{kind} in version \"{type.Version}\" cannot be handled as a {type.Kind}: no kind \"{kind}\" is registered for version \"{type.ApiVersion}\"");
    }

    private static string NameOf(ResourceType type, JsonObject metadata)
    {
        string name = Text(metadata, "name");
        if (name.Length == 0 && Text(metadata, "generateName") is { Length: > 0 } prefix)
        {
            name = prefix + string.Concat(Enumerable.Range(0, 5).Select(_ => SuffixLetters[Random.Shared.Next(SuffixLetters.Length)]));
            metadata["name"] = name;
        }

        if (name.Length == 0) throw ApiErrors.Invalid(type, "", ("metadata.name", "Required value: name or generateName is required"));
        if (!Subdomain().IsMatch(name) && !type.Group.StartsWith("rbac", StringComparison.Ordinal))
            throw ApiErrors.Invalid(type, name, ("metadata.name", $"Invalid value: \"{name}\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"));
        return name;
    }

    private static void CheckNamespace(ResourceType type, string? space, JsonObject metadata)
    {
        if (!type.Namespaced) return;
        string sent = Text(metadata, "namespace");
        if (sent.Length > 0 && sent != space) throw ApiErrors.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        metadata["namespace"] = space;
    }

    private static JsonObject Child(JsonObject parent, string name)
    {
        if (parent[name] is JsonObject present) return present;
        JsonObject made = [];
        parent[name] = made;
        return made;
    }

    private static string Text(JsonObject map, string name) => map[name] is JsonValue value && value.TryGetValue(out string? text) ? text : "";

    private string Now() => time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    [GeneratedRegex("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]
    private static partial Regex Subdomain();
}
