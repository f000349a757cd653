using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor.Probes;

/// <summary>What the API's schema and strict decoding require of a probe: fields, types, and exactly one handler.</summary>
internal static class ShapeRules
{
    private const string Text = "text";

    private static readonly string[] ProbeNames = [.. ProbeFields.Handlers, .. ProbeFields.Numbers];

    private static readonly string[] HeaderNames = ["name", "value"];

    public static void Apply(ProbeCheck check)
    {
        if (check.Probe is not { } probe)
        {
            check.Add(RuleTable.WrongType, "", $"the probe is {TypeOf(check.Node)}, and not a mapping");
            return;
        }

        Fields(check, probe, "", ProbeNames);
        string[] handlers = [.. ProbeFields.Handlers.Where(name => probe[name] is not null)];
        if (handlers.Length == 0) check.Add(RuleTable.NoHandler, "", "the probe has no handler");
        else if (handlers.Length > 1) check.Add(RuleTable.SeveralHandlers, "", $"the probe has {handlers.Length} handlers: {string.Join(", ", handlers)}");
        foreach (string number in ProbeFields.Numbers)
        {
            if (probe[number] is { } value && JsonText.Integer(value) is null) check.Add(RuleTable.WrongType, "." + number, $"{number} is {TypeOf(value)}, and not a 32-bit integer");
        }

        foreach (string handler in handlers)
        {
            if (probe[handler] is JsonObject target) Handler(check, handler, target);
            else check.Add(RuleTable.WrongType, "." + handler, $"{handler} is {TypeOf(probe[handler]!)}, and not a mapping");
        }
    }

    private static void Handler(ProbeCheck check, string handler, JsonObject target)
    {
        string path = "." + handler;
        string[] known = handler switch
        {
            ProbeFields.HttpGet => ["port", "path", "host", "scheme", "httpHeaders"],
            ProbeFields.TcpSocket => ["port", "host"],
            ProbeFields.Exec => ["command"],
            _ => [],
        };
        Fields(check, target, path, known);
        foreach (string field in known.Where(name => name is "path" or "host" or "scheme")) IsText(check, target[field], $"{path}.{field}", field);
        if (handler == ProbeFields.HttpGet) Headers(check, target["httpHeaders"], path + ".httpHeaders");
        if (handler == ProbeFields.Exec) Items(check, target["command"], path + ".command", "command", (item, where) => IsText(check, item ?? "", where, "an argument"));
    }

