using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>A check of the Datadog Agent under the names of its options: as annotations, and as a file.</summary>
internal static class DatadogCheck
{
    public const string Prefix = "ad.datadoghq.com/";

    public static JsonSerializerOptions Plain { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ComponentPatch Patch(ComponentKind component, AgentPatchOptions options)
    {
        Dictionary<string, string> annotations = Annotations(component, options);
        JsonObject values = [];
        foreach ((string key, string value) in annotations) values[key] = value;
        JsonObject patch = new() { ["spec"] = new JsonObject { ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = values } } } };
        return new ComponentPatch
        {
            Component = component,
            ResourceType = component == ComponentKind.Handler ? "DaemonSet" : "Deployment",
            ResourceName = ComponentFacts.NameOf(component),
            Annotations = annotations,
            Patch = patch.ToJsonString(Plain),
        };
    }

    /// <summary>A file of the Agent's conf.d. It finds the pods by the name of their image.</summary>
    public static JsonObject File(ComponentKind component, AgentPatchOptions options) => new()
    {
        ["ad_identifiers"] = new JsonArray(ComponentFacts.NameOf(component)),
        ["init_config"] = new JsonObject(),
        ["instances"] = new JsonArray(Instance(component, options)),
    };

    /// <summary>Values for the chart of Datadog, with the files in place of the annotations.</summary>
    public static JsonObject Values(AgentPatchOptions options)
    {
        JsonObject files = [];
        foreach (ComponentKind component in options.Components)
        {
            JsonObject file = File(component, options);
            files[$"{ComponentFacts.CheckNameOf(component)}.yaml"] = options.Yaml?.Write(file) ?? file.ToJsonString(Plain);
        }

        JsonObject datadog = [];
        if (options.ClusterName is { } cluster) datadog["clusterName"] = cluster;
        datadog["confd"] = files;
        JsonObject values = new() { ["datadog"] = datadog };
        if (options.SkipCertificateCheck) return values;
        string path = options.CertificateAuthority;
        string folder = path[..Math.Max(1, path.LastIndexOf('/'))];
        values["agents"] = new JsonObject
        {
            ["volumes"] = new JsonArray(new JsonObject
            {
                ["name"] = ComponentFacts.AuthorityConfigMap,
                ["configMap"] = new JsonObject { ["name"] = ComponentFacts.AuthorityConfigMap, ["items"] = new JsonArray(new JsonObject { ["key"] = ComponentFacts.AuthorityKey, ["path"] = path[(path.LastIndexOf('/') + 1)..] }) },
            }),
            ["volumeMounts"] = new JsonArray(new JsonObject { ["name"] = ComponentFacts.AuthorityConfigMap, ["mountPath"] = folder, ["readOnly"] = true }),
        };
        return values;
    }

    private static Dictionary<string, string> Annotations(ComponentKind component, AgentPatchOptions options)
    {
        string key = $"{Prefix}{ComponentFacts.NameOf(component)}.";
        string check = ComponentFacts.CheckNameOf(component);
        JsonArray instances = new(Instance(component, options));
        if (options.AnnotationVersion == 1)
        {
            return new Dictionary<string, string>
            {
                [key + "check_names"] = new JsonArray(check).ToJsonString(Plain),
                [key + "init_configs"] = "[{}]",
                [key + "instances"] = instances.ToJsonString(Plain),
            };
        }

        JsonObject checks = new() { [check] = new JsonObject { ["init_config"] = new JsonObject(), ["instances"] = instances } };
        return new Dictionary<string, string> { [key + "checks"] = checks.ToJsonString(Plain) };
    }

    private static JsonObject Instance(ComponentKind component, AgentPatchOptions options)
    {
        JsonObject instance = new()
        {
            [$"{ComponentFacts.CheckNameOf(component)}_metrics_endpoint"] = "https://%%host%%:%%port%%/metrics",
            [$"{ComponentFacts.CheckNameOf(component)}_healthz_endpoint"] = "https://%%host%%:%%port%%/healthz",
            ["kube_namespace"] = "%%kube_namespace%%",
            ["kube_pod_name"] = "%%kube_pod_name%%",
            // Unset means off in the Agent, whatever its documentation says.
            ["tls_verify"] = !options.SkipCertificateCheck,
        };
        if (!options.SkipCertificateCheck)
        {
            instance["tls_ca_cert"] = options.CertificateAuthority;
            if (options.SkipHostnameCheck)
            {
                instance["tls_validate_hostname"] = false;
            }
            else
            {
                // The certificates carry names of services and no address: the Agent compares them with the Host header.
                instance["tls_use_host_header"] = true;
                instance["headers"] = new JsonObject { ["Host"] = ComponentFacts.CertificateNamesOf(component, options.InstallNamespace).Name };
            }
        }

        List<string> tags = [.. options.Tags];
        if (options.ClusterName is { } cluster) tags.Insert(0, $"kube_cluster_name:{cluster}");
        if (tags.Count > 0) instance["tags"] = new JsonArray([.. tags.Distinct(StringComparer.Ordinal).Select(tag => JsonValue.Create(tag))]);
        if (options.CollectionInterval is { } seconds) instance["min_collection_interval"] = seconds;
        return instance;
    }
}

