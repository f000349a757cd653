using System.Globalization;
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

    /// <summary>The number of samples after which the Agent sends no more; null = no limit.</summary>
    public long? Limit { get; init; }

    public bool WithBuckets { get; init; } = true;

    public bool Decumulate { get; init; }

    public Regex? IncludedNames { get; init; }

    public Regex? ExcludedNames { get; init; }

    public Regex? LineFilter { get; init; }

    public string? RawPrefix { get; init; }

    public bool ChangeLines => LineFilter is not null || RawPrefix is not null;

    public bool ChangeNothing =>
        ExcludedFamilies.Count == 0 && ExcludedPattern is null && Names is null && Limit is null && WithBuckets && !Decumulate && IncludedNames is null && ExcludedNames is null;

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
    /// <param name="isTyped">Whether the endpoint tells a type. Without one, a family is only sent where the user gave one.</param>
    /// <param name="first">What the first sample of each family had for a suffix in this scrape.</param>
    public (string Name, MetricKind Kind)? Find(string family, string suffix, bool isTyped, Dictionary<string, string> first)
    {
        if (!_exact.TryGetValue(family, out FamilyName? found)) found = _patterns.Find(entry => entry.Pattern.IsMatch(family)).Name;
        if (found is null || (!isTyped && found.Kind is null)) return null;
        if (found is { Kind: null, IsDynamic: false } && suffix is "" or ".count" && !first.TryAdd(family, suffix) && first[family] is "" or ".count") suffix = first[family];
        string end = found.Kind switch
        {
            MetricKind.Gauge => "",
            MetricKind.Count => ".count",
            _ => suffix,
        };
        MetricKind kind = found.Kind ?? (suffix is "" or ".quantile" ? MetricKind.Gauge : MetricKind.Count);
        string start = space.Length == 0 ? "" : space + ".";
        return (start + (found.Name ?? family) + end, kind);
    }
}

/// <summary>The user's name for a family.</summary>
/// <param name="Name">The name; null = as on the endpoint.</param>
/// <param name="Kind">The kind; null = by the type on the endpoint.</param>
/// <param name="IsDynamic">Whether that is the type of each family; else that of the first of a name, since a gauge <c>x</c> and a counter <c>x_total</c> have one name.</param>
internal sealed record FamilyName(string? Name, MetricKind? Kind, bool IsDynamic);

/// <summary>Reads which families are wanted, and under which names.</summary>
internal static class MetricRulesReader
{
    private const int UsualLimit = 2000;

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
            OnlyNamed = names is not null,
            Limit = LimitOf(scope),
            WithBuckets = options.Flag("collect_histogram_buckets") != false,
            Decumulate = options.Flag("non_cumulative_histogram_buckets") == true,
            IncludedNames = patterns?.AnyOf("include"),
            ExcludedNames = patterns?.AnyOf("exclude"),
            LineFilter = options.AnyOf("raw_line_filters"),
            RawPrefix = options.Text("raw_metric_prefix"),
        };
    }

    // As limits of the base check are read: 0 lifts none that there is by default, and a negative number lifts every one.
    private static long? LimitOf(InstanceScope scope)
    {
        const string Name = "max_returned_metrics";
        long? usual = scope.Check == AgentCheck.OpenMetrics ? UsualLimit : null;
        if (scope.Options.Text(Name) is not { } text) return usual;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long limit))
        {
            scope.Warn($"{Name} is not applied, as by the Agent: it is not a whole number. Write one, such as 1000000.");
            return usual;
        }

        if (limit != 0) return limit < 0 ? null : limit;
        if (usual is not null) scope.Warn($"{Name}: 0 is not applied, as by the Agent: the limit of this check stays {UsualLimit}. Write a number, such as 1000000.");
        return usual;
    }

    private static FamilyNames? Names(InstanceScope scope, ComponentKind? component)
    {
        if (scope.Check == AgentCheck.KubeVirt) return null;
        JsonNode?[] entries = [.. scope.Options.Entries("metrics"), .. scope.Options.Entries("extra_metrics")];
        string own = EndpointReader.SpaceOf(component);
        string? wanted = scope.Options.Text("namespace");
        if (entries.Length == 0)
            scope.Warn("the instance has no metrics, so the Agent would send none of it. Here they have the names of the catalogue. Name the families under metrics.");
        if (entries.Length == 0) return null;
        FamilyNames names = new(wanted ?? own);
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
        FamilyName known = new(name, type switch { "gauge" => MetricKind.Gauge, "counter" => MetricKind.Count, _ => null }, type == "native_dynamic");
        if (IsName(family))
        {
            names.Add(family, known);
            return;
        }

        if (name is not null) scope.Warn($"metrics: the name for '{family}' is not applied, as by the Agent: it is a regular expression, and the families that it finds keep their names. Write the whole name of each family.");
        names.Add(scope.Options.AnyOf("metrics", [family])!, known with { Name = null });
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