    private static void Headers(ProbeCheck check, JsonNode? headers, string path) => Items(check, headers, path, "httpHeaders", (item, where) =>
    {
        if (item is not JsonObject header)
        {
            check.Add(RuleTable.WrongType, where, $"a header is {TypeOf(item)}, and not a mapping of name and value");
            return;
        }

        Fields(check, header, where, HeaderNames);
        foreach (string field in HeaderNames)
        {
            if (header[field] is null) MissingPart(check, field, $"{where}.{field}");
            else IsText(check, header[field], $"{where}.{field}", $"the header's {field}");
        }

        if (JsonText.Of(header["name"]) is { } name && (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')))
            check.Add(RuleTable.BadHeader, where + ".name", $"'{name}' is not a valid name for a header");
    });

    // The mutating webhook writes an empty text instead of what is missing; where there is none, the schema finds it missing.
    private static void MissingPart(ProbeCheck check, string field, string path)
    {
        bool isCompleted = check.Manifest.ManifestKind.IsCompleted;
        if (isCompleted && field == "value") check.Add(RuleTable.NoHeaderValue, path, "a header has no value");
        else check.Add(RuleTable.Missing, path, $"a header has no {field}", isCompleted ? RuleTable.NeverStarts : null);
    }

    private static void Items(ProbeCheck check, JsonNode? list, string path, string what, Action<JsonNode?, string> apply)
    {
        if (list is null) return;
        if (list is not JsonArray array)
        {
            check.Add(RuleTable.WrongType, path, $"{what} is {TypeOf(list)}, and not a list");
            return;
        }

        for (int i = 0; i < array.Count; i++) apply(array[i], $"{path}[{i}]");
    }

    private static void IsText(ProbeCheck check, JsonNode? value, string path, string what)
    {
        if (value is not null && JsonText.Of(value) is null) check.Add(RuleTable.WrongType, path, $"{what} is {TypeOf(value)}, and not {Text}");
    }

    private static void Fields(ProbeCheck check, JsonObject target, string path, string[] known)
    {
        foreach ((string field, _) in target)
        {
            if (known.Contains(field)) continue;
            string? meant = Array.Find(known, name => name.Equals(field, StringComparison.OrdinalIgnoreCase));
            check.Add(RuleTable.UnknownField, $"{path}.{field}", $"there is no field {field} here", null, meant is null ? null : $"Write {meant}; names are case-sensitive.");
        }
    }

    private static string TypeOf(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.Object => "a mapping",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => Text,
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a truth value",
        _ => "empty",
    };
}

/// <summary>What KubeVirt makes of the five numbers on the pod.</summary>
internal static class NumberRules
{
    public static void Apply(ProbeCheck check)
    {
        if (check.Probe is not { } probe) return;
        int? delay = check.InForce(ProbeFields.InitialDelay);
        if (delay < -ProbeFacts.StartupDelay) check.Add(RuleTable.NegativeDelay, "." + ProbeFields.InitialDelay, $"initialDelaySeconds is {delay}, which becomes {delay + ProbeFacts.StartupDelay} on the pod with the {ProbeFacts.StartupDelay} that KubeVirt adds");
        else if (delay < 0) check.Add(RuleTable.ShortenedDelay, "." + ProbeFields.InitialDelay, $"initialDelaySeconds is {delay}, which becomes {delay + ProbeFacts.StartupDelay} on the pod with the {ProbeFacts.StartupDelay} that KubeVirt adds");
        foreach (string field in ProbeFields.Numbers.Where(field => field != ProbeFields.InitialDelay))
        {
            if (JsonText.Integer(probe[field]) is { } number and < 1) check.Add(RuleTable.ReplacedNumber, "." + field, $"{field} is {number}, and is replaced with the default {check.InForce(field)}");
        }

        if (check.Role == ProbeRole.Liveness && check.InForce(ProbeFields.Success) is { } success and > 1)
            check.Add(RuleTable.LivenessSuccess, "." + ProbeFields.Success, $"successThreshold is {success}, but must be 1 for a liveness probe");
        Timeout(check);
    }

    private static void Timeout(ProbeCheck check)
    {
        if (check.InForce(ProbeFields.Timeout) is not { } timeout || check.InForce(ProbeFields.Period) is not { } period) return;
        bool isAgent = check.Handler(ProbeFields.GuestAgentPing) is not null || check.Handler(ProbeFields.Exec) is not null;
        long waited = (long)timeout + (isAgent ? ProbeFacts.AgentDelay : 0);
        if (waited < period) return;
        string how = isAgent ? $"{timeout} s and KubeVirt's extra second" : $"{timeout} s";
        check.Add(RuleTable.LongTimeout, "." + ProbeFields.Timeout, $"kubelet waits up to {waited} s ({how}), and the period is {period} s");
    }
}

/// <summary>Rules for a probe in combination with the VM, and with the other probe.</summary>
internal static class MachineRules
{
    public static void Apply(ProbeCheck check)
    {
        if (check.Role != ProbeRole.Liveness || RunStrategy(check.Manifest) is not ({ } strategy and ("Manual" or "Once"))) return;
        check.Add(RuleTable.NoRestart, "", $"the VMI has a liveness probe and runStrategy {strategy}");
    }

    public static void ApplyToBoth(VmiManifest manifest, JsonObject spec, List<ProbeFinding> findings)
    {
        JsonNode? liveness = spec[ProbeFields.Of(ProbeRole.Liveness)];
        string where = manifest.SpecPath;
        if (liveness is not null && JsonText.Of(spec["startStrategy"]) == "Paused")
            findings.Add(ProbeCheck.Finding(manifest, RuleTable.PausedStart, ProbeRole.Liveness, where + ".startStrategy", "the VMI starts paused and has a liveness probe"));
        if (liveness is JsonObject live && spec[ProbeFields.Of(ProbeRole.Readiness)] is JsonObject ready && Patience(live) is { } until && Patience(ready) is { } earlier && until <= earlier)
            findings.Add(ProbeCheck.Finding(manifest, RuleTable.SameThresholds, ProbeRole.Liveness, $"{where}.{ProbeFields.Of(ProbeRole.Liveness)}.{ProbeFields.Failure}", $"the liveness probe fails after {until} s, and the readiness probe after {earlier} s"));
    }

    /// <summary>Seconds of failures until the threshold is reached.</summary>
    private static long? Patience(JsonObject probe) =>
        ProbeCheck.InForce(probe, ProbeFields.Failure) is { } failures && ProbeCheck.InForce(probe, ProbeFields.Period) is { } period ? (long)failures * period : null;

    private static string? RunStrategy(VmiManifest manifest)
    {
        if (manifest.ManifestKind != ManifestKind.Machine && manifest.ManifestKind != ManifestKind.Pool) return null;
        JsonNode? machine = manifest.Root;
        foreach (string step in manifest.ManifestKind.SpecSteps.SkipLast(2)) machine = (machine as JsonObject)?[step];
        return JsonText.Of((machine as JsonObject)?["runStrategy"]);
    }
}