/// <summary>What an instance of a check says about TLS, as the Agent understands it.</summary>
/// <param name="Verifies">Whether certificates are verified.</param>
/// <param name="ExpectedName">The name a certificate has to carry; null = any.</param>
/// <param name="Flaw">Why it cannot work with a component of KubeVirt; null = it can.</param>
/// <param name="Advice">What to do about that.</param>
/// <param name="Setting">The setting of the patch that this hangs on.</param>
internal sealed record TlsStatement(bool Verifies, string? ExpectedName, string? Flaw = null, string Advice = "", Setting? Setting = null)
{
    /// <summary>Reads it. Options may be texts; an unset tls_verify is off.</summary>
    public static TlsStatement Of(JsonObject instance, KubeVirtComponent component)
    {
        if (!IsOn(instance["tls_verify"], whenUnset: false)) return new(false, null);
        if (instance["tls_ca_cert"] is null)
            return new(true, null, "tls_verify is on and tls_ca_cert is not set: the Agent trusts the authorities of its image, which do not include KubeVirt's.", "Set tls_ca_cert.", KubeVirtMonitor.Setting.AgentAuthority);
        if (!IsOn(instance["tls_validate_hostname"], whenUnset: true)) return new(true, null);
        string? host = (string?)(instance["headers"] ?? instance["extra_headers"])?["Host"];
        return IsOn(instance["tls_use_host_header"], whenUnset: false) && host is not null ? new(true, host.Split(':')[0]) : new(true, component.PodIP);
    }

    private static bool IsOn(JsonNode? option, bool whenUnset) =>
        option is null ? whenUnset : option.ToString().ToUpperInvariant() is "TRUE" or "YES" or "ON" or "1" or "Y" or "T";
}

/// <summary>Reads the annotations that configure checks.</summary>
internal static class AnnotationText
{
    private static readonly ComponentKind[] Components = [ComponentKind.Api, ComponentKind.Controller, ComponentKind.Handler];

    /// <summary>The instances of a component's check in the annotations of a pod.</summary>
    /// <exception cref="FormatException">A text is no JSON, or not of the form that the Agent reads. The message names the annotation.</exception>
    public static IReadOnlyList<JsonObject> Instances(ComponentKind component, IEnumerable<KeyValuePair<string, string>> annotations)
    {
        string prefix = $"{DatadogCheck.Prefix}{ComponentFacts.NameOf(component)}.";
        List<JsonObject> instances = [];
        foreach ((string key, string value) in annotations)
        {
            if (!key.StartsWith(prefix, StringComparison.Ordinal)) continue;
            JsonNode? json = Parse(key, value);
            switch (key[prefix.Length..])
            {
                case "instances":
                    instances.AddRange(Objects(key, json));
                    break;
                case "checks":
                    JsonNode? check = json is JsonObject checks ? checks[ComponentFacts.CheckNameOf(component)] : throw new FormatException($"{key} is not an object");
                    if (check is not null) instances.AddRange(Objects(key, (check as JsonObject)?["instances"]));
                    break;
            }
        }

        return instances;
    }

    /// <summary>An entry of the KubeVirt resource as a patch; null for one that this module cannot have written.</summary>
    public static ComponentPatch? PatchOf(JsonObject entry)
    {
        try
        {
            string text = (string)entry["patch"]!;
            string name = (string)entry["resourceName"]!;
            ComponentKind? component = Components.Where(kind => ComponentFacts.NameOf(kind) == name).Cast<ComponentKind?>().FirstOrDefault();
            if (component is null || SetBy(entry) is not { } annotations) return null;
            return new ComponentPatch
            {
                Component = component.Value,
                ResourceType = (string)entry["resourceType"]!,
                ResourceName = name,
                Type = (string)entry["type"]!,
                Patch = text,
                Annotations = annotations.ToDictionary(one => one.Key, one => (string?)one.Value ?? ""),
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentNullException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The annotations that an entry of the KubeVirt resource gives to pods by a merge; null where it gives none.</summary>
    public static JsonObject? SetBy(JsonNode? entry) => JsonText.At(JsonText.ObjectOf(JsonText.Of(entry?["patch"]) ?? ""), CustomizedAnnotations.Path) as JsonObject;

    private static JsonNode? Parse(string key, string value)
    {
        try
        {
            return JsonText.Parse(value);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"{key} is not JSON: {exception.Message}", exception);
        }
    }

    private static IEnumerable<JsonObject> Objects(string key, JsonNode? node) => node is JsonArray list && list.All(one => one is JsonObject)
        ? list.Select(one => (JsonObject)one!)
        : throw new FormatException($"{key} holds no list of instances");
}
