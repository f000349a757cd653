using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>A pod, as far as the Agent's setup hangs on it: its annotations, containers, ports and mounts. What is missing or of another type is absent.</summary>
internal sealed class PodDocument
{
    private readonly JsonObject _json;

    public PodDocument(JsonObject json)
    {
        _json = json;
        Name = JsonText.Of(JsonText.At(json, "metadata", "name")) ?? "";
        Namespace = JsonText.Of(JsonText.At(json, "metadata", "namespace")) ?? "";
        Uid = JsonText.Of(JsonText.At(json, "metadata", "uid"));
        Node = JsonText.Of(JsonText.At(json, "spec", "nodeName"));
        ServiceAccount = JsonText.Of(JsonText.At(json, "spec", "serviceAccountName"));
        Labels = Texts("metadata", "labels");
        Annotations = Texts("metadata", "annotations");
        IsReady = Objects("status", "conditions").Any(static one => JsonText.Of(one["type"]) == "Ready" && JsonText.Of(one["status"]) == "True");
    }

    public string Name { get; }

    public string Namespace { get; }

    public string? Uid { get; }

    /// <summary>The node it runs on; null while it has none.</summary>
    public string? Node { get; }

    public string? ServiceAccount { get; }

    public IReadOnlyDictionary<string, string> Labels { get; }

    public IReadOnlyDictionary<string, string> Annotations { get; }

    public bool IsReady { get; }

    /// <summary>Whether it has come to its end, or is being deleted.</summary>
    public bool IsOver => JsonText.Of(JsonText.At(_json, "status", "phase")) is "Succeeded" or "Failed" || JsonText.At(_json, "metadata", "deletionTimestamp") is not null;

    /// <summary>What made it, such as <c>DaemonSet datadog-agent</c>; null when it does not say.</summary>
    public string? Owner => Objects("metadata", "ownerReferences").Where(static one => JsonText.Is(one["controller"], expected: true)).Select(static one => $"{one["kind"]} {one["name"]}").FirstOrDefault();

    /// <summary>The names of its containers.</summary>
    public IEnumerable<string> Containers => Objects("spec", "containers").Select(static one => JsonText.Of(one["name"])).OfType<string>();

    /// <summary>Lists pods.</summary>
    /// <param name="inNamespace">The namespace; null = all of them.</param>
    /// <param name="selector">Labels that they carry; null = any.</param>
    public static async Task<List<PodDocument>> ListAsync(IKubernetesClient client, string? inNamespace, string? selector, CancellationToken cancellationToken)
    {
        ListOptions options = new() { Namespace = inNamespace, LabelSelector = selector, BadItem = static _ => { } };
        List<PodDocument> pods = [];
        await foreach (PodDocument? pod in client.ListAsync(ResourceType.Pods, static json => JsonText.ObjectOf(json) is { } pod ? new PodDocument(pod) : null, options, cancellationToken).ConfigureAwait(false))
        {
            if (pod is { Name.Length: > 0 }) pods.Add(pod);
        }

        return pods;
    }

    /// <summary>The image of a container; null when it has none of that name.</summary>
    public string? ImageOf(string container) => JsonText.Of(Container(container)?["image"]);

    /// <summary>The ports of a container in the order of their numbers, which is that of the Agent; empty when it has none of that name.</summary>
    public IReadOnlyList<(string? Name, int Number)> PortsOf(string container) =>
        [.. Objects(Container(container)?["ports"]).Select(static one => (JsonText.Of(one["name"]), JsonText.Integer(one["containerPort"]) ?? 0)).Where(static one => one.Item2 > 0).OrderBy(static one => one.Item2)];

    /// <summary>The id of a running container, such as <c>containerd://4f2a</c>, and when it started; null while it does not run.</summary>
    public (string Id, DateTimeOffset? Started)? Running(string container)
    {
        JsonObject? status = Objects("status", "containerStatuses").FirstOrDefault(one => JsonText.Of(one["name"]) == container);
        if (JsonText.Of(status?["containerID"]) is not { Length: > 0 } id || JsonText.At(status, "state", "terminated") is not null || JsonText.At(status, "state", "waiting") is not null) return null;
        return (id, AgentJson.Time(JsonText.At(status, "state", "running", "startedAt")));
    }

