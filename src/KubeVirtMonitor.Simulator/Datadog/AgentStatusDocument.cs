using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Datadog;

/// <summary>What <c>agent status</c> and <c>agent configcheck</c> write.</summary>
internal static class AgentStatusDocument
{
    private const string Provider = "kubernetes-container-allinone";

    /// <summary>The status of an Agent as JSON.</summary>
    public static JsonObject Status(SimulatedAgent agent)
    {
        JsonObject checks = [];
        JsonObject running = [];
        JsonObject inventories = [];
        long runs = 0;
        long errors = 0;
        foreach (ScheduledCheck check in agent.Checks.OrderBy(static one => one.Found.Id, StringComparer.Ordinal))
        {
            if (check.Since is { } since) running[check.Found.Id] = since.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
            if (check.Metadata.Count > 0) inventories[check.Found.Id] = new JsonObject(check.Metadata.Select(static one => KeyValuePair.Create(one.Key, (JsonNode?)one.Value)));
            if (check.ToJson() is not { } said) continue;
            runs += check.Runs;
            errors += check.Failures;
            if (checks[check.Found.Check] is not JsonObject named) checks[check.Found.Check] = named = [];
            named[check.Found.Id] = said;
        }

        JsonObject wrong = agent.Found.Errors.Count == 0 ? [] : new JsonObject { [Provider] = Sets(agent.Found.Errors) };
        JsonObject whole = Head(agent, "agent");
        whole["adConfigErrors"] = wrong;
        whole["adEnabledFeatures"] = new JsonObject { ["containerd"] = new JsonObject(), ["kubernetes"] = new JsonObject() };
        whole["autoConfigStats"] = new JsonObject { ["ConfigErrors"] = new JsonObject(), ["ResolveWarnings"] = Lists(agent.Found.Warnings.Select(static one => KeyValuePair.Create(one.Key, one.Value.AsEnumerable()))) };
        whole["checkSchedulerStats"] = new JsonObject
        {
            ["LoaderErrors"] = new JsonObject(agent.Unloaded.Select(static name => KeyValuePair.Create(name, (JsonNode?)new JsonObject
            {
                ["Core Check Loader"] = $"Check {name} not found in Catalog", ["Python Check Loader"] = $"unable to import module '{name}': No module named '{name}'",
            }))),
            ["RunErrors"] = new JsonObject(),
        };
        whole["filterErrors"] = new JsonObject();
        whole["inventories"] = inventories;
        whole["pyLoaderStats"] = new JsonObject { ["ConfigureErrors"] = Lists(agent.Unconfigured.Select(static one => KeyValuePair.Create(one.Key, one.Value.AsEnumerable()))), ["Py3Warnings"] = new JsonObject() };
        whole["pythonInit"] = new JsonObject { ["Errors"] = agent.All.Fault == AgentFault.NoPython ? new JsonArray("could not initialize rtloader: could not open shared library: libdatadog-agent-three.so") : [] };
        whole["runnerStats"] = new JsonObject { ["Checks"] = checks, ["Errors"] = errors, ["Running"] = running, ["RunningChecks"] = running.Count, ["Runs"] = runs, ["Workers"] = new JsonObject { ["Count"] = 2 } };
        return whole;
    }

    /// <summary>The status of a Cluster Agent, which runs none of the checks of pods.</summary>
    public static JsonObject ClusterStatus(SimulatedAgent agent)
    {
        JsonObject whole = Head(agent, "cluster_agent");
        whole["leaderelection"] = new JsonObject { ["status"] = "Running" };
        whole["runnerStats"] = new JsonObject { ["Checks"] = new JsonObject(), ["Running"] = new JsonObject(), ["Runs"] = 0, ["Errors"] = 0 };
        return whole;
    }

    /// <summary>A short form of what the Agent writes for people.</summary>
    public static string Text(SimulatedAgent agent)
    {
        StringBuilder text = new();
        string head = $"Agent (v{agent.All.Options.Version})";
        text.Append(CultureInfo.InvariantCulture, $"{new string('=', head.Length)}\n{head}\n{new string('=', head.Length)}\n\n=========\nCollector\n=========\n\n  Running Checks\n  ==============\n");
        foreach (ScheduledCheck check in agent.Checks.Where(static one => one.Sent is not null).OrderBy(static one => one.Found.Id, StringComparer.Ordinal))
        {
            string state = check.Error.Length > 0 ? "ERROR" : check.Sent!.Warnings.Count > 0 ? "WARNING" : "OK";
            text.Append(CultureInfo.InvariantCulture, $"\n    {check.Found.Check} ({agent.All.Release.Wheel(check.Found.Check)})\n    {new string('-', check.Found.Check.Length + 8)}\n      Instance ID: {check.Found.Id} [{state}]\n");
            text.Append(CultureInfo.InvariantCulture, $"      Configuration Source: container:{check.Found.Container}\n      Total Runs: {check.Runs}\n      Metric Samples: Last Run: {check.Samples}, Total: {check.TotalSamples}\n");
            text.Append(CultureInfo.InvariantCulture, $"      Last Execution Date : {Date(check.Last)}\n      Last Successful Execution Date : {(check.LastSuccess is { } success ? Date(success) : "Never")}\n");
            if (check.Error.Length > 0) text.Append(CultureInfo.InvariantCulture, $"      Error: {(string?)JsonNode.Parse(check.Error)![0]!["message"]}\n");
            foreach (string warning in check.Sent!.Warnings) text.Append(CultureInfo.InvariantCulture, $"      Warning: {warning}\n");
        }

        return text.ToString();
    }

