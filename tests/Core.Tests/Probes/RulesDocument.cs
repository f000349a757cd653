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

            These rules check the readiness and liveness probes of a VirtualMachineInstance, or of the template of a VirtualMachine,
            VirtualMachineInstanceReplicaSet or VirtualMachinePool, without a cluster. `Test-VmiProbeManifest` applies them to manifests. `Set-VmiProbe`
            refuses a probe with an error, unless you use `-Force`, and writes a warning for the other findings.

            An error means that the cluster refuses the object, that the VMI does not start, or that the probe cannot do its work. A warning means that the
            probe works, but not in the way it seems to. The meaning of an id never changes. This page is generated from the rules, and a test keeps them in step.

            kubelet does not run a probe exactly as it is written in the manifest. KubeVirt adds 10 to `initialDelaySeconds` of every probe, and 1 to
            `timeoutSeconds` of `guestAgentPing` and `exec`. It replaces a number below 1 in another field with the default (period 10, timeout 1, success
            threshold 1, failure threshold 3).

            Each rule has its evidence: the response of a real cluster (Kubernetes 1.36.2, KubeVirt 1.9.0), or the behaviour of one of its components. In
            the responses, `{probe}` is the path of the probe and `{spec}` the path of the instance's spec; both depend on the kind. Before VirtualMachines
            and VirtualMachineInstances are validated, a mutating webhook completes them: it adds the pod network, and an empty value to a header without
            one. Replica sets and pools are validated as they are written.

            A probe in a place where KubeVirt does not read it, such as next to the template of a VirtualMachine, is a field that does not exist (VMIP003).
            A placeholder (`${PORT}`, `${{PORT}}`, `{{ port }}`) is not a value. If the parameters of an OpenShift template have a value for it, that value
            is substituted (as with `oc process`, an optional parameter without a value becomes an empty text). Otherwise it is reported (VMIP027), and no
            other rule is applied to it.

            | id | severity | finding |
            | --- | --- | --- |

            """.ReplaceLineEndings("\n"));
        foreach (ProbeRule rule in ProbeRules.All) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"| [{rule.Id}](#{Anchor(rule.Id)}) | {rule.Severity} | {rule.Title} |\n");
        foreach (ProbeRule rule in ProbeRules.All)
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\n## {rule.Id}\n\n{rule.Title}.\n\nConsequence: {rule.Consequence}\n\nWhat to do: {rule.Advice}\n\nEvidence:\n\n{string.Concat(rule.Evidence.Select(Line))}");
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
