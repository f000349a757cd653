using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Reads which families are wanted, and under which names.</summary>
internal static class MetricRulesReader
{
    public static MetricRules Read(InstanceScope scope, ComponentKind? component)
    {
        OptionReader options = scope.Options;
        IReadOnlyList<string> excluded = options.List("exclude_metrics");
        foreach (string name in excluded.Where(name => IsName(name) && name.EndsWith("_total", StringComparison.Ordinal)))
            scope.Warn($"exclude_metrics: '{name}' excludes no counter, in the Agent as here: the names of counters are compared without _total. Write '{name[..^6]}'.");
        OptionReader? patterns = options.Inner("metric_patterns");
        FamilyNames? names = Names(scope, component);
        return new MetricRules
        {
            ExcludedFamilies = excluded.Where(IsName).ToHashSet(StringComparer.Ordinal),
            ExcludedPattern = options.AnyOf("exclude_metrics", [.. excluded.Where(name => !IsName(name))]),
            Names = names,
            OnlyNamed = options.Entries("metrics").Count > 0,
            WithBuckets = options.Flag("collect_histogram_buckets") != false,
            Decumulate = options.Flag("non_cumulative_histogram_buckets") == true,
            IncludedNames = patterns?.AnyOf("include"),
            ExcludedNames = patterns?.AnyOf("exclude"),
            LineFilter = options.AnyOf("raw_line_filters"),
            RawPrefix = options.Text("raw_metric_prefix"),
        };
    }

    private static FamilyNames? Names(InstanceScope scope, ComponentKind? component)
    {
        JsonNode?[] entries = [.. scope.Options.Entries("metrics"), .. scope.Options.Entries("extra_metrics")];
        string own = EndpointReader.SpaceOf(component);
        string? wanted = scope.Options.Text("namespace");
        bool isPlain = scope.Options.Has("openmetrics_endpoint");
        if (wanted is not null && !isPlain && wanted != own)
            scope.Warn($"namespace is not applied: the names of this check begin with {own}, in the Agent as here. Use openmetrics_endpoint for names of your own.");
        else if (wanted is not null && entries.Length == 0 && wanted != own)
            scope.Warn("namespace is not applied without metrics or extra_metrics: all names are those of the catalogue.");
        if (entries.Length == 0) return null;
        FamilyNames names = new(isPlain ? wanted ?? own : own);
        foreach (JsonNode? entry in entries)
        {
            if (entry is JsonObject map)
            {
                foreach ((string family, JsonNode? value) in map) Add(scope, names, family, value);
            }
            else
            {
                Add(scope, names, entry?.ToString() ?? "", null);
            }
        }

        return names;
    }

    private static void Add(InstanceScope scope, FamilyNames names, string family, JsonNode? value)
    {
        (string? name, string? type) = value switch
        {
            null => ((string?)null, (string?)null),
            JsonObject map => (map["name"]?.ToString(), map["type"]?.ToString()),
            JsonValue single => (single.ToString(), null),
            _ => throw scope.Options.Bad("metrics", "an entry has to be a name, or a name with a name or a mapping", "Write - raw_name, or - raw_name: name."),
        };
        if (type is not (null or "native" or "native_dynamic" or "gauge" or "counter"))
            scope.Warn($"metrics: the type of '{family}' is not applied: in the Agent it would be transformed. It comes as the endpoint has it; native, gauge and counter are applied.");
        FamilyName known = new(name, type switch { "gauge" => MetricKind.Gauge, "counter" => MetricKind.Count, _ => null });
        if (IsName(family)) names.Add(family, known);
        else names.Add(scope.Options.AnyOf("metrics", [family])!, known);
    }

    // The Agent takes an entry for a regular expression where escaping would change it.
    private static bool IsName(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or ':');

    private static IReadOnlyList<JsonNode?> Entries(this OptionReader options, string name) => options.Node(name) switch
    {
        null => [],
        JsonArray list => [.. list],
        _ => throw options.Bad(name, "it has to be a list", "Write its entries as lines that begin with a dash."),
    };
}