    /// <summary>What is mounted in a container.</summary>
    public IEnumerable<PodMount> MountsOf(string container) => Objects(Container(container)?["volumeMounts"]).Select(mount =>
    {
        string? volume = JsonText.Of(mount["name"]);
        JsonObject? source = Objects("spec", "volumes").FirstOrDefault(one => JsonText.Of(one["name"]) == volume);
        JsonArray? projected = JsonText.At(source, "projected", "sources") as JsonArray;
        MountedMap[] maps = [.. new[] { JsonText.At(source, "configMap") }.Concat((projected ?? []).Select(static one => one?["configMap"])).OfType<JsonObject>().Select(MapOf).OfType<MountedMap>()];
        return new PodMount(JsonText.Of(mount["mountPath"]) ?? "", JsonText.Of(mount["subPath"]) ?? JsonText.Of(mount["subPathExpr"]), maps);
    });

    private static MountedMap? MapOf(JsonObject source) => JsonText.Of(source["name"]) is not { } name ? null : new MountedMap(
        name,
        source["items"] is not JsonArray { Count: > 0 } items ? null
            : [.. items.Select(static one => (Key: JsonText.Of(one?["key"]), Path: JsonText.Of(one?["path"]))).Where(static one => one is { Key: not null, Path: not null }).Select(static one => (one.Key!, one.Path!))]);

    private JsonObject? Container(string name) => Objects("spec", "containers").FirstOrDefault(one => JsonText.Of(one["name"]) == name);

    private IEnumerable<JsonObject> Objects(params string[] path) => Objects(JsonText.At(_json, path));

    private static IEnumerable<JsonObject> Objects(JsonNode? node) => (node as JsonArray ?? []).OfType<JsonObject>();

    private Dictionary<string, string> Texts(params string[] path)
    {
        Dictionary<string, string> texts = new(StringComparer.Ordinal);
        foreach ((string key, JsonNode? value) in JsonText.At(_json, path) as JsonObject ?? []) texts[key] = JsonText.Of(value) ?? "";
        return texts;
    }
}

/// <summary>A mount of a container.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="SubPath">The part of the volume that is mounted, which never changes again; null = all of it.</param>
/// <param name="Maps">The ConfigMaps whose keys are the files; empty for volumes of another type.</param>
internal sealed record PodMount(string Path, string? SubPath, IReadOnlyList<MountedMap> Maps)
{
    /// <summary>The names of its ConfigMaps.</summary>
    public IEnumerable<string> Names => Maps.Select(static map => map.Name).Distinct(StringComparer.Ordinal);

    /// <summary>What makes two mounts show the same.</summary>
    public string Key => $"{Path}|{SubPath}|{string.Join('|', Maps.Select(static map => $"{map.Name}:{(map.Items is null ? "" : string.Join(',', map.Items))}"))}";

    /// <summary>The files that it shows, by their paths below it; an empty path is the mount itself, which then is a file.</summary>
    /// <param name="data">The keys and texts of each ConfigMap.</param>
    public Dictionary<string, string> Files(IReadOnlyDictionary<string, Dictionary<string, string>> data)
    {
        Dictionary<string, string> files = new(StringComparer.Ordinal);
        foreach (MountedMap map in Maps)
        {
            Dictionary<string, string> held = data.GetValueOrDefault(map.Name) ?? [];
            foreach ((string key, string path) in map.Items ?? held.Keys.Select(static key => (key, key)))
            {
                if (held.TryGetValue(key, out string? text) && Below(path) is { } place) files[place] = text;
            }
        }

        return files;
    }

    // An expression has a value in the container only.
    private string? Below(string path) => SubPath?.Trim('/') is not { Length: > 0 } part || part.Contains("$(", StringComparison.Ordinal) ? path
        : path == part ? ""
        : path.StartsWith(part + "/", StringComparison.Ordinal) ? path[(part.Length + 1)..] : null;
}

/// <summary>A ConfigMap in a volume.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Items">The only keys that are files, and their paths; null = each key is a file of its name.</param>
internal sealed record MountedMap(string Name, IReadOnlyList<(string Key, string Path)>? Items = null);
