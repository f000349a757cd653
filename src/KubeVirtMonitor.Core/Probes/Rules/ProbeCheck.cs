using System.Globalization;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor.Probes;

/// <summary>One probe while the rules are applied to it.</summary>
internal sealed class ProbeCheck(VmiManifest manifest, JsonObject spec, JsonNode node, ProbeRole role, List<ProbeFinding> findings)
{
    public VmiManifest Manifest => manifest;

    public JsonObject Spec => spec;

    public ProbeRole Role => role;

    public JsonNode Node => node;

    /// <summary>The probe; null when it is no mapping.</summary>
    public JsonObject? Probe => node as JsonObject;

    /// <summary>A handler; null when it is not set, or no mapping.</summary>
    public JsonObject? Handler(string name) => Probe?[name] as JsonObject;

    /// <summary>The handlers that are set and take a port, with their names.</summary>
    public IEnumerable<(string Name, JsonObject Target)> NetworkHandlers()
    {
        if (Handler(ProbeFields.HttpGet) is { } http) yield return (ProbeFields.HttpGet, http);
        if (Handler(ProbeFields.TcpSocket) is { } tcp) yield return (ProbeFields.TcpSocket, tcp);
    }

    /// <summary>A number as it is in force; null when it is of a wrong type.</summary>
    public int? InForce(string field) => InForce(Probe, field);

    public static int? InForce(JsonObject? probe, string field)
    {
        int fallback = field switch { ProbeFields.InitialDelay => 0, ProbeFields.Period => ProbeFacts.Period, ProbeFields.Timeout => ProbeFacts.Timeout, ProbeFields.Failure => ProbeFacts.Failure, _ => ProbeFacts.Success };
        if (probe?[field] is not { } value) return fallback;
        return JsonText.Integer(value) is not { } number ? null : field == ProbeFields.InitialDelay || number >= 1 ? number : fallback;
    }

    /// <summary>The fields below the probe that hold a placeholder. In a command only parameters of a template count: a shell in the guest has variables of its own.</summary>
    public IEnumerable<string> Placeholders() => Placeholders(node, "");

    /// <summary>The text of a field that <see cref="Placeholders()"/> gave.</summary>
    public string Shown(string field)
    {
        JsonNode? at = node;
        foreach (string step in field.Split(['.', '[', ']'], StringSplitOptions.RemoveEmptyEntries)) at = at is JsonArray list ? list[int.Parse(step, CultureInfo.InvariantCulture)] : at?[step];
        return JsonText.Of(at) ?? "";
    }

    private IEnumerable<string> Placeholders(JsonNode? at, string path) => at switch
    {
        JsonObject map => map.SelectMany(pair => Placeholders(pair.Value, $"{path}.{pair.Key}")),
        JsonArray list when !path.EndsWith(".exec.command", StringComparison.Ordinal) || manifest.IsOfTemplate => list.SelectMany((item, index) => Placeholders(item, $"{path}[{index}]")),
        _ => Placeholder.Is(at) ? [path] : [],
    };

    /// <summary>Notes a finding.</summary>
    /// <param name="field">The field below the probe, with its dot or bracket; empty = the probe itself.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="consequence">What the cluster does; null = as the rule says.</param>
    /// <param name="advice">What to write; null = as the rule says.</param>
    public void Add(ProbeRule rule, string field, string message, string? consequence = null, string? advice = null) =>
        findings.Add(Finding(manifest, rule, role, $"{manifest.SpecPath}.{ProbeFields.Of(role)}{field}", message, consequence, advice));

    public static ProbeFinding Finding(VmiManifest manifest, ProbeRule rule, ProbeRole? role, string field, string message, string? consequence = null, string? advice = null) => new()
    {
        Id = rule.Id,
        Severity = rule.Severity,
        Field = field,
        Message = message,
        Consequence = consequence ?? rule.Consequence,
        Advice = advice ?? rule.Advice,
        Role = role,
        Name = manifest.Name,
        Namespace = manifest.Namespace,
        Source = manifest.Source,
    };
}
