using System.Buffers;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeVirtMonitor.Simulator.Datadog;

/// <summary>Scrapes one endpoint and sends what the option <c>metrics</c> asks for.</summary>
internal sealed class OpenMetricsScraper
{
    private const string Configuration = "datadog_checks.base.errors.ConfigurationError";

    private static readonly SearchValues<char> Special = SearchValues.Create("()[]{}?*+-|^$\\.&~# \t\n\r\v\f");

    private static readonly string[] Types =
        ["counter", "counter_gauge", "gauge", "histogram", "metadata", "native", "native_dynamic", "rate", "service_check", "summary", "temporal_percent", "time_elapsed"];

    private readonly JsonObject _instance;
    private readonly string _namespace;
    private readonly Dictionary<string, (string Name, string Type)> _names = new(StringComparer.Ordinal);
    private readonly List<(Regex Pattern, string Type)> _patterns = [];

    /// <exception cref="CheckFailure">An option is of a wrong type.</exception>
    public OpenMetricsScraper(JsonObject instance)
    {
        _instance = instance;
        Endpoint = instance["openmetrics_endpoint"] switch
        {
            JsonValue value when Python.Text(value) is { } text => text,
            _ => throw new CheckFailure(Configuration, "The setting `openmetrics_endpoint` must be a string"),
        };
        if (Endpoint.Length == 0) throw new CheckFailure(Configuration, "The setting `openmetrics_endpoint` is required");
        foreach (string option in new[] { "metrics", "extra_metrics" }) Read(option);
        foreach (string option in new[] { "namespace", "raw_metric_prefix", "hostname_label", "hostname_format" })
        {
            if (instance.TryGetPropertyValue(option, out JsonNode? value) && Python.Text(value) is null) throw new CheckFailure(Configuration, $"Setting `{option}` must be a string");
        }

        foreach (string option in new[] { "exclude_labels", "include_labels", "exclude_metrics", "tags", "raw_line_filters" }) _ = List(option);
        if (instance.TryGetPropertyValue("rename_labels", out JsonNode? labels))
        {
            if (labels is not JsonObject renamed) throw new CheckFailure(Configuration, "Setting `rename_labels` must be a mapping");
            foreach ((string label, JsonNode? to) in renamed)
            {
                if (Python.Text(to) is null) throw new CheckFailure(Configuration, $"Value for label `{label}` of setting `rename_labels` must be a string");
            }
        }

        _namespace = Python.Text(instance["namespace"]) ?? "";
    }

    /// <summary>What is scraped.</summary>
    public string Endpoint { get; }

    /// <summary>Scrapes, and sends.</summary>
    public async Task ScrapeAsync(CheckClient client, Submission submission, CancellationToken cancellation)
    {
        foreach (ScrapedFamily family in await FamiliesAsync(client, submission, cancellation))
        {
            if (Transformer(family) is { } found) Send(family, found.Name, found.Type, submission);
        }
    }

    /// <summary>Gets the families of the endpoint, without those that are excluded.</summary>
    public async Task<List<ScrapedFamily>> FamiliesAsync(CheckClient client, Submission submission, CancellationToken cancellation)
    {
        string[] lines;
        bool tells = Python.IsAffirmative(_instance["enable_health_service_check"], absent: true);
        try
        {
            if (tells) submission.ServiceChecks++;
            lines = await client.GetAsync(Endpoint, null, cancellation);
        }
        catch (CheckFailure failure) when (failure.IsRequest)
        {
            if (failure.Type == "requests.exceptions.ConnectionError" && Python.IsAffirmative(_instance["ignore_connection_errors"])) return [];
            throw new CheckFailure(failure.Type, $"There was an error scraping endpoint {Endpoint}: {failure.Message}");
        }

        if (List("raw_line_filters") is { Length: > 0 } filters)
        {
            Regex filter = Python.Pattern(string.Join('|', filters));
            lines = [.. lines.Where(line => !filter.IsMatch(line))];
        }

        string prefix = Python.Text(_instance["raw_metric_prefix"]) ?? "";
        string[] excluded = List("exclude_metrics");
        return [.. Exposition.Read(lines)
            .Select(family => prefix.Length > 0 && family.Name.StartsWith(prefix, StringComparison.Ordinal) ? family with { Name = family.Name[prefix.Length..] } : family)
            .Where(family => !excluded.Any(each => IsPattern(each) ? Python.Pattern(each).IsMatch(family.Name) : each == family.Name))];
    }

    /// <summary>The samples that count: finite ones, without those whose labels are excluded.</summary>
    public IEnumerable<ScrapedSample> Samples(ScrapedFamily family) => family.Samples.Where(sample => double.IsFinite(sample.Value) && !IsExcluded(sample));

