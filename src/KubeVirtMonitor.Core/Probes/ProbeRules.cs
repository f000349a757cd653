using System.Text.Json.Nodes;
using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor;

/// <summary>Says what is wrong with the probes of a machine, by what virt-api, Kubernetes, kubelet and virt-launcher do with them.</summary>
public static class ProbeRules
{
    /// <summary>Every rule, by id.</summary>
    public static IReadOnlyList<ProbeRule> All => RuleTable.All;

    /// <summary>Checks both probes of an object, and whether it has probes where nothing reads them. A value that is a placeholder is said, and not judged.</summary>
    /// <param name="manifest">The object.</param>
    /// <param name="agentConnected">Whether the guest agent is connected; null where nobody has looked.</param>
    /// <returns>The findings, readiness first; none for an object without probes.</returns>
    public static IReadOnlyList<ProbeFinding> Check(VmiManifest manifest, bool? agentConnected = null)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        List<ProbeFinding> findings = [];
        if (manifest.InstanceSpec is { } spec) Check(manifest, spec, agentConnected, findings);
        PlacementRules.Apply(manifest, findings);
        return findings;
    }

    /// <summary>Finds the probes of an object that stand where nothing reads them.</summary>
    /// <param name="manifest">The object.</param>
    public static IReadOnlyList<ProbeFinding> Misplaced(VmiManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        List<ProbeFinding> findings = [];
        PlacementRules.Apply(manifest, findings);
        return findings;
    }

    private static void Check(VmiManifest manifest, JsonObject spec, bool? agentConnected, List<ProbeFinding> findings)
    {
        foreach (ProbeRole role in Enum.GetValues<ProbeRole>())
        {
            if (spec[ProbeFields.Of(role)] is not { } node) continue;
            List<ProbeFinding> own = [];
            ProbeCheck check = new(manifest, spec, node, role, own);
            ShapeRules.Apply(check);
            NumberRules.Apply(check);
            PortRules.Apply(check);
            NetworkRules.Apply(check);
            AgentRules.Apply(check, agentConnected);
            MachineRules.Apply(check);
            string[] open = [.. check.Placeholders()];
            string start = $"{manifest.SpecPath}.{ProbeFields.Of(role)}";
            findings.AddRange(own.Where(finding => !open.Contains(finding.Field[start.Length..])));
            own.Clear();
            foreach (string field in open) check.Add(RuleTable.Open, field, $"the value is {check.Shown(field)}, which is still to be replaced");
            findings.AddRange(own);
        }

        MachineRules.ApplyToBoth(manifest, spec, findings);
    }
}
