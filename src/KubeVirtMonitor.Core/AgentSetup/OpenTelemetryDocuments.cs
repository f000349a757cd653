using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>The Prometheus receiver of an OpenTelemetry Collector, and its permission to find the pods.</summary>
internal static class OpenTelemetryDocuments
{
    private const string Name = "otel-kubevirt";

    public static JsonObject[] Of(AgentPatchOptions options)
    {
        JsonObject config = Receiver(options)["config"]!.DeepClone().AsObject();
        return
        [
            new JsonObject
            {
                ["apiVersion"] = "rbac.authorization.k8s.io/v1",
                ["kind"] = "Role",
                ["metadata"] = new JsonObject { ["name"] = Name, ["namespace"] = options.Space },
                ["rules"] = new JsonArray(new JsonObject { ["apiGroups"] = new JsonArray(""), ["resources"] = new JsonArray("pods"), ["verbs"] = new JsonArray("get", "list", "watch") }),
            },
            new JsonObject
            {
                ["apiVersion"] = "rbac.authorization.k8s.io/v1",
                ["kind"] = "RoleBinding",
                ["metadata"] = new JsonObject { ["name"] = Name, ["namespace"] = options.Space },
                ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "Role", ["name"] = Name },
                ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["name"] = options.AgentServiceAccount, ["namespace"] = options.AgentNamespace }),
            },
            new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "ConfigMap",
                ["metadata"] = new JsonObject { ["name"] = Name, ["namespace"] = options.AgentNamespace },
                ["data"] = new JsonObject { ["kubevirt.yaml"] = options.Yaml?.Write(config) ?? config.ToJsonString(DatadogCheck.Plain) },
            },
        ];
    }

    /// <summary>Values for the chart of the Collector: the receiver, and the mount of the copy of KubeVirt's authorities.</summary>
    public static JsonObject Values(AgentPatchOptions options)
    {
        JsonObject values = Receiver(options);
        if (options.SkipCertificateCheck) return values;
        string path = options.AuthorityPath;
        int slash = path.LastIndexOf('/');
        values["extraVolumes"] = new JsonArray(new JsonObject
        {
            ["name"] = AgentAuthority.Volume,
            ["configMap"] = new JsonObject { ["name"] = ComponentFacts.AuthorityConfigMap, ["items"] = new JsonArray(new JsonObject { ["key"] = ComponentFacts.AuthorityKey, ["path"] = path[(slash + 1)..] }) },
        });
        values["extraVolumeMounts"] = new JsonArray(new JsonObject { ["name"] = AgentAuthority.Volume, ["mountPath"] = path[..slash], ["readOnly"] = true });
        return values;
    }

    private static JsonObject Receiver(AgentPatchOptions options)
    {
        JsonArray scrapes = [.. options.Components.Select(component => Scrape(component, options))];
        return new JsonObject
        {
            ["config"] = new JsonObject
            {
                ["receivers"] = new JsonObject { ["prometheus/kubevirt"] = new JsonObject { ["config"] = new JsonObject { ["scrape_configs"] = scrapes } } },
            },
        };
    }

    private static JsonObject Scrape(ComponentKind component, AgentPatchOptions options)
    {
        string app = ComponentFacts.NameOf(component);
        JsonObject tls = options.SkipCertificateCheck
            ? new JsonObject { ["insecure_skip_verify"] = true }
            : new JsonObject { ["ca_file"] = options.AuthorityPath, ["server_name"] = ComponentFacts.CertificateNamesOf(component, options.Space).Name };
        JsonArray relabel =
        [
            Keep("__meta_kubernetes_pod_label_kubevirt_io", app),
            Keep("__meta_kubernetes_pod_container_port_name", "metrics"),
            Copy("__meta_kubernetes_namespace", "kube_namespace"),
            Copy("__meta_kubernetes_pod_name", "pod_name"),
            Copy("__meta_kubernetes_pod_node_name", "kube_node"),
        ];
        // The Collector takes a single dollar sign for a variable of its own.
        foreach ((string name, string value) in PrometheusDocuments.Labels(options)) relabel.Add((JsonNode)new JsonObject { ["target_label"] = name, ["replacement"] = value.Replace("$", "$$$$", StringComparison.Ordinal) });
        // The labels namespace, name and node of a machine's series are the machine's; without this they would be renamed, or be the pod's.
        JsonObject scrape = new() { ["job_name"] = app, ["scheme"] = "https", ["metrics_path"] = "/metrics", ["honor_labels"] = true };
        if (options.CollectionInterval is { } seconds) scrape["scrape_interval"] = $"{seconds}s";
        scrape["tls_config"] = tls;
        scrape["kubernetes_sd_configs"] = new JsonArray(new JsonObject { ["role"] = "pod", ["namespaces"] = new JsonObject { ["names"] = new JsonArray(options.Space) } });
        scrape["relabel_configs"] = relabel;
        return scrape;
    }

    private static JsonObject Keep(string label, string value) => new() { ["source_labels"] = new JsonArray(label), ["regex"] = value, ["action"] = "keep" };

    private static JsonObject Copy(string label, string target) => new() { ["source_labels"] = new JsonArray(label), ["target_label"] = target };
}
