namespace KubeVirtMonitor.Catalog;

/// <summary>
/// What the Datadog Agent's generic check openmetrics has to be told under <c>metrics</c>, so that it sends the documented metrics of a component
/// with every KubeVirt version. The check compares the names of families as Python's prometheus_client reads them (of a counter without
/// <c>_total</c>), and adds <c>.count</c>, <c>.bucket</c>, <c>.sum</c> to the name by the type on the endpoint, or by the type that an entry gives.
/// </summary>
internal static class AgentMapping
{
    /// <summary>The entries of a component, in the order of the names, and of one name the newest first. None for virt-operator, which no check scrapes.</summary>
    public static IReadOnlyList<AgentMappingEntry> Of(ComponentKind component)
    {
        List<AgentMappingEntry> entries = [];
        foreach (MetricDefinition definition in MetricCatalog.Default.Definitions.Where(definition => definition.Component == component && definition.Documented))
        {
            if (definition.DerivedFrom is { } source) entries.Add(new AgentMappingEntry(source, NameOf(definition), null));
            foreach (RawMetric raw in definition.RawMetrics.Where(raw => IsSent(definition, raw)))
            {
                // The three metrics of a histogram are one entry, and so are a name's spans of versions.
                if (entries.Exists(entry => entry.Raw == raw.AgentName)) continue;
                string type = TypeOf(definition);
                bool isTypedOtherwise = definition.RawMetrics.Any(other => other.AgentName == raw.AgentName && other.Type != type);
                entries.Add(new AgentMappingEntry(raw.AgentName, NameOf(definition), isTypedOtherwise ? type : null));
            }
        }

        return entries;
    }

    /// <summary>
    /// Whether the check sends a metric from one of its raw families. It cannot divide, so a family that was never in the unit of the definition
    /// is left out: better absent than a thousand times too big. A name that changed its unit between versions stays.
    /// </summary>
    public static bool IsSent(MetricDefinition definition, RawMetric raw) =>
        definition.RawMetrics.Any(other => other.AgentName == raw.AgentName && other.Divisor == 1);

    /// <summary>The labels that the Agent's check of a component renames.</summary>
    public static KeyValuePair<string, string>[] RenamesOf(ComponentKind? component) => component switch
    {
        ComponentKind.Api => [new("version", "kubevirt_api_version"), new("host", "kubevirt_api_host")],
        ComponentKind.Controller or ComponentKind.Handler => [new("namespace", "vm_namespace")],
        _ => [],
    };

    private static string TypeOf(MetricDefinition definition) =>
        definition.RawMetrics[0].Type == "histogram" ? "histogram" : definition.Kind == MetricKind.Count ? "counter" : "gauge";

    private static string NameOf(MetricDefinition definition)
    {
        int start = ComponentFacts.CheckNameOf(definition.Component).Length + 1;
        return TypeOf(definition) == "gauge" ? definition.Name[start..] : definition.Name[start..definition.Name.LastIndexOf('.')];
    }
}

/// <summary>One family of an endpoint, and what the Agent makes of it.</summary>
/// <param name="Raw">The family, of a counter without <c>_total</c>.</param>
/// <param name="Name">The name below the namespace of the check, without what the type adds: <c>vmi.cpu_usage_seconds</c>.</param>
/// <param name="Type"><c>gauge</c> or <c>counter</c> where a KubeVirt version types the family otherwise; null = as on the endpoint.</param>
internal sealed record AgentMappingEntry(string Raw, string Name, string? Type);
