using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Catalog;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>A check of the Datadog Agent under the names of its options: as annotations, and as a file.</summary>
internal static class DatadogCheck
{
    public const string Prefix = "ad.datadoghq.com/";

    public static JsonSerializerOptions Plain { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The Agent's general check.</summary>
    public const string General = "openmetrics";

    // The default of the check cuts a virt-controller of 1,500 machines short, and 0 is refused.
    private const int MostMetrics = 1_000_000;

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

    /// <summary>The same as files of the Agent's conf.d, by path. It finds the pods by the name of their image.</summary>
    public static Dictionary<string, JsonObject> Files(AgentPatchOptions options)
    {
        Dictionary<string, JsonObject> files = new(StringComparer.Ordinal);
        foreach (ComponentKind component in options.Components)
        {
            foreach ((string check, JsonObject instance) in Instances(component, options))
            {
                files[check == General ? $"{General}.d/{ComponentFacts.CheckNameOf(component)}.yaml" : $"{check}.d/conf.yaml"] = new JsonObject
                {
                    ["ad_identifiers"] = new JsonArray(ComponentFacts.NameOf(component)),
                    ["init_config"] = new JsonObject(),
                    ["instances"] = new JsonArray(instance),
                };
            }
        }

        return files;
    }

    private static Dictionary<string, string> Annotations(ComponentKind component, AgentPatchOptions options)
    {
        string key = $"{Prefix}{ComponentFacts.NameOf(component)}.";
        (string Check, JsonObject Instance)[] all = [.. Instances(component, options)];
        if (options.AnnotationVersion == 1)
        {
            return new Dictionary<string, string>
            {
                [key + "check_names"] = new JsonArray([.. all.Select(one => JsonValue.Create(one.Check))]).ToJsonString(Plain),
                [key + "init_configs"] = new JsonArray([.. all.Select(static _ => new JsonObject())]).ToJsonString(Plain),
                [key + "instances"] = new JsonArray([.. all.Select(one => one.Instance)]).ToJsonString(Plain),
            };
        }

        JsonObject checks = [];
        foreach ((string check, JsonObject instance) in all) checks[check] = new JsonObject { ["init_config"] = new JsonObject(), ["instances"] = new JsonArray(instance) };
        return new Dictionary<string, string> { [key + "checks"] = checks.ToJsonString(Plain) };
    }

    private static IEnumerable<(string Check, JsonObject Instance)> Instances(ComponentKind component, AgentPatchOptions options)
    {
        string own = ComponentFacts.CheckNameOf(component);
        if (options.Check == AgentCheck.KubeVirt)
        {
            yield return (own, OwnInstance(component, options));
            yield break;
        }

        yield return (General, GeneralInstance(component, options));
        if (component != ComponentKind.Api) yield break;
        // No endpoint has these: the check asks the API server for the machines, and there it verifies. What it scrapes besides is dropped.
        JsonObject counts = OwnInstance(component, options);
        counts["metric_patterns"] = new JsonObject { ["include"] = new JsonArray([.. Counts.Select(name => JsonValue.Create($@"^{own}\.{name}$"))]) };
        yield return (own, counts);
    }

    private static readonly string[] Counts = ["can_connect", @"vm\.count", @"vmi\.count"];

    /// <summary>An instance of the check that Datadog has for the component, as its guide has it.</summary>
    private static JsonObject OwnInstance(ComponentKind component, AgentPatchOptions options)
    {
        string check = ComponentFacts.CheckNameOf(component);
        JsonObject instance = new()
        {
            [$"{check}_metrics_endpoint"] = Address(ComponentFacts.MetricsPath),
            [$"{check}_healthz_endpoint"] = Address(ComponentFacts.HealthPathOf(component)),
            ["kube_namespace"] = "%%kube_namespace%%",
            ["kube_pod_name"] = "%%kube_pod_name%%",
            // It hands no other option of TLS to its scraper, which then trusts the authorities of the Agent's image alone.
            ["tls_verify"] = false,
        };
        return WithInterval(instance, options);
    }

    private static JsonObject GeneralInstance(ComponentKind component, AgentPatchOptions options)
    {
        JsonObject renames = [];
        foreach ((string label, string tag) in AgentMapping.RenamesOf(component)) renames[label] = tag;
        JsonObject instance = new()
        {
            ["openmetrics_endpoint"] = Address(ComponentFacts.MetricsPath),
            ["namespace"] = ComponentFacts.CheckNameOf(component),
            ["metrics"] = new JsonArray(Names(component)),
            ["rename_labels"] = renames,
            ["tags"] = new JsonArray([.. TagsOf(options).Select(tag => JsonValue.Create(tag))]),
            ["max_returned_metrics"] = MostMetrics,
            ["tls_verify"] = !options.SkipCertificateCheck,
        };
        if (!options.SkipCertificateCheck)
        {
            instance["tls_ca_cert"] = options.AuthorityPath;
            // The certificates carry names of services and no address: the Agent compares them with the Host header, which has to be spelled so.
            instance["tls_use_host_header"] = true;
            instance["extra_headers"] = new JsonObject { ["Host"] = ComponentFacts.CertificateNamesOf(component, options.Space).Name };
        }

        return WithInterval(instance, options);
    }

    private static JsonObject Names(ComponentKind component)
    {
        JsonObject names = [];
        foreach (AgentMappingEntry family in AgentMapping.Of(component)) names[family.Raw] = family.Type is null ? family.Name : new JsonObject { ["name"] = family.Name, ["type"] = family.Type };
        return names;
    }

    private static IEnumerable<string> TagsOf(AgentPatchOptions options)
    {
        List<string> tags = ["kube_namespace:%%kube_namespace%%", "pod_name:%%kube_pod_name%%"];
        if (options.ClusterName is { } cluster) tags.Add($"kube_cluster_name:{cluster}");
        tags.AddRange(options.Tags);
        return tags.Distinct(StringComparer.Ordinal);
    }

    // virt-handler has other ports too, and %%port%% is the highest.
    private static string Address(string path) => $"https://%%host%%:%%port_{ComponentFacts.PortName}%%/{path}";

    private static JsonObject WithInterval(JsonObject instance, AgentPatchOptions options)
    {
        if (options.CollectionInterval is { } seconds) instance["min_collection_interval"] = seconds;
        return instance;
    }
}
