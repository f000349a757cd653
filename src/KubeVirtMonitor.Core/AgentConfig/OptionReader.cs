using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>The options of one instance by type. What cannot be read is an error that names the option, and never shows its value.</summary>
/// <param name="place">How messages call the instance.</param>
/// <param name="prefix">What stands before the names: of nested options, those around them.</param>
internal sealed class OptionReader(JsonObject options, string place, string prefix = "")
{
    /// <summary>The value; null where it is not set.</summary>
    public JsonNode? Node(string name) => options[name];

    public bool Has(string name) => options[name] is not null;

    /// <summary>A text; null where it is not set or empty.</summary>
    public string? Text(string name) => options[name] is { } node ? Scalar(name, node) is { Length: > 0 } text ? text : null : null;

    public bool? Flag(string name) => Text(name)?.ToUpperInvariant() switch
    {
        null => null,
        "TRUE" or "YES" or "ON" or "1" => true,
        "FALSE" or "NO" or "OFF" or "0" => false,
        _ => throw Bad(name, "it has to be true or false", "Write true or false."),
    };

    /// <summary>Whether it is true, and no other value either.</summary>
    public bool IsTrue(string name) => options[name] is JsonValue value && value.ToString().ToUpperInvariant() is "TRUE" or "YES" or "ON";

    /// <summary>Seconds above 0.</summary>
    public TimeSpan? Seconds(string name)
    {
        if (Text(name) is not { } text) return null;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and <= int.MaxValue / 1000
            ? TimeSpan.FromSeconds(seconds)
            : throw Bad(name, "it has to be a number of seconds above 0", "Write a number such as 10.");
    }

    /// <summary>A list of texts; empty where it is not set.</summary>
    public IReadOnlyList<string> List(string name) => options[name] switch
    {
        null => [],
        JsonArray array => [.. array.Select(item => Scalar(name, item))],
        _ => throw Bad(name, "it has to be a list", "Write each entry on a line that begins with a dash."),
    };

    /// <summary>A mapping; null where it is not set.</summary>
    public JsonObject? Map(string name) => options[name] switch
    {
        null => null,
        JsonObject map => map,
        _ => throw Bad(name, "it has to be a mapping", "Write each entry on an indented line: a name, a colon and a value."),
    };

    /// <summary>A mapping of texts; empty where it is not set.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Texts(string name) => [.. (Map(name) ?? []).Select(entry => new KeyValuePair<string, string>(entry.Key, Scalar($"{name}.{entry.Key}", entry.Value)))];

    /// <summary>A nested mapping; null where it is not set.</summary>
    public OptionReader? Inner(string name) => Map(name) is { } map ? new OptionReader(map, place, $"{prefix}{name}.") : null;

    /// <summary>One pattern for a list of regular expressions; null for none.</summary>
    public Regex? AnyOf(string name) => AnyOf(name, List(name));

    /// <inheritdoc cref="AnyOf(string)"/>
    public Regex? AnyOf(string name, IReadOnlyCollection<string> patterns)
    {
        if (patterns.Count == 0) return null;
        try
        {
            // Python writes named groups with a P, which is all that differs in patterns people write for names.
            return new Regex(string.Join('|', patterns.Select(pattern => pattern.Replace("(?P<", "(?<", StringComparison.Ordinal))), RegexOptions.CultureInvariant);
        }
        catch (ArgumentException e)
        {
            throw Bad(name, "it holds a regular expression that cannot be read", "Check its brackets and backslashes; in YAML, single quotes keep backslashes.", e);
        }
    }

    /// <summary>An error of an option.</summary>
    public ScrapeException Bad(string name, string what, string advice, Exception? inner = null) =>
        new(ScrapeError.BadConfiguration, place, $"{prefix}{name}: {what}", inner, advice);

    private string Scalar(string name, JsonNode? node) => node switch
    {
        null => "",
        JsonValue value => value.ToString(),
        _ => throw Bad(name, "it has to be a single value", "Write it as text, a number, true or false."),
    };
}

/// <summary>Reports the options that are not applied here, and unknown options.</summary>
internal static class OptionCheck
{
    public static void File(JsonObject root, OptionWarnings warnings)
    {
        foreach ((string name, JsonNode? value) in root)
        {
            if (value is null) continue;
            AgentOption? option = AgentOptions.Find(name);
            if (option is null) warnings.Add(Unknown(name), 0);
            else if (option.Place != AgentOptionPlace.File) warnings.Add($"{name} is at the top level of the file, where the Agent does not read it. Move it into the instance.", 0);
            else Judge(option, value, text => warnings.Add(text, 0));
        }
    }

    public static void Init(JsonObject init, OptionWarnings warnings)
    {
        foreach ((string name, JsonNode? value) in init)
        {
            if (value is null) continue;
            AgentOption? option = AgentOptions.Find(name);
            if (option is null) warnings.Add(Unknown("init_config." + name), 0);
            else if (option.Place != AgentOptionPlace.InstanceOrInit) warnings.Add($"{name} is in init_config, where the Agent does not read it. Move it into the instance.", 0);
        }
    }

