using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor.Probes;

/// <summary>Probes in places where KubeVirt does not read them: next to the template, within the domain, under a name in different letter case, in an instance type.</summary>
internal static class PlacementRules
{
    private const string Startup = "startupProbe";

    private static readonly string[] Names = [.. Enum.GetValues<ProbeRole>().Select(ProbeFields.Of), Startup];

    // "exec" alone is too common a word to be taken for a handler.
    private static readonly string[] Handlers = [ProbeFields.HttpGet, ProbeFields.TcpSocket, ProbeFields.GuestAgentPing];

    /// <summary>Looks through an object that describes machines.</summary>
    public static void Apply(VmiManifest manifest, List<ProbeFinding> findings)
    {
        Walk(manifest.Root, "", (path, key) =>
        {
            bool isInPlace = path == manifest.SpecPath;
            if (isInPlace && Array.IndexOf(Names, key, 0, 2) >= 0) return false;
            string? meant = Array.Find(Names, name => name.Equals(key, StringComparison.OrdinalIgnoreCase));
            string field = path.Length == 0 ? key : $"{path}.{key}";
            if (meant == Startup)
                Add(field, "KubeVirt has no startup probe", "Remove it; use a longer initialDelaySeconds instead.");
            else if (meant is not null && isInPlace)
                Add(field, $"nothing reads {key}", $"Write {meant}; names are case-sensitive.");
            else if (meant is not null)
                Add(field, $"KubeVirt does not read a probe here: it belongs in {manifest.SpecPath}", $"Move it to {manifest.SpecPath}.{meant}.");
            else if (Handlers.Contains(key))
                Add(field, $"{key} is outside a probe, where KubeVirt does not read it", $"Move it into {manifest.SpecPath}.readinessProbe or livenessProbe; check the indentation.");
            else return true;
            return false;
        });

        void Add(string field, string message, string advice) => findings.Add(ProbeCheck.Finding(manifest, RuleTable.UnknownField, null, field, message, null, advice));
    }

    /// <summary>Looks through an object of KubeVirt that describes no machine.</summary>
    public static IEnumerable<ProbeFinding> Find(JsonObject root, string kind, string? source)
    {
        List<ProbeFinding> findings = [];
        JsonObject? meta = root["metadata"] as JsonObject;
        Walk(root, "", (path, key) =>
        {
            if (!Names.Contains(key, StringComparer.OrdinalIgnoreCase)) return true;
            findings.Add(new ProbeFinding
            {
                Id = RuleTable.UnknownField.Id,
                Severity = RuleTable.UnknownField.Severity,
                Field = path.Length == 0 ? key : $"{path}.{key}",
                Message = $"a {kind} has no probes",
                Consequence = RuleTable.UnknownField.Consequence,
                Advice = "Move it to spec.template.spec of a VirtualMachine, or to spec of a VirtualMachineInstance.",
                Name = JsonText.Of(meta?["name"]),
                Namespace = JsonText.Of(meta?["namespace"]),
                Source = source,
            });
            return false;
        });
        return findings;
    }

    private static void Walk(JsonNode node, string path, Func<string, string, bool> goesDeeper)
    {
        if (node is JsonArray list)
        {
            for (int i = 0; i < list.Count; i++)
            {
                if (list[i] is { } item) Walk(item, $"{path}[{i}]", goesDeeper);
            }
        }

        if (node is not JsonObject map) return;
        foreach ((string key, JsonNode? value) in map)
        {
            // What the cluster says of an object is nobody's mistake.
            if (path.Length == 0 && key == "status") continue;
            if (goesDeeper(path, key) && value is not null) Walk(value, path.Length == 0 ? key : $"{path}.{key}", goesDeeper);
        }
    }
}
