using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>PodMonitors for the Prometheus operator. One for each component, since each has another name in its certificate.</summary>
internal static class PrometheusDocuments
{
    public static JsonObject[] Of(AgentPatchOptions options) => [.. options.Components.Select(component => Monitor(component, options))];

    /// <summary>The labels to add: the cluster's name and the tags.</summary>
    public static IEnumerable<(string Name, string Value)> Labels(AgentPatchOptions options)
    {
        if (options.ClusterName is { } cluster) yield return ("cluster", cluster);
        foreach (string tag in options.Tags)
        {
            int colon = tag.IndexOf(':', StringComparison.Ordinal);
            string name = string.Concat(tag[..colon].Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_'));
            yield return (char.IsAsciiDigit(name[0]) ? "_" + name : name, tag[(colon + 1)..]);
        }
    }

    private static JsonObject Monitor(ComponentKind component, AgentPatchOptions options)
    {
        string app = ComponentFacts.NameOf(component);
        JsonObject endpoint = new() { ["port"] = ComponentFacts.PortName, ["scheme"] = "https", ["path"] = "/" + ComponentFacts.MetricsPath };
        // As KubeVirt's own ServiceMonitor has it: without it, the namespace of a machine would become exported_namespace, and KubeVirt's rules and dashboards would find nothing.
        endpoint["honorLabels"] = true;
        if (options.CollectionInterval is { } seconds) endpoint["interval"] = $"{seconds}s";
        JsonObject tls = [];
        if (options.SkipCertificateCheck)
        {
            tls["insecureSkipVerify"] = true;
        }
        else
        {
            tls["ca"] = new JsonObject { ["configMap"] = new JsonObject { ["name"] = ComponentFacts.AuthorityConfigMap, ["key"] = ComponentFacts.AuthorityKey } };
            tls["serverName"] = ComponentFacts.CertificateNamesOf(component, options.Space).Name;
        }

        endpoint["tlsConfig"] = tls;
        JsonArray relabelings = [];
        foreach ((string name, string value) in Labels(options)) relabelings.Add((JsonNode)new JsonObject { ["targetLabel"] = name, ["replacement"] = value.Replace("$", "$$", StringComparison.Ordinal) });
        if (relabelings.Count > 0) endpoint["relabelings"] = relabelings;
        return new JsonObject
        {
            ["apiVersion"] = "monitoring.coreos.com/v1",
            ["kind"] = "PodMonitor",
            // The operator reads the ConfigMap of the authority in the namespace of the PodMonitor.
            ["metadata"] = new JsonObject { ["name"] = app, ["namespace"] = options.Space, ["labels"] = new JsonObject { [ComponentFacts.Label] = app } },
            ["spec"] = new JsonObject
            {
                ["namespaceSelector"] = new JsonObject { ["matchNames"] = new JsonArray(options.Space) },
                ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { [ComponentFacts.Label] = app, ["prometheus.kubevirt.io"] = "true" } },
                ["podMetricsEndpoints"] = new JsonArray(endpoint),
            },
        };
    }
}
