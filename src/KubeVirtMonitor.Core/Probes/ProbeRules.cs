using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Probes;

/// <summary>Checks the probes of a VMI against what virt-api, Kubernetes, kubelet and virt-launcher do with them.</summary>
internal static class ProbeRules
{
    /// <summary>Every rule, by id.</summary>
    public static IReadOnlyList<ProbeRule> All => RuleTable.All;

    /// <summary>Checks both probes of an object, and whether it has probes where nothing reads them. A value that is a placeholder is said, and not judged.</summary>
    /// <param name="agentConnected">Whether the guest agent is connected; null where nobody has looked.</param>
    /// <returns>The findings, readiness first; none for an object without probes.</returns>
    public static IReadOnlyList<ProbeFinding> Check(VmiManifest manifest, bool? agentConnected = null)
    {
        List<ProbeFinding> findings = [];
        if (manifest.InstanceSpec is { } spec) Check(manifest, spec, agentConnected, findings);
        PlacementRules.Apply(manifest, findings);
        return findings;
    }

    /// <summary>Finds the probes of an object that stand where nothing reads them.</summary>
    public static IReadOnlyList<ProbeFinding> Misplaced(VmiManifest manifest)
    {
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
            foreach (string field in open) check.Add(RuleTable.Open, field, $"the value is {check.Shown(field)}, which has not been replaced");
            findings.AddRange(own);
        }

        MachineRules.ApplyToBoth(manifest, spec, findings);
    }
}

/// <summary>A rule for probes.</summary>
/// <param name="Id">The id, such as <c>VMIP001</c>; it never changes its meaning.</param>
/// <param name="Severity">How much a finding of it matters.</param>
/// <param name="Title">The title, which says what it finds.</param>
/// <param name="Consequence">What the cluster does with it.</param>
/// <param name="Advice">What to write instead.</param>
/// <param name="Evidence">The evidence for the rule; at least one.</param>
internal sealed record ProbeRule(string Id, ProbeFindingSeverity Severity, string Title, string Consequence, string Advice, IReadOnlyList<ProbeEvidence> Evidence);

/// <summary>
/// The evidence for a rule: the response of a real cluster (Kubernetes 1.36, KubeVirt 1.9.0) to an object with that fault, or the behaviour of one that took it.
/// In its texts <c>{probe}</c> stands for the path of the probe, and <c>{spec}</c> for that of the instance's spec.
/// </summary>
/// <param name="By">Who answers: an admission webhook, the API server, the API server over the virt-launcher pod; or whose behaviour it is.</param>
/// <param name="Code">The status of the answer to the create request; 201 where the fault shows only later; null where no request is answered.</param>
/// <param name="Text">What it says, word for word; of a behaviour a description.</param>
internal sealed record ProbeEvidence(string By, int? Code, string Text)
{
    /// <summary>The field that the answer names; null when it names none.</summary>
    public string? Field { get; init; }

    /// <summary>The kind of object that was answered; null = VirtualMachine, and the others alike.</summary>
    public string? Kind { get; init; }
}
