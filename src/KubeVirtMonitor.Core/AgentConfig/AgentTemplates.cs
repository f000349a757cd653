using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>
/// What Autodiscovery does with a configuration: it makes an instance for each pod that the identifiers name, and fills in the template variables.
/// Identifiers are names of images; those of KubeVirt end with the name of the component.
/// </summary>
internal sealed class AgentTemplates
{
    private readonly IReadOnlyList<AgentPod>? _pods;
    private readonly ComponentKind[] _identified;
    private bool _discovers;

    /// <summary>Reads whom a configuration is for.</summary>
    /// <param name="configuration">The configuration of a check.</param>
    /// <param name="place">How messages call it.</param>
    /// <param name="pods">The pods of the cluster; null = there is no session.</param>
    /// <param name="warnings">Takes identifiers that are none of KubeVirt's.</param>
    /// <exception cref="ScrapeException">The identifiers are no list.</exception>
    public AgentTemplates(JsonObject configuration, string place, IReadOnlyList<AgentPod>? pods, OptionWarnings warnings)
    {
        _pods = pods;
        string[] identifiers = [.. new OptionReader(configuration, place).List("ad_identifiers")];
        _identified = [.. identifiers.Select(ComponentOf).OfType<ComponentKind>().Distinct()];
        foreach (string other in identifiers.Where(identifier => ComponentOf(identifier) is null))
            warnings.Add($"ad_identifiers: '{other}' is not applied: no container of KubeVirt has this image. Its images are virt-api, virt-controller and virt-handler.", 0);
    }

    /// <summary>Whether the pods of a session are wanted.</summary>
    public bool WantsPods { get; private set; }

    /// <summary>The text of the first template variable; null where there is none.</summary>
    public static string? VariableIn(JsonNode? value) => value is JsonValue single ? TemplateVariables.First(single.ToString()) : null;

    /// <summary>The instances that the Agent's discovery makes of a configuration without any.</summary>
    /// <param name="place">How messages call the configuration.</param>
    /// <exception cref="ScrapeException">The identifiers name no component.</exception>
    public IReadOnlyList<JsonObject> Discover(string place)
    {
        if (_identified.Length == 0)
            throw new ScrapeException(ScrapeError.BadConfiguration, place, "discovery: ad_identifiers names no component of KubeVirt", advice: "Write virt-api, virt-controller or virt-handler under ad_identifiers.");
        _discovers = true;
        return [.. _identified.Select(Discovered)];
    }

    /// <summary>An instance for each pod that it is for, with the pod's own values; itself where its address needs none.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="component">The component of its options; null = they do not say.</param>
    /// <param name="place">How messages call it.</param>
    /// <exception cref="ScrapeException">It is for no pod, or it cannot be told for which.</exception>
    public IReadOnlyList<(JsonObject Instance, AgentPod? Pod)> Expand(JsonObject instance, ComponentKind? component, string place)
    {
        if (!instance.Any(option => option.Key.EndsWith("_endpoint", StringComparison.Ordinal) && VariableIn(option.Value) is not null)) return [(instance, null)];
        WantsPods = true;
        if (_pods is null && _discovers)
            throw new ScrapeException(ScrapeError.BadConfiguration, place, "discovery: the Agent would find the pods by itself, and without a session with the cluster they are not known here", advice: "Open a session with the cluster, which finds the pods.");
        if (_pods is null) return [(instance, null)];
        ComponentKind[] wanted = component is { } one && (_identified.Length == 0 || _identified.Contains(one)) ? [one] : component is null ? _identified : [];
        if (wanted.Length == 0)
        {
            string what = component is { } named ? $"it is for {ComponentFacts.NameOf(named)}, which ad_identifiers does not name" : "it does not say whose pods its template variables are of";
            throw new ScrapeException(ScrapeError.BadConfiguration, place, what, advice: "Write the image of the component under ad_identifiers, such as virt-handler, or namespace: kubevirt_handler.");
        }

        AgentPod[] pods = [.. _pods.Where(pod => wanted.Contains(pod.Component))];
        if (pods.Length == 0)
            throw new ScrapeException(ScrapeError.BadConfiguration, place, $"the cluster of the session has no pod of {string.Join(" or ", wanted.Select(ComponentFacts.NameOf))} with an address", advice: "Check the pods of KubeVirt, and the session.");
        return [.. pods.Select(pod => (Filled(instance, pod), (AgentPod?)pod))];
    }

    private static ComponentKind? ComponentOf(string identifier)
    {
        string image = identifier.Split('/')[^1].Split('@')[0].Split(':')[0];
        return ComponentFacts.KindOf(image) is { } kind and not ComponentKind.Operator ? kind : null;
    }

    // As config_models/discovery.py of the checks has it: of virt-api without the names of pod and namespace.
    private static JsonObject Discovered(ComponentKind component)
    {
        string check = ComponentFacts.CheckNameOf(component);
        JsonObject instance = new()
        {
            [check + "_metrics_endpoint"] = $"https://%%host%%:%%port_{ComponentFacts.PortName}%%/{ComponentFacts.MetricsPath}",
            [check + "_healthz_endpoint"] = $"https://%%host%%:%%port_{ComponentFacts.PortName}%%/{ComponentFacts.HealthPathOf(component)}",
            ["tls_verify"] = false,
        };
        if (component == ComponentKind.Api) return instance;
        instance["kube_namespace"] = "%%kube_namespace%%";
        instance["kube_pod_name"] = "%%kube_pod_name%%";
        return instance;
    }

    private static JsonObject Filled(JsonObject instance, AgentPod pod) => Fill(instance, pod)!.AsObject();

    private static JsonNode? Fill(JsonNode? node, AgentPod pod) => node switch
    {
        JsonObject map => new JsonObject(map.Select(entry => KeyValuePair.Create(entry.Key, Fill(entry.Value, pod)))),
        JsonArray list => new JsonArray([.. list.Select(item => Fill(item, pod))]),
        JsonValue value when VariableIn(value) is not null => JsonValue.Create(pod.Variables.Fill(value.ToString(), out _)),
        _ => node?.DeepClone(),
    };
}

/// <summary>A pod of KubeVirt, for what the Agent's Autodiscovery fills in.</summary>
/// <param name="Component">Which component it is.</param>
/// <param name="Variables">Its values.</param>
internal sealed record AgentPod(ComponentKind Component, TemplateVariables Variables);
