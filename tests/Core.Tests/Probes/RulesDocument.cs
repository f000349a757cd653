using System.Text;
using KubeVirtMonitor.Probes;

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

            Each rule names what it is founded on: the answer of a real cluster (Kubernetes 1.36.2, KubeVirt 1.9.0), or what one of its parts does. There
            `{probe}` is the path of the probe and `{spec}` that of the instance's spec; both differ by kind. A mutating webhook completes VirtualMachines
            and VirtualMachineInstances before they are checked: it adds the pod network, and an empty value to a header without one. Replica sets and
            pools are checked as they are written.

            A probe where nothing reads it, such as beside the template of a VirtualMachine, is a field that does not exist (VMIP003). A placeholder
            (`${PORT}`, `${{PORT}}`, `{{ port }}`) is no value: where the parameters of an OpenShift template give one it is put in (an optional one without a value is an empty text, as for `oc process`), and otherwise it is said
            (VMIP027) and no rule judges it.

            | id | severity | finds |
            | --- | --- | --- |

            """.ReplaceLineEndings("\n"));
        foreach (ProbeRule rule in ProbeRules.All) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"| [{rule.Id}](#{Anchor(rule.Id)}) | {rule.Severity} | {rule.Title} |\n");
        foreach (ProbeRule rule in ProbeRules.All)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\n## {rule.Id}\n\n{rule.Title}.\n\nThe cluster: {rule.Consequence}\n\nInstead: {rule.Advice}\n\nFounded on:\n\n{string.Concat(rule.Evidence.Select(Line))}");
        return text.ToString();
    }

    private static string Line(ProbeEvidence evidence) => evidence.Code switch
    {
        null => $"- {evidence.By} {evidence.Text}\n",
        201 => $"- accepted{Of(evidence)} (201); {evidence.By}: `{evidence.Text}`\n",
        _ => $"- {evidence.Code}{Of(evidence)} by {evidence.By}{(evidence.Field is null ? "" : $", field `{evidence.Field}`")}: `{evidence.Text}`\n",
    };

    private static string Of(ProbeEvidence evidence) => evidence.Kind is null ? "" : $" of a {evidence.Kind}";

    private static string Anchor(string id) => id.Replace("VMIP", "vmip", StringComparison.Ordinal);
}
