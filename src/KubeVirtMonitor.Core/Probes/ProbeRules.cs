using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor;

/// <summary>Says what is wrong with the probes of a machine, by what virt-api, Kubernetes, kubelet and virt-launcher do with them.</summary>
public static class ProbeRules
{
    /// <summary>Every rule, by id.</summary>
    public static IReadOnlyList<ProbeRule> All => RuleTable.All;

    /// <summary>Checks both probes of an object.</summary>
    /// <param name="manifest">The object.</param>
    /// <param name="agentConnected">Whether the guest agent is connected; null where nobody has looked.</param>
    /// <returns>The findings, readiness first; none for an object without probes.</returns>
    public static IReadOnlyList<ProbeFinding> Check(VmiManifest manifest, bool? agentConnected = null)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        if (manifest.InstanceSpec is not { } spec) return [];
        List<ProbeFinding> findings = [];
        foreach (ProbeRole role in Enum.GetValues<ProbeRole>())
        {
            if (spec[ProbeFields.Of(role)] is not { } node) continue;
            ProbeCheck check = new(manifest, spec, node, role, findings);
            ShapeRules.Apply(check);
            NumberRules.Apply(check);
            PortRules.Apply(check);
            NetworkRules.Apply(check);
            AgentRules.Apply(check, agentConnected);
            MachineRules.Apply(check);
        }

        MachineRules.ApplyToBoth(manifest, spec, findings);
        return findings;
    }
}
