using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Probes;

/// <summary>How a probe goes together with the machine, and with the other probe.</summary>
internal static class MachineRules
{
    public static void Apply(ProbeCheck check)
    {
        if (check.Role != ProbeRole.Liveness || RunStrategy(check.Manifest) is not ({ } strategy and ("Manual" or "Once"))) return;
        check.Add(RuleTable.NoRestart, "", $"the machine has a liveness probe and runStrategy {strategy}");
    }

    public static void ApplyToBoth(VmiManifest manifest, JsonObject spec, List<ProbeFinding> findings)
    {
        JsonNode? liveness = spec[ProbeFields.Of(ProbeRole.Liveness)];
        string where = manifest.SpecPath;
        if (liveness is not null && JsonText.Of(spec["startStrategy"]) == "Paused")
            findings.Add(ProbeCheck.Finding(manifest, RuleTable.PausedStart, ProbeRole.Liveness, where + ".startStrategy", "the machine starts paused, and has a liveness probe"));
        if (liveness is JsonObject live && spec[ProbeFields.Of(ProbeRole.Readiness)] is JsonObject ready && Patience(live) is { } until && Patience(ready) is { } earlier && until <= earlier)
            findings.Add(ProbeCheck.Finding(manifest, RuleTable.SameThresholds, ProbeRole.Liveness, $"{where}.{ProbeFields.Of(ProbeRole.Liveness)}.{ProbeFields.Failure}", $"liveness gives up after {until} s of failures, and readiness after {earlier} s"));
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