    /// <summary>Sends the samples of a family by its own type.</summary>
    public static void Native(string name, string type, IEnumerable<ScrapedSample> samples, string family, Submission submission, JsonObject options)
    {
        bool both = Python.IsAffirmative(options["collect_counters_with_distributions"]);
        bool distributions = both || Python.IsAffirmative(options["histogram_buckets_as_distributions"]);
        bool buckets = distributions || Python.IsAffirmative(options["collect_histogram_buckets"], absent: true);
        foreach (ScrapedSample sample in samples)
        {
            switch (type)
            {
                case "counter":
                    submission.Send(name + ".count");
                    break;
                case "histogram" or "summary" when sample.Name.EndsWith("_sum", StringComparison.Ordinal) || sample.Name.EndsWith("_count", StringComparison.Ordinal):
                    if (type == "summary" || !distributions || both) submission.Send($"{name}.{(sample.Name.EndsWith("_sum", StringComparison.Ordinal) ? "sum" : "count")}");
                    break;
                case "histogram" when sample.Name.EndsWith("_bucket", StringComparison.Ordinal):
                    if (distributions) submission.HistogramBuckets++;
                    else if (buckets && sample.Labels.GetValueOrDefault("le") is { } bound && !bound.EndsWith("Inf", StringComparison.Ordinal)) submission.Send(name + ".bucket");
                    break;
                case "summary" when sample.Name == family:
                    submission.Send(name + ".quantile");
                    break;
                case "gauge":
                    submission.Send(name);
                    break;
            }
        }
    }

    private bool IsExcluded(ScrapedSample sample)
    {
        foreach ((string label, JsonNode? values) in _instance["exclude_metrics_by_labels"] as JsonObject ?? [])
        {
            if (!sample.Labels.TryGetValue(label, out string? value)) continue;
            if (values is not JsonArray patterns || Python.Pattern(string.Join('|', patterns.Select(static one => one?.ToString()))).IsMatch(value)) return true;
        }

        return false;
    }

    private void Send(ScrapedFamily family, string name, string type, Submission submission)
    {
        string whole = _namespace.Length == 0 ? name : $"{_namespace}.{name}";
        IEnumerable<ScrapedSample> samples = Samples(family);
        switch (type)
        {
            // A family without a type, or of one that the checks do not know, has to be given one.
            case "native" or "native_dynamic":
                if (family.Type is "counter" or "gauge" or "histogram" or "summary") Native(whole, family.Type, samples, family.Name, submission, _instance);
                break;
            case "counter_gauge":
                foreach (ScrapedSample _ in samples)
                {
                    submission.Send(whole + ".total");
                    submission.Send(whole + ".count");
                }

                break;
            case "metadata":
                foreach (ScrapedSample sample in samples) submission.Metadata[name + ".raw"] = sample.Labels.Values.FirstOrDefault() ?? "";
                break;
            case "service_check":
                submission.ServiceChecks += samples.Count();
                break;
            case "rate" or "temporal_percent" or "time_elapsed":
                Native(whole, "gauge", samples, family.Name, submission, _instance);
                break;
            default:
                Native(whole, type, samples, family.Name, submission, _instance);
                break;
        }
    }

    private (string Name, string Type)? Transformer(ScrapedFamily family)
    {
        if (_names.TryGetValue(family.Name, out var known)) return known;
        foreach ((Regex pattern, string type) in _patterns)
        {
            if (pattern.IsMatch(family.Name)) return (family.Name, type);
        }

        return null;
    }

    private void Read(string option)
    {
        if (!_instance.TryGetPropertyValue(option, out JsonNode? given)) return;
        if (given is not JsonArray list) throw new CheckFailure("TypeError", $"Setting `{option}` must be an array");
        for (int i = 0; i < list.Count; i++)
        {
            switch (list[i])
            {
                case JsonValue value when Python.Text(value) is { } text:
                    Add(text, text, "native");
                    break;
                case JsonObject map:
                    foreach ((string raw, JsonNode? to) in map)
                    {
                        if (Python.Text(to) is { } name) Add(raw, name, "native");
                        else if (to is JsonObject more) Add(raw, Field(raw, more, "name", raw), Field(raw, more, "type", "native"));
                        else throw new CheckFailure("TypeError", $"Value of entry `{raw}` of setting `{option}` must be a string or a mapping");
                    }

                    break;
                default:
                    throw new CheckFailure("TypeError", $"Entry #{i + 1} of setting `{option}` must be a string or a mapping");
            }
        }
    }

    private static string Field(string raw, JsonObject map, string field, string absent) => !map.TryGetPropertyValue(field, out JsonNode? value)
        ? absent
        : Python.Text(value) ?? throw new CheckFailure("TypeError", $"Error compiling transformer for metric `{raw}`: field `{field}` must be a string");

    private void Add(string raw, string name, string type)
    {
        if (IsPattern(raw))
        {
            _patterns.Add((Python.Pattern(raw), type));
            return;
        }

        if (!Types.Contains(type)) throw new CheckFailure("ValueError", $"Error compiling transformer for metric `{raw}`: unknown type `{type}`");
        _names[raw] = (name, type);
    }

    private string[] List(string option)
    {
        if (!_instance.TryGetPropertyValue(option, out JsonNode? given)) return [];
        if (given is not JsonArray list) throw new CheckFailure(Configuration, $"Setting `{option}` must be an array");
        return [.. list.Select((one, index) => Python.Text(one) ?? throw new CheckFailure(Configuration, $"Entry #{index + 1} of setting `{option}` must be a string"))];
    }

    private static bool IsPattern(string name) => name.AsSpan().IndexOfAny(Special) >= 0;
}
