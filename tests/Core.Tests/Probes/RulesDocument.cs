using System.Text;

namespace KubeVirtMonitor.Tests.Probes;

/// <summary>The page of rules, as the rules make it.</summary>
internal static class RulesDocument
{
    public static string Write()
    {
        StringBuilder text = new("""
            # Rules for probes

            What is wrong with the readiness and liveness probes of a VirtualMachineInstance, or of the template of a VirtualMachine,
            VirtualMachineInstanceReplicaSet or VirtualMachinePool, before a cluster has seen them. `Set-VmiProbe` refuses a probe that has an error,
            unless told otherwise with `-Force`, and warns of the rest.

            An error is refused by the cluster, keeps the machine from starting, or makes a probe that can never succeed. A warning works, and not as it
            seems to. An id never changes its meaning. This page is made from the rules, and a test keeps the two in step.

            What kubelet runs differs from what a manifest says: KubeVirt adds 10 to `initialDelaySeconds` of every probe, and 1 to `timeoutSeconds` of
            `guestAgentPing` and `exec`; a number below 1 in another field gives way to the default (period 10, timeout 1, success 1, failure 3).

            | id | severity | finds |
            | --- | --- | --- |

            """.ReplaceLineEndings("\n"));
        foreach (ProbeRule rule in ProbeRules.All) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"| [{rule.Id}](#{Anchor(rule.Id)}) | {rule.Severity} | {rule.Title} |\n");
        foreach (ProbeRule rule in ProbeRules.All)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\n## {rule.Id}\n\n{rule.Title}.\n\nThe cluster: {rule.Consequence}\n\nInstead: {rule.Advice}\n");
        return text.ToString();
    }

    private static string Anchor(string id) => id.Replace("VMIP", "vmip", StringComparison.Ordinal);
}