    /// <summary>What <c>agent configcheck</c> writes: what was resolved, whether it was run or not.</summary>
    public static string ConfigCheck(SimulatedAgent agent, bool verbose, bool old)
    {
        StringBuilder text = new();
        if (agent.Found.Errors.Count > 0)
        {
            text.Append("=== Configuration errors ===\n\n");
            foreach ((string pod, SortedSet<string> messages) in agent.Found.Errors)
            {
                foreach (string message in messages) text.Append(CultureInfo.InvariantCulture, $"{pod}: {message}\n");
            }

            text.Append('\n');
        }

        foreach (FoundCheck found in agent.Found.Checks)
        {
            text.Append(CultureInfo.InvariantCulture, $"=== {found.Check} check ===\nConfiguration provider: {Provider}\nConfiguration source: container:{found.Container}\n{(old ? "Instance ID" : "Config for instance ID")}: {found.Id}\n");
            Yaml(text, found.Instance, "");
            text.Append("~\nInit Config:\n");
            Yaml(text, found.Init ?? [], "");
            text.Append(CultureInfo.InvariantCulture, $"Auto-discovery IDs:\n* {found.Container}\n===\n\n");
        }

        if (!verbose) return text.ToString();
        if (agent.Found.Warnings.Count > 0) text.Append("=== Resolve warnings ===\n\n");
        foreach ((string check, SortedSet<string> warnings) in agent.Found.Warnings)
        {
            text.Append(CultureInfo.InvariantCulture, $"{check}\n");
            foreach (string warning in warnings) text.Append(CultureInfo.InvariantCulture, $"* {warning}\n");
        }

        if (agent.Found.Unresolved.Count > 0) text.Append("\n=== Unresolved Configs ===\n\n");
        foreach ((string check, string container) in agent.Found.Unresolved) text.Append(CultureInfo.InvariantCulture, $"Auto-discovery IDs: {container}\nTemplate: {check}\n");
        return text.ToString();
    }

    /// <summary>The same as JSON.</summary>
    public static JsonArray ConfigCheckJson(SimulatedAgent agent) => new([.. agent.Found.Checks.Select(static found => new JsonObject
    {
        ["check_name"] = found.Check,
        ["provider"] = Provider,
        ["source"] = "container:" + found.Container,
        ["instances"] = new JsonArray(new JsonObject { ["id"] = found.Id, ["config"] = Yaml(found.Instance) }),
        ["init_config"] = Yaml(found.Init ?? []),
        ["metric_config"] = "",
        ["logs"] = "",
    })]);

    private static JsonObject Head(SimulatedAgent agent, string flavor) => new()
    {
        ["agent_start_nano"] = Nano(agent.Began),
        ["flavor"] = flavor,
        ["pid"] = 1,
        ["python_version"] = "3.13.7",
        ["time_nano"] = Nano(agent.Time.GetUtcNow()),
        ["version"] = agent.All.Options.Version,
    };

    private static long Nano(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * 100;

    private static string Date(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + string.Create(CultureInfo.InvariantCulture, $" UTC ({time.ToUnixTimeMilliseconds()})");

    private static JsonObject Sets(SortedDictionary<string, SortedSet<string>> sets) =>
        new(sets.Select(static one => KeyValuePair.Create(one.Key, (JsonNode?)new JsonObject(one.Value.Select(static text => KeyValuePair.Create(text, (JsonNode?)new JsonObject()))))));

    private static JsonObject Lists(IEnumerable<KeyValuePair<string, IEnumerable<string>>> lists) =>
        new(lists.Select(static one => KeyValuePair.Create(one.Key, (JsonNode?)new JsonArray([.. one.Value.Select(static text => JsonValue.Create(text))]))));

    private static string Yaml(JsonObject map)
    {
        StringBuilder text = new();
        Yaml(text, map, "");
        return text.ToString();
    }

    /// <summary>Writes a map as block YAML, with keys in order and texts in quotes where Go's YAML quotes them or might.</summary>
    private static void Yaml(StringBuilder text, JsonObject map, string indent)
    {
        if (map.Count == 0) text.Append(indent).Append("{}\n");
        foreach ((string key, JsonNode? value) in map.OrderBy(static one => one.Key, StringComparer.Ordinal))
        {
            text.Append(indent).Append(key).Append(':');
            Value(text, value, indent);
        }
    }

    private static void Value(StringBuilder text, JsonNode? value, string indent)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } map:
                text.Append('\n');
                Yaml(text, map, indent + "  ");
                break;
            case JsonArray { Count: > 0 } list:
                text.Append('\n');
                foreach (JsonNode? one in list)
                {
                    if (one is JsonObject { Count: > 0 } item)
                    {
                        StringBuilder inner = new();
                        Yaml(inner, item, indent + "  ");
                        text.Append(indent).Append("- ").Append(inner.ToString().TrimStart(' '));
                        continue;
                    }

                    text.Append(indent).Append('-');
                    Value(text, one, indent);
                }

                break;
            default:
                text.Append(' ').Append(Scalar(value)).Append('\n');
                break;
        }
    }

    private static string Scalar(JsonNode? value)
    {
        if (Python.Text(value) is not { } text) return value?.ToJsonString() ?? "null";
        bool plain = text.Length > 0 && text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '/' or '.' or '-' or ':') && char.IsAsciiLetter(text[0]) && text[^1] != ':' && text is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n");
        return plain ? text : Python.Json(text);
    }
}