    /// <summary>Reports the options of an instance.</summary>
    /// <param name="written">The options of the instance itself, without those of <c>init_config</c>.</param>
    public static void Instance(JsonObject written, InstanceScope scope)
    {
        foreach ((string name, JsonNode? value) in written)
        {
            if (value is null) continue;
            AgentOption? option = AgentOptions.Find(name);
            if (option is null) scope.Warn(Unknown(name));
            else if (option.Place == AgentOptionPlace.File) scope.Warn($"{name} is in an instance, where the Agent does not read it. Move it to the top level of the file.");
            else if (!option.IsIdle(value) && !IsEmpty(value) && !IsOwnNamespace(option, value, written)) Judge(option, value, written, scope);
        }
    }

    /// <summary>The options of an instance together with those of <c>init_config</c>: all of them, and those that reach the scrape.</summary>
    public static (JsonObject Whole, JsonObject Scrape) Split(JsonObject written, JsonObject init, AgentCheck check)
    {
        JsonObject whole = written.DeepClone().AsObject();
        JsonObject scrape = [];
        foreach ((string name, JsonNode? value) in init)
        {
            if (AgentOptions.Find(name)?.Place != AgentOptionPlace.InstanceOrInit) continue;
            if (whole[name] is null) whole[name] = value?.DeepClone();
            scrape[name] = value?.DeepClone();
        }

        if (check == AgentCheck.OpenMetrics) return (whole, whole);
        foreach ((string name, JsonNode? value) in written)
        {
            if (AgentOptions.Find(name)?.ReachesKubeVirtScrape == true) scrape[name] = value?.DeepClone();
        }

        return (whole, scrape);
    }

    private static void Judge(AgentOption option, JsonNode value, JsonObject written, InstanceScope scope)
    {
        string check = EndpointReader.CheckOf(written);
        if (option.Reach == AgentOptionReach.Health && scope.Check == AgentCheck.KubeVirt)
        {
            string where = option.Place == AgentOptionPlace.InstanceOrInit ? "Write it in init_config, from where it reaches both." : "An instance of the check openmetrics applies it to the scrape.";
            if (written[check + "_healthz_endpoint"] is null) scope.Warn($"{option.Name} is not applied: the check {check} does not hand it on to the scrape. {where}");
            else if (option.IsHonoured) scope.Warn($"{option.Name} is applied to the health request alone: the check {check} does not hand it on to the scrape. {where}");
            else Judge(option, value, scope.Warn);
        }
        else if (option.IsReadBy(scope.Check) || (option.Reach == AgentOptionReach.None && !option.IsHonoured))
        {
            Judge(option, value, scope.Warn);
        }
        else
        {
            scope.Warn($"{option.Name} is not applied: the check {check} does not {(scope.Check == AgentCheck.KubeVirt ? "hand it on to the scrape" : "read it")}. {Elsewhere(option)}");
        }
    }

    private static string Elsewhere(AgentOption option) => option.Name switch
    {
        "kube_namespace" or "kube_cluster_name" => $"Write {option.Name}:VALUE under tags of an instance of the check openmetrics.",
        "kube_pod_name" => "Write pod_name:VALUE under tags.",
        _ when option.Instead is { } instead => instead,
        _ when option.Reach == AgentOptionReach.OpenMetrics => "An instance of the check openmetrics applies it.",
        _ => "Only the checks kubevirt_api, kubevirt_controller and kubevirt_handler read it.",
    };

    private static bool IsEmpty(JsonNode value) => value is JsonArray { Count: 0 } or JsonObject { Count: 0 } || (value is JsonValue && value.ToString().Length == 0);

    private static bool IsOwnNamespace(AgentOption option, JsonNode value, JsonObject written) => option.Name == "namespace" && value.ToString() == EndpointReader.CheckOf(written);

    private static void Judge(AgentOption option, JsonNode value, Action<string> warn)
    {
        if (!option.IsHonoured && !option.IsIdle(value)) warn($"{option.Name} is not applied: in the Agent it {option.Text}. {option.Instead}");
    }

    private static string Unknown(string name) => $"{(name.Length <= 60 ? name : name[..60] + "...")} is unknown and not applied. Check its spelling; docs/agent-config.md lists the options.";
}

/// <summary>Warnings about the options of a file: each one once, with the instances that it applies to.</summary>
internal sealed class OptionWarnings(string path)
{
    private readonly List<(string Text, SortedSet<int> Instances)> _all = [];

    /// <summary>Adds one.</summary>
    /// <param name="text">A sentence or two.</param>
    /// <param name="instance">The instance, from 1; 0 for the file.</param>
    public void Add(string text, int instance)
    {
        int known = _all.FindIndex(other => other.Text == text);
        if (known < 0) _all.Add((text, [instance]));
        else _all[known].Instances.Add(instance);
    }

    public IReadOnlyList<string> ToSentences() => [.. _all.Select(warning => $"{path}{Place(warning.Instances)}: {warning.Text}")];

    private static string Place(SortedSet<int> instances) => instances switch
    {
        _ when instances.Contains(0) => "",
        { Count: 1 } => $", instance {instances.Min}",
        _ => $", instances {string.Join(", ", instances)}",
    };
}
