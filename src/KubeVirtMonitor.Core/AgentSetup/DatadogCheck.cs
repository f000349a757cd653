using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>A check of the Datadog Agent under the names of its options: as annotations, and as a file.</summary>
internal static class DatadogCheck
{
    public const string Prefix = "ad.datadoghq.com/";

    public static JsonSerializerOptions Plain { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The name of the check, such as <c>kubevirt_api</c>.</summary>
    public static string NameOf(ComponentKind component) => $"kubevirt_{component.ToString().ToLowerInvariant()}";

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
            files[$"{NameOf(component)}.yaml"] = options.Yaml?.Write(file) ?? file.ToJsonString(Plain);
        }

        JsonObject datadog = [];
        if (options.ClusterName is { } cluster) datadog["clusterName"] = cluster;
        datadog["confd"] = files;
        JsonObject values = new() { ["datadog"] = datadog };
        if (options.SkipTlsVerify) return values;
        string path = options.TlsCaCert;
        string folder = path[..Math.Max(1, path.LastIndexOf('/'))];
        values["agents"] = new JsonObject
        {
            ["volumes"] = new JsonArray(new JsonObject
            {
                ["name"] = "kubevirt-ca",
                ["configMap"] = new JsonObject { ["name"] = "kubevirt-ca", ["items"] = new JsonArray(new JsonObject { ["key"] = "ca-bundle", ["path"] = path[(path.LastIndexOf('/') + 1)..] }) },
            }),
            ["volumeMounts"] = new JsonArray(new JsonObject { ["name"] = "kubevirt-ca", ["mountPath"] = folder, ["readOnly"] = true }),
        };
        return values;
    }

    private static Dictionary<string, string> Annotations(ComponentKind component, AgentPatchOptions options)
    {
        string key = $"{Prefix}{ComponentFacts.NameOf(component)}.";
        string check = NameOf(component);
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
            [$"{NameOf(component)}_metrics_endpoint"] = "https://%%host%%:%%port%%/metrics",
            [$"{NameOf(component)}_healthz_endpoint"] = "https://%%host%%:%%port%%/healthz",
            ["kube_namespace"] = "%%kube_namespace%%",
            ["kube_pod_name"] = "%%kube_pod_name%%",
            // Unset means off in the Agent, whatever its documentation says.
            ["tls_verify"] = !options.SkipTlsVerify,
        };
        if (!options.SkipTlsVerify)
        {
            instance["tls_ca_cert"] = options.TlsCaCert;
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
