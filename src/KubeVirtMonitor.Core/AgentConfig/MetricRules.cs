using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Which families of a scrape are wanted, and under which names.</summary>
internal sealed record MetricRules
{
    public IReadOnlySet<string> ExcludedFamilies { get; init; } = new HashSet<string>();

    public Regex? ExcludedPattern { get; init; }

    /// <summary>Names of the user's own; null = those of the catalogue.</summary>
    public FamilyNames? Names { get; init; }

    /// <summary>Whether only families with a name of the user's own are wanted.</summary>
    public bool OnlyNamed { get; init; }

    public bool WithBuckets { get; init; } = true;

    public bool Decumulate { get; init; }

    public Regex? IncludedNames { get; init; }

    public Regex? ExcludedNames { get; init; }

    public Regex? LineFilter { get; init; }

    public string? RawPrefix { get; init; }

    public bool ChangeLines => LineFilter is not null || RawPrefix is not null;

    public bool ChangeNothing =>
        ExcludedFamilies.Count == 0 && ExcludedPattern is null && Names is null && WithBuckets && !Decumulate && IncludedNames is null && ExcludedNames is null;

    public bool IsExcluded(string family) => ExcludedFamilies.Contains(family) || ExcludedPattern?.IsMatch(family) == true;

    public bool IsNameWanted(string name) => IncludedNames?.IsMatch(name) != false && ExcludedNames?.IsMatch(name) != true;
}

/// <summary>The names that <c>metrics</c> and <c>extra_metrics</c> give to families.</summary>
/// <param name="space">The first part of each name.</param>
internal sealed class FamilyNames(string space)
{
    private readonly Dictionary<string, FamilyName> _exact = new(StringComparer.Ordinal);
    private readonly List<(Regex Pattern, FamilyName Name)> _patterns = [];

    public void Add(string family, FamilyName name) => _exact[family] = name;

    public void Add(Regex pattern, FamilyName name) => _patterns.Add((pattern, name));

    /// <summary>The name and kind of a family's samples; null where the user gave none.</summary>
    /// <param name="family">The family, of a counter without <c>_total</c>.</param>
    /// <param name="suffix">What the Agent appends to the name by the type on the endpoint.</param>
    public (string Name, MetricKind Kind)? Find(string family, string suffix)
    {
        if (!_exact.TryGetValue(family, out FamilyName? found)) found = _patterns.Find(entry => entry.Pattern.IsMatch(family)).Name;
        if (found is null) return null;
        string end = found.Kind switch
        {
            MetricKind.Gauge => "",
            MetricKind.Count => ".count",
            _ => suffix,
        };
        MetricKind kind = found.Kind ?? (suffix is "" or ".quantile" ? MetricKind.Gauge : MetricKind.Count);
        string first = space.Length == 0 ? "" : space + ".";
        return (first + (found.Name ?? family) + end, kind);
    }
}

/// <summary>The user's name for a family.</summary>
/// <param name="Name">The name; null = as on the endpoint.</param>
/// <param name="Kind">The kind; null = by the type on the endpoint.</param>
internal sealed record FamilyName(string? Name, MetricKind? Kind);

/// <summary>Reads which families are wanted, and under which names.</summary>
internal static class MetricRulesReader
{
    public static MetricRules Read(InstanceScope scope, ComponentKind? component)
    {
        OptionReader options = scope.Options;
        IReadOnlyList<string> excluded = options.List("exclude_metrics");
        foreach (string name in excluded.Where(name => IsName(name) && name.EndsWith("_total", StringComparison.Ordinal)))
            scope.Warn($"exclude_metrics: '{name}' excludes no counter: the names of counters are compared without _total, as in the Agent. Write '{name[..^6]}'.");
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
            scope.Warn($"namespace is not applied: the names of this check begin with {own}, as in the Agent. Use openmetrics_endpoint for your own names.");
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
            scope.Warn($"metrics: the type of '{family}' is not applied: in the Agent it would be transformed. Here it is written as the endpoint exposes it; native, gauge and counter are applied.");
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
        _ => throw options.Bad(name, "it has to be a list", "Write each entry on a line that begins with a dash."),
    };
}
