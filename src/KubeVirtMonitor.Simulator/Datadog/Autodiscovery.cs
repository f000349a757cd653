using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeVirtMonitor.Simulator.Datadog;

/// <summary>What an Agent makes of the annotations of the pods on its node.</summary>
internal sealed partial class Autodiscovery
{
    private const string Prefix = "ad.datadoghq.com/";

    private static readonly string[] Suffixes = ["check_names", "init_configs", "instances", "checks", "logs", "tags", "check.id"];

    private readonly AgentRelease _release;

    public Autodiscovery(AgentRelease release, IEnumerable<JsonObject> pods)
    {
        _release = release;
        foreach (JsonObject pod in pods) Read(pod);
    }

    /// <summary>What is to run.</summary>
    public List<FoundCheck> Checks { get; } = [];

    /// <summary>What is wrong with annotations, by <c>NAMESPACE/POD (UID)</c>.</summary>
    public SortedDictionary<string, SortedSet<string>> Errors { get; } = new(StringComparer.Ordinal);

    /// <summary>What could not be resolved, by the name of the check.</summary>
    public SortedDictionary<string, SortedSet<string>> Warnings { get; } = new(StringComparer.Ordinal);

    /// <summary>The checks that could not be resolved: their names with the ids of their containers.</summary>
    public List<(string Check, string Container)> Unresolved { get; } = [];

    private void Read(JsonObject pod)
    {
        JsonObject annotations = pod["metadata"]?["annotations"] as JsonObject ?? [];
        if (!annotations.Any(static one => one.Key.StartsWith(Prefix, StringComparison.Ordinal))) return;
        string key = $"{pod["metadata"]!["namespace"]}/{pod["metadata"]!["name"]} ({pod["metadata"]!["uid"]})";
        Dictionary<string, string> containers = new(StringComparer.Ordinal);
        foreach (JsonNode? status in pod["status"]?["containerStatuses"] as JsonArray ?? [])
        {
            if ((string?)status?["containerID"] is { Length: > 0 } id && status["state"]?["running"] is not null) containers[(string)status["name"]!] = id;
        }

        // A pod whose containers have not begun is not known to the Agent.
        if (containers.Count == 0) return;
        string[] identifiers = [.. (pod["spec"]?["containers"] as JsonArray ?? []).Select(static one => (string)one!["name"]!).Order(StringComparer.Ordinal)];
        foreach ((string annotation, _) in annotations)
        {
            if (!annotation.StartsWith(Prefix, StringComparison.Ordinal) || Suffixes.FirstOrDefault(suffix => annotation.EndsWith("." + suffix, StringComparison.Ordinal)) is not { } suffix) continue;
            string of = annotation[Prefix.Length..^(suffix.Length + 1)];
            if (!identifiers.Contains(of)) Wrong(key, $"annotation {annotation} is invalid: {of} doesn't match a container identifier [{string.Join(' ', identifiers)}]");
        }

        foreach ((string container, string id) in containers)
        {
            foreach ((string check, JsonObject? init, JsonObject instance, bool bare) in Templates(annotations, container, key)) Resolve(pod, container, id, check, init, instance, bare);
        }
    }

    private List<(string Check, JsonObject? Init, JsonObject Instance, bool Bare)> Templates(JsonObject annotations, string container, string key)
    {
        List<(string, JsonObject?, JsonObject, bool)> found = [];
        string path = $"{Prefix}{container}.";
        if (_release.ReadsChecks && Text(annotations, path + "checks") is { } checks)
        {
            if (Json(checks, key, "cannot parse check configuration") is not { } whole) return found;
            if (whole is not JsonObject named || named.Any(static one => one.Value is not JsonObject))
            {
                Wrong(key, "could not extract checks config: cannot parse check configuration: json: cannot unmarshal into Go value of type map[string]struct");
                return found;
            }

            foreach ((string name, JsonNode? check) in named)
            {
                foreach (JsonNode? instance in check!["instances"] as JsonArray ?? [])
                {
                    if (instance is JsonObject one) found.Add((Python.Text(check["name"]) is { Length: > 0 } other ? other : name, check["init_config"] as JsonObject, one, Python.IsAffirmative(check["ignore_autodiscovery_tags"])));
                }
            }

            return found;
        }

        if (Text(annotations, path + "check_names") is not { } names) return found;
        if (Text(annotations, path + "init_configs") is not { } inits || Text(annotations, path + "instances") is not { } instances)
        {
            Wrong(key, $"could not extract checks config: missing {(Text(annotations, path + "init_configs") is null ? "init_configs" : "instances")} key");
            return found;
        }

        JsonArray? nameList = Json(names, key, $"in check_names: failed to unmarshal JSON") as JsonArray;
        JsonArray? initList = Json(inits, key, $"in init_configs: failed to unmarshal JSON") as JsonArray;
        JsonArray? instanceList = Json(instances, key, $"in instances: failed to unmarshal JSON") as JsonArray;
        if (nameList is null || initList is null || instanceList is null) return found;
        if (nameList.Count != initList.Count || nameList.Count != instanceList.Count)
        {
            Wrong(key, $"could not extract checks config: template config doesn't have equal-size lists, check names: {nameList.Count}, init configs: {initList.Count}, instances: {instanceList.Count}");
            return found;
        }

        for (int i = 0; i < nameList.Count; i++)
        {
            // An instance may be a list of instances.
            foreach (JsonNode? instance in instanceList[i] as JsonArray ?? [instanceList[i]?.DeepClone()])
            {
                if (Python.Text(nameList[i]) is { Length: > 0 } name && instance is JsonObject one) found.Add((name, initList[i] as JsonObject, one, false));
            }
        }

        return found;
    }

