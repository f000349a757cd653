using System.Text;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Simulator.Api;

namespace KubeVirtMonitor.Simulator.Datadog;

/// <summary>
/// The files that a container sees through the volumes of its pod: ConfigMaps, Secrets and projections of them, as a directory, as chosen items, or as one of them by <c>subPath</c>.
/// What comes by a subPath stays as it was when the pod began; all else follows the object, here at once.
/// </summary>
internal sealed class ContainerFiles
{
    private const string AccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    private readonly ResourceStore _store;
    private readonly string _space;
    private readonly List<(string At, string SubPath, JsonObject Volume, Dictionary<string, byte[]>? Kept)> _mounts = [];

    public ContainerFiles(ResourceStore store, JsonObject pod, string container)
    {
        _store = store;
        _space = (string)pod["metadata"]!["namespace"]!;
        _mounts.Add((AccountFolder, "", JsonNode.Parse("""{"configMap":{"name":"kube-root-ca.crt"}}""")!.AsObject(), null));
        JsonNode? own = (pod["spec"]?["containers"] as JsonArray)?.FirstOrDefault(one => (string?)one?["name"] == container);
        foreach (JsonNode? mount in own?["volumeMounts"] as JsonArray ?? [])
        {
            JsonObject? volume = (pod["spec"]?["volumes"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(one => (string?)one["name"] == (string?)mount?["name"]);
            if (volume is null || (string?)mount!["mountPath"] is not { } at) continue;
            string part = ((string?)mount["subPath"] ?? "").Trim('/');
            _mounts.Add((at.TrimEnd('/'), part, volume, part.Length == 0 ? null : Content(volume)));
        }
    }

    /// <summary>The names of the ConfigMaps and Secrets without which a pod does not begin, and that are not there.</summary>
    public static IEnumerable<string> Missing(ResourceStore store, JsonObject pod)
    {
        string space = (string)pod["metadata"]!["namespace"]!;
        return (pod["spec"]?["volumes"] as JsonArray ?? []).OfType<JsonObject>().SelectMany(Sources)
            .Where(source => (bool?)source.Of["optional"] != true && store["", source.Plural].Find(space, source.Name) is null)
            .Select(static source => $"{source.Plural[..^1]} \"{source.Name}\" not found");
    }

    /// <summary>Whether there is a directory at a path; an optional ConfigMap that is not there makes an empty one.</summary>
    public bool IsDirectory(string path) => Find(path) is { } found && (found.Below.Length == 0 ? found.SubPath.Length == 0 || !found.Content.ContainsKey(found.SubPath) : Within(found.Content, Join(found.SubPath, found.Below)).Any());

    /// <summary>The file at a path, or null.</summary>
    public byte[]? Read(string path) => Find(path) is { } found ? found.Content.GetValueOrDefault(Join(found.SubPath, found.Below)) : null;

    private (string SubPath, string Below, Dictionary<string, byte[]> Content)? Find(string path)
    {
        string plain = "/" + string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries));
        foreach ((string at, string part, JsonObject volume, Dictionary<string, byte[]>? kept) in _mounts.OrderByDescending(static mount => mount.At.Length))
        {
            if (plain == at || plain.StartsWith(at + "/", StringComparison.Ordinal)) return (part, plain[at.Length..].Trim('/'), kept ?? Content(volume));
        }

        return null;
    }

    private static IEnumerable<string> Within(Dictionary<string, byte[]> content, string folder) => content.Keys.Where(key => key.StartsWith(folder + "/", StringComparison.Ordinal));

    private static string Join(string left, string right) => left.Length == 0 ? right : right.Length == 0 ? left : $"{left}/{right}";

    private static IEnumerable<(string Plural, string Name, JsonObject Of)> Sources(JsonObject volume)
    {
        if (volume["projected"]?["sources"] is JsonArray sources) return sources.OfType<JsonObject>().SelectMany(Sources);
        if (volume["configMap"] is JsonObject map) return [("configmaps", (string?)map["name"] ?? "", map)];
        return volume["secret"] is JsonObject secret ? [("secrets", (string?)secret["secretName"] ?? (string?)secret["name"] ?? "", secret)] : [];
    }

    private Dictionary<string, byte[]> Content(JsonObject volume)
    {
        Dictionary<string, byte[]> files = new(StringComparer.Ordinal);
        foreach ((string plural, string name, JsonObject source) in Sources(volume))
        {
            if (_store["", plural].Find(_space, name)?.ToJson() is not { } found) continue;
            Dictionary<string, byte[]> data = new(StringComparer.Ordinal);
            foreach ((string key, JsonNode? value) in found["data"] as JsonObject ?? []) data[key] = plural == "secrets" ? Convert.FromBase64String((string)value!) : Encoding.UTF8.GetBytes((string)value!);
            foreach ((string key, JsonNode? value) in found["binaryData"] as JsonObject ?? []) data[key] = Convert.FromBase64String((string)value!);
            if (source["items"] is not JsonArray items)
            {
                foreach ((string key, byte[] value) in data) files[key] = value;
                continue;
            }

            foreach (JsonNode? item in items)
            {
                if (data.TryGetValue((string?)item?["key"] ?? "", out byte[]? value)) files[(string)item!["path"]!] = value;
            }
        }

        return files;
    }
}
