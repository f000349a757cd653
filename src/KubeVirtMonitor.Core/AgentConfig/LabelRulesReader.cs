using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeVirtMonitor.AgentConfig;

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
        if (format is not null && label is null) scope.Warn("hostname_format does nothing without hostname_label. Name the label that holds the host.");
        return new LabelRules
        {
            ExcludeSeries = ExcludeSeries(options),
            Excluded = options.List("exclude_labels").ToHashSet(StringComparer.Ordinal),
            Included = options.List("include_labels").ToHashSet(StringComparer.Ordinal),
            Renames = options.Texts("rename_labels").ToDictionary(rename => rename.Key, rename => rename.Value, StringComparer.Ordinal),
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
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : throw rule.Bad("values", "an entry is no number", "Write whole numbers, such as 1.");
}
