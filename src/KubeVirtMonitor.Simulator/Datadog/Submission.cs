using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeVirtMonitor.Simulator.Datadog;

/// <summary>What a run of a check sends: names by the patterns of its instance, and no more samples than its limit.</summary>
internal sealed class Submission
{
    private readonly string _check;
    private readonly int _limit;
    private readonly Regex? _include;
    private readonly Regex? _exclude;
    private int _seen;

    /// <param name="check">The name of the check.</param>
    /// <param name="instance">Its instance.</param>
    /// <param name="usual">The limit of the check; 0 = none.</param>
    /// <exception cref="CheckFailure">A setting is of a wrong type; the instance cannot be made then.</exception>
    public Submission(string check, JsonObject instance, int usual)
    {
        _check = check;
        JsonNode? patterns = instance["metric_patterns"];
        if (patterns is not (null or JsonObject)) throw new CheckFailure("datadog_checks.base.errors.ConfigurationError", "Setting `metric_patterns` must be a mapping");
        _exclude = Pattern(patterns, "exclude");
        _include = Pattern(patterns, "include");
        _limit = usual;
        if (!instance.TryGetPropertyValue("max_returned_metrics", out JsonNode? limit)) return;
        if (limit is not JsonValue || !int.TryParse(limit.ToString(), System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out int most))
            Warnings.Add($"Configured 'max_returned_metrics' cannot be interpreted as an integer: {limit?.ToString() ?? "None"}. Reverting to the default limit: {usual}");
        else if (most == 0 && usual > 0) Warnings.Add($"Setting 'max_returned_metrics' to zero is not allowed. Reverting to the default metric limit: {usual}");
        else _limit = most;
    }

    /// <summary>Samples by the name that they are sent under.</summary>
    public SortedDictionary<string, int> Names { get; } = new(StringComparer.Ordinal);

    /// <summary>Samples.</summary>
    public int Samples { get; private set; }

    /// <summary>Service checks.</summary>
    public int ServiceChecks { get; set; }

    /// <summary>Buckets of distributions.</summary>
    public int HistogramBuckets { get; set; }

    /// <summary>What it warns of.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>What it says about the other side, such as its version.</summary>
    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Sends a sample.</summary>
    public void Send(string name)
    {
        if (_exclude?.IsMatch(name) == true || _include?.IsMatch(name) == false) return;
        if (_limit > 0 && ++_seen > _limit)
        {
            if (_seen == _limit + 1) Warnings.Add($"Check {_check} exceeded limit of {_limit} metrics, ignoring next ones");
            return;
        }

        Samples++;
        Names[name] = Names.GetValueOrDefault(name) + 1;
    }

    private static Regex? Pattern(JsonNode? patterns, string option)
    {
        if (patterns?[option] is not { } given) return null;
        if (given is not JsonArray list) throw new CheckFailure("datadog_checks.base.errors.ConfigurationError", $"Setting `{option}` of `metric_patterns` must be an array");
        List<string> texts = [];
        for (int i = 0; i < list.Count; i++)
        {
            string text = Python.Text(list[i]) ?? throw new CheckFailure("datadog_checks.base.errors.ConfigurationError", $"Entry #{i + 1} of setting `{option}` of `metric_patterns` must be a string");
            if (text.Length > 0) texts.Add(text);
        }

        return texts.Count == 0 ? null : Python.Pattern(string.Join('|', texts));
    }
}
