using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Which labels of a series become tags, and under which names.</summary>
internal sealed record LabelRules
{
    /// <summary>Labels that exclude their series: always where the pattern is null, else where it is found in the value.</summary>
    public IReadOnlyDictionary<string, Regex?> ExcludeSeries { get; init; } = new Dictionary<string, Regex?>();

    public IReadOnlySet<string> Excluded { get; init; } = new HashSet<string>();

    public IReadOnlySet<string> Included { get; init; } = new HashSet<string>();

    public IReadOnlyDictionary<string, string> Renames { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether <see cref="Renames"/> are all there are; else those of the component's check come after them.</summary>
    public bool OnlyRenames { get; init; }

    public IReadOnlyList<SharedLabelRule> Shared { get; init; } = [];

    public string? HostnameLabel { get; init; }

    public string? HostnameFormat { get; init; }

    public bool WithEndpoint { get; init; } = true;

    public bool ChangeNothing =>
        ExcludeSeries.Count == 0 && Excluded.Count == 0 && Included.Count == 0 && Renames.Count == 0 && !OnlyRenames && Shared.Count == 0 && HostnameLabel is null && WithEndpoint;

    public bool ExcludesSeries(string label, string value) => ExcludeSeries.TryGetValue(label, out Regex? pattern) && pattern?.IsMatch(value) != false;

    public bool IsTag(string label) =>
        !Excluded.Contains(label) && (Included.Count == 0 || Included.Contains(label) || label is "upper_bound" or "lower_bound" or "quantile");
}

/// <summary>Labels that one family shares with all series of a scrape.</summary>
/// <param name="Family">The family.</param>
/// <param name="Labels">The labels to share; empty = all.</param>
/// <param name="Match">Labels on which a series has to agree to get them; empty = every series gets them.</param>
/// <param name="Values">Only series with one of these values share; empty = all do.</param>
internal sealed record SharedLabelRule(string Family, IReadOnlyList<string> Labels, IReadOnlyList<string> Match, IReadOnlyList<double> Values);

/// <summary>The labels that the series of one scrape share.</summary>
internal sealed class SharedLabels(IReadOnlyList<SharedLabelRule> rules)
{
    private readonly List<KeyValuePair<string, string>> _forAll = [];
    private readonly List<(KeyValuePair<string, string>[] Match, KeyValuePair<string, string>[] Labels)> _forSome = [];

    /// <summary>Takes what a series shares.</summary>
    public void Collect(string family, IReadOnlyList<KeyValuePair<string, string>> labels, double value)
    {
        foreach (SharedLabelRule rule in rules)
        {
            if (rule.Family != family || (rule.Values.Count > 0 && !rule.Values.Contains(value))) continue;
            KeyValuePair<string, string>[] shared = [.. labels.Where(label => rule.Labels.Count == 0 || rule.Labels.Contains(label.Key))];
            if (rule.Match.Count == 0)
            {
                _forAll.AddRange(shared);
                continue;
            }

            KeyValuePair<string, string>[] match = [.. labels.Where(label => rule.Match.Contains(label.Key))];
            if (match.Length == rule.Match.Count) _forSome.Add((match, shared));
        }
    }

    /// <summary>Adds to a series what others share with it; a shared label goes before its own of that name, and a later one before an earlier.</summary>
    public void Populate(List<KeyValuePair<string, string>> labels)
    {
        KeyValuePair<string, string>[] own = [.. labels];
        foreach (KeyValuePair<string, string> label in _forAll) Set(labels, label);
        foreach ((KeyValuePair<string, string>[] match, KeyValuePair<string, string>[] shared) in _forSome)
        {
            if (!Array.TrueForAll(match, own.Contains)) continue;
            foreach (KeyValuePair<string, string> label in shared) Set(labels, label);
        }
    }

    private static void Set(List<KeyValuePair<string, string>> labels, KeyValuePair<string, string> label)
    {
        int place = labels.FindIndex(other => other.Key == label.Key);
        if (place < 0) labels.Add(label);
        else labels[place] = label;
    }
}

/// <summary>Reads which labels become tags.</summary>
internal static class LabelRulesReader
{
    private const string Placeholder = "<HOSTNAME>";

    public static LabelRules Read(InstanceScope scope)
    {
        OptionReader options = scope.Options;
        string? format = options.Text("hostname_format");
        if (format?.Contains(Placeholder, StringComparison.Ordinal) == false)
            throw options.Bad("hostname_format", $"it lacks {Placeholder}", $"Write {Placeholder} where the value of hostname_label belongs.");
        string? label = options.Text("hostname_label");
        if (format is not null && label is null) scope.Warn("hostname_format has no effect without hostname_label. Set hostname_label to the label that contains the host.");
        return new LabelRules
        {
            ExcludeSeries = ExcludeSeries(options),
            Excluded = options.List("exclude_labels").ToHashSet(StringComparer.Ordinal),
            Included = options.List("include_labels").ToHashSet(StringComparer.Ordinal),
            Renames = options.Texts("rename_labels").ToDictionary(rename => rename.Key, rename => rename.Value, StringComparer.Ordinal),
            OnlyRenames = scope.Check == AgentCheck.OpenMetrics,
            Shared = Shared(options),
            HostnameLabel = label,
            HostnameFormat = format,
            WithEndpoint = options.Flag("tag_by_endpoint") != false,
        };
    }

    /// <summary>The tag <c>host</c> for a value.</summary>
    public static string Host(LabelRules rules, string value) => rules.HostnameFormat?.Replace(Placeholder, value, StringComparison.Ordinal) ?? value;

    private static Dictionary<string, Regex?> ExcludeSeries(OptionReader options)
    {
        Dictionary<string, Regex?> excluded = new(StringComparer.Ordinal);
        if (options.Inner("exclude_metrics_by_labels") is not { } labels) return excluded;
        foreach ((string label, JsonNode? values) in options.Map("exclude_metrics_by_labels")!)
        {
            if (values is JsonArray) excluded[label] = labels.AnyOf(label) ?? throw labels.Bad(label, "the list is empty", "Write true, or a list of regular expressions.");
            else if (labels.IsTrue(label)) excluded[label] = null;
            else throw labels.Bad(label, "it has to be true or a list", "Write true, or a list of regular expressions.");
        }

        return excluded;
    }

    private static List<SharedLabelRule> Shared(OptionReader options)
    {
        List<SharedLabelRule> rules = [];
        if (options.Inner("share_labels") is not { } families) return rules;
        foreach ((string family, JsonNode? value) in options.Map("share_labels")!)
        {
            if (value is JsonObject && families.Inner(family) is { } rule)
                rules.Add(new SharedLabelRule(family, rule.List("labels"), rule.List("match"), [.. rule.List("values").Select(text => Number(rule, text))]));
            else if (families.IsTrue(family))
                rules.Add(new SharedLabelRule(family, [], [], []));
            else
                throw families.Bad(family, "it has to be true or a mapping", "Write true, or labels, match and values below it.");
        }

        return rules;
    }

    private static double Number(OptionReader rule, string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : throw rule.Bad("values", "an entry is not a number", "Write whole numbers, such as 1.");
}