    private void Resolve(JsonObject pod, string container, string id, string check, JsonObject? init, JsonObject template, bool bare)
    {
        try
        {
            bool ready = (pod["status"]?["conditions"] as JsonArray ?? []).Any(static one => (string?)one?["type"] == "Ready" && (string?)one["status"] == "True");
            bool tolerates = Text(pod["metadata"]!["annotations"]!.AsObject(), Prefix + "tolerate-unready") == "true";
            if (pod["metadata"]!["deletionTimestamp"] is not null || (!ready && !tolerates)) throw new FormatException("unable to resolve, service not ready");
            JsonObject instance = (JsonObject)Filled(template, pod, container, id)!;
            if (!bare && !Python.IsAffirmative(instance["ignore_autodiscovery_tags"]))
            {
                IEnumerable<string> own = (instance["tags"] as JsonArray ?? []).Select(Python.Text).OfType<string>();
                instance["tags"] = new JsonArray([.. own.Concat(Tags(pod, container)).Distinct().Order(StringComparer.Ordinal).Select(static tag => JsonValue.Create(tag))]);
            }

            Checks.Add(new FoundCheck(check, (JsonObject?)Filled(init, pod, container, id), instance, id, ((string)pod["metadata"]!["namespace"]!, (string)pod["metadata"]!["name"]!, (string?)pod["status"]?["podIP"] ?? "")));
        }
        catch (FormatException failure)
        {
            Add(Warnings, check, $"error resolving template {check} for service {id}: {failure.Message}");
            Unresolved.Add((check, id));
        }
    }

    private static JsonNode? Filled(JsonNode? node, JsonObject pod, string container, string id) => node switch
    {
        JsonObject map => new JsonObject(map.Select(one => KeyValuePair.Create(one.Key, Filled(one.Value, pod, container, id)))),
        JsonArray list => new JsonArray([.. list.Select(one => Filled(one, pod, container, id))]),
        JsonValue value when Python.Text(value) is { } text => Filled(text, pod, container, id),
        _ => node?.DeepClone(),
    };

    private static JsonValue Filled(string text, JsonObject pod, string container, string id)
    {
        string filled = Variable().Replace(text, match => Variable(match.Groups[1].Value, match.Groups[2].Value, pod, container, id));

        // A value that is nothing but a variable becomes what its text is.
        if (Variable().Match(text) is { Success: true } whole && whole.Length == text.Length)
        {
            if (long.TryParse(filled, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)) return JsonValue.Create(number);
            if (filled is "true" or "false") return JsonValue.Create(filled == "true");
        }

        return JsonValue.Create(filled);
    }

    /// <exception cref="FormatException">There is no such value.</exception>
    private static string Variable(string name, string key, JsonObject pod, string container, string id)
    {
        JsonNode metadata = pod["metadata"]!;
        switch (name)
        {
            case "host":
                string address = (string?)pod["status"]?["podIP"] ?? throw new FormatException($"no network found for container {id}, ignoring it");
                return address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address;
            case "hostname":
                return (string?)pod["spec"]?["hostname"] ?? (string)metadata["name"]!;
            case "kube":
                return key switch
                {
                    "namespace" => (string)metadata["namespace"]!,
                    "pod_name" => (string)metadata["name"]!,
                    "pod_uid" => (string)metadata["uid"]!,
                    _ => throw new FormatException($"failed to get extra info for service {id}, skipping config - extra config \"{key}\" not found"),
                };
            case "port":
                (int Port, string Name)[] ports = [.. (pod["spec"]!["containers"]!.AsArray().First(one => (string?)one!["name"] == container)!["ports"] as JsonArray ?? [])
                    .Select(static one => ((int)one!["containerPort"]!, (string?)one["name"] ?? "")).OrderBy(static one => one.Item1)];
                if (ports.Length == 0) throw new FormatException($"no port found for container {id} - ignoring it");
                if (key.Length == 0) return ports[^1].Port.ToString(CultureInfo.InvariantCulture);
                if (int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
                    return index < ports.Length ? ports[index].Port.ToString(CultureInfo.InvariantCulture) : throw new FormatException($"index given for the port template var is too big, skipping container {id}");
                return Array.Find(ports, port => port.Name == key) is { Port: > 0 } named ? named.Port.ToString(CultureInfo.InvariantCulture) : throw new FormatException($"port {key} not found, skipping container {id}");
            case "env":
                throw new FormatException($"failed to retrieve envvar {key}, skipping service {id}");
            case "pid":
                throw new FormatException($"failed to get pid for service {id}, skipping config - ");
            default:
                throw new FormatException($"unable to add tags for service '{id}', err: invalid %%{name}{(key.Length > 0 ? "_" + key : "")}%% tag");
        }
    }

    /// <summary>The tags of low cardinality that the Agent gives to all of a pod.</summary>
    private static IEnumerable<string> Tags(JsonObject pod, string container)
    {
        yield return $"kube_namespace:{pod["metadata"]!["namespace"]}";
        yield return $"kube_container_name:{container}";
        string image = (string?)pod["spec"]!["containers"]!.AsArray().First(one => (string?)one!["name"] == container)!["image"] ?? "";
        int colon = image.LastIndexOf(':');
        yield return $"image_name:{(colon > 0 ? image[..colon] : image)}";
        if (colon > 0) yield return $"image_tag:{image[(colon + 1)..]}";
        JsonNode? owner = (pod["metadata"]!["ownerReferences"] as JsonArray)?.FirstOrDefault();
        string name = (string?)owner?["name"] ?? "";
        if ((string?)owner?["kind"] == "DaemonSet") yield return $"kube_daemon_set:{name}";
        if ((string?)owner?["kind"] != "ReplicaSet") yield break;
        yield return $"kube_replica_set:{name}";
        yield return $"kube_deployment:{name[..Math.Max(name.LastIndexOf('-'), 0)]}";
    }

    private static string? Text(JsonObject annotations, string key) => Python.Text(annotations[key]);

    private JsonNode? Json(string text, string key, string where)
    {
        try
        {
            return JsonNode.Parse(text) ?? throw new JsonException();
        }
        catch (JsonException failure)
        {
            int at = (int)(failure.BytePositionInLine ?? 0);
            string said = text.Trim().Length == 0 || at >= text.Length ? "unexpected end of JSON input" : $"invalid character {Python.Repr(text[Math.Min(at, text.Length - 1)].ToString())} looking for beginning of value";
            Wrong(key, $"could not extract checks config: {where}: {said}");
            return null;
        }
    }

    private void Wrong(string key, string message) => Add(Errors, key, message);

    private static void Add(SortedDictionary<string, SortedSet<string>> to, string key, string message)
    {
        if (!to.TryGetValue(key, out SortedSet<string>? messages)) to[key] = messages = new SortedSet<string>(StringComparer.Ordinal);
        messages.Add(message);
    }

    [GeneratedRegex("%%([^%]+?)(?:_([^%]+?))?%%")]
    private static partial Regex Variable();
}

/// <summary>A check that the annotations of a pod ask for, with its template variables resolved.</summary>
/// <param name="Check">The name of the check.</param>
/// <param name="Init">What all its instances share.</param>
/// <param name="Instance">The instance, with the tags of the pod.</param>
/// <param name="Container">The id of the container, such as <c>containerd://4f2a...</c>.</param>
/// <param name="Pod">The namespace, name and address of the pod.</param>
internal sealed record FoundCheck(string Check, JsonObject? Init, JsonObject Instance, string Container, (string Namespace, string Name, string Address) Pod)
{
    /// <summary>Its id: another one for another configuration.</summary>
    public string Id { get; } = string.Join(':', new[] { Check, Python.Text(Instance["name"]) ?? Python.Text(Instance["namespace"]) ?? "", StableId.Uid(0, Check, $"{Init?.ToJsonString()}{Instance.ToJsonString()}").ToString("N")[..16] }.Where(static part => part.Length > 0));
}
