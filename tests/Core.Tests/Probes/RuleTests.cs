using KubeVirtMonitor.Probes;
using Xunit;

namespace KubeVirtMonitor.Tests.Probes;

public sealed class RuleTests
{
    private const string Masquerade = "domain: {devices: {interfaces: [{name: default, masquerade: {}, ports: [{name: web, port: 8080}, {port: 53, protocol: UDP}]}]}}\nnetworks: [{name: default, pod: {}}]\n";

    [Theory]
    // Ports.
    [InlineData("readinessProbe: {httpGet: {port: web}}", "")]
    [InlineData("readinessProbe: {httpGet: {port: 8080}}", "")]
    [InlineData("readinessProbe: {httpGet: {port: 80}}", "VMIP016 readinessProbe.httpGet.port")]
    [InlineData("readinessProbe: {tcpSocket: {port: 53}}", "VMIP016 readinessProbe.tcpSocket.port")]
    [InlineData("readinessProbe: {httpGet: {port: admin}}", "VMIP008 readinessProbe.httpGet.port")]
    [InlineData("readinessProbe: {httpGet: {port: '8080'}}", "VMIP006 readinessProbe.httpGet.port")]
    [InlineData("readinessProbe: {httpGet: {port: web--a}}", "VMIP006 readinessProbe.httpGet.port")]
    [InlineData("readinessProbe: {httpGet: {port: sixteen-letters-}}", "VMIP006 readinessProbe.httpGet.port")]
    [InlineData("readinessProbe: {httpGet: {port: 65536}}", "VMIP006 readinessProbe.httpGet.port; VMIP016 readinessProbe.httpGet.port")]
    [InlineData("readinessProbe: {httpGet: {port: true}}", "VMIP004 readinessProbe.httpGet.port")]
    [InlineData("readinessProbe: {httpGet: {port: 8080, host: example.com}}", "VMIP017 readinessProbe.httpGet.host")]
    // The pod network answers for a probe of another host too: the API server asks for it all the same.
    [InlineData("readinessProbe: {httpGet: {port: 99, host: example.com}}", "VMIP017 readinessProbe.httpGet.host")]
    // Types and fields.
    [InlineData("readinessProbe: tcp", "VMIP004 readinessProbe")]
    [InlineData("readinessProbe: {httpGet: 80}", "VMIP004 readinessProbe.httpGet")]
    [InlineData("readinessProbe: {HttpGet: {port: 8080}}", "VMIP003 readinessProbe.HttpGet; VMIP001 readinessProbe")]
    [InlineData("readinessProbe: {httpGet: {port: 8080, path: 5}}", "VMIP004 readinessProbe.httpGet.path")]
    [InlineData("readinessProbe: {httpGet: {port: 8080, headers: []}}", "VMIP003 readinessProbe.httpGet.headers")]
    [InlineData("readinessProbe: {httpGet: {port: 8080, httpHeaders: [{name: X-A}]}}", "VMIP026 readinessProbe.httpGet.httpHeaders[0].value")]
    [InlineData("readinessProbe: {httpGet: {port: 8080, httpHeaders: [{value: a}]}}", "VMIP005 readinessProbe.httpGet.httpHeaders[0].name")]
    [InlineData("readinessProbe: {httpGet: {port: 8080, httpHeaders: [{name: X A, value: b}]}}", "VMIP024 readinessProbe.httpGet.httpHeaders[0].name")]
    [InlineData("readinessProbe: {httpGet: {port: 8080}, periodSeconds: 10.5}", "VMIP004 readinessProbe.periodSeconds")]
    [InlineData("readinessProbe: {httpGet: {port: 8080}, periodSeconds: 30.0, timeoutSeconds: 1e1}", "")]
    [InlineData("readinessProbe: {httpGet: {port: 8080.0}}", "")]
    [InlineData("readinessProbe: {httpGet: {port: 8080}, periodSeconds: '3'}", "VMIP004 readinessProbe.periodSeconds")]
    [InlineData("readinessProbe: {httpGet: {port: 8080}, periodSeconds: 2147483648}", "VMIP004 readinessProbe.periodSeconds")]
    [InlineData("readinessProbe: {exec: {command: [sleep, 5]}}", "VMIP004 readinessProbe.exec.command[1]")]
    [InlineData("readinessProbe: {exec: {command: ls}}", "VMIP004 readinessProbe.exec.command")]
    [InlineData("startupProbe: {httpGet: {port: 8080}}", "VMIP003 startupProbe")]
    [InlineData("readinessProbe: ~", "")]
    // Numbers: 10 s are waited and the period is 10 s; with the agent's extra second, 9 are too many already.
    [InlineData("readinessProbe: {httpGet: {port: 8080}, timeoutSeconds: 9}", "")]
    [InlineData("readinessProbe: {httpGet: {port: 8080}, timeoutSeconds: 10}", "VMIP011 readinessProbe.timeoutSeconds")]
    [InlineData("readinessProbe: {guestAgentPing: {}, timeoutSeconds: 8}", "")]
    [InlineData("readinessProbe: {guestAgentPing: {}, timeoutSeconds: 9}", "VMIP011 readinessProbe.timeoutSeconds")]
    [InlineData("readinessProbe: {httpGet: {port: 8080}, initialDelaySeconds: -10}", "VMIP013 readinessProbe.initialDelaySeconds")]
    [InlineData("readinessProbe: {httpGet: {port: 8080}, initialDelaySeconds: -11}", "VMIP012 readinessProbe.initialDelaySeconds")]
    [InlineData("readinessProbe: {httpGet: {port: 8080}, successThreshold: 3}", "")]
    [InlineData("livenessProbe: {httpGet: {port: 8080}, successThreshold: 0}", "VMIP014 livenessProbe.successThreshold")]
    // Commands.
    [InlineData("readinessProbe: {exec: {command: [/bin/true]}}", "")]
    [InlineData("readinessProbe: {exec: {command: []}}", "VMIP009 readinessProbe.exec.command")]
    [InlineData("readinessProbe: {exec: {command: [cat /tmp/ready]}}", "VMIP023 readinessProbe.exec.command")]
    [InlineData("readinessProbe: {exec: {command: [/bin/sh, -c, \"test 'a' = 'a'\"]}}", "")]
    [InlineData("readinessProbe: {exec: {command: [/bin/sh, -c, 'test \"a\" = \"a\"']}}", "VMIP021 readinessProbe.exec.command[2]")]
    [InlineData("readinessProbe: {exec: {command: [grep, '\\d']}}", "VMIP021 readinessProbe.exec.command[1]")]
    [InlineData("readinessProbe: {exec: {command: [grep, \"a\\nb\"]}}", "VMIP021 readinessProbe.exec.command[1]")]
    [InlineData("readinessProbe: {exec: {command: [printf, 'a\\n']}}", "VMIP022 readinessProbe.exec.command[1]")]
    [InlineData("readinessProbe: {exec: {command: [echo, 'say \\\"hi\\\"']}}", "VMIP022 readinessProbe.exec.command[1]")]
    [InlineData("readinessProbe: {exec: {command: [virt-probe, '--x=\"']}}", "")]
    // Both.
    [InlineData("readinessProbe: {httpGet: {port: 8080}}\nlivenessProbe: {httpGet: {port: 8080}}", "VMIP020 livenessProbe.failureThreshold")]
    [InlineData("readinessProbe: {httpGet: {port: 8080}}\nlivenessProbe: {httpGet: {port: 8080}, failureThreshold: 4}", "")]
    [InlineData("readinessProbe: {httpGet: {port: 8080}, failureThreshold: 6}\nlivenessProbe: {httpGet: {port: 8080}, periodSeconds: 20}", "VMIP020 livenessProbe.failureThreshold")]
    [InlineData("startStrategy: Paused\nreadinessProbe: {httpGet: {port: 8080}}", "")]
    public void Rules_find_what_is_wrong_and_nothing_else(string probes, string expected) =>
        Assert.Equal(expected, string.Join("; ", ProbeRules.Check(Manifest.Instance(Masquerade + probes), agentConnected: true).Select(finding => $"{finding.Id} {finding.Field["spec.".Length..]}")));

    [Theory]
    [InlineData("networks: [{name: lan, multus: {networkName: lan}}]", "VMIP015")]
    [InlineData("networks: [{name: lan, multus: {networkName: lan}}, {name: default, pod: {}}]", "")]
    [InlineData("networks: []", "")]
    [InlineData("domain: {devices: {interfaces: [{name: default, bridge: {}}]}}", "VMIP015")]
    [InlineData("domain: {devices: {autoattachPodInterface: true}}", "")]
    [InlineData("domain: {devices: {autoattachPodInterface: false}}", "VMIP015")]
    [InlineData("domain: {devices: {autoattachPodInterface: false, interfaces: [{name: default, bridge: {}}]}}\nnetworks: [{name: default, pod: {}}]", "")]
    // Bridge forwards everything, whatever its ports say; and so does masquerade on another network than the pod's.
    [InlineData("domain: {devices: {interfaces: [{name: default, bridge: {}, ports: [{port: 1}]}]}}\nnetworks: [{name: default, pod: {}}]", "")]
    [InlineData("domain: {devices: {interfaces: [{name: default, masquerade: {}, ports: []}]}}\nnetworks: [{name: default, pod: {}}]", "")]
    public void The_pod_network_is_that_of_the_webhook(string network, string expected) =>
        Assert.Equal(expected, string.Join(' ', ProbeRules.Check(Manifest.Instance(network + "\nreadinessProbe: {tcpSocket: {port: 22}}")).Select(finding => finding.Id)));

    [Theory]
    [InlineData("domain: {}", null, "VMIP019")]
    [InlineData("domain: {}", true, "")]
    [InlineData("domain: {}", false, "VMIP019")]
    [InlineData("volumes: [{name: c, cloudInitNoCloud: {userData: \"#cloud-config\\npackages: [qemu-guest-agent]\"}}]", null, "")]
    [InlineData("volumes: [{name: c, cloudInitConfigDrive: {userDataBase64: cGFja2FnZXM6IFtxZW11LWd1ZXN0LWFnZW50XQ==}}]", null, "")]
    [InlineData("volumes: [{name: c, cloudInitNoCloud: {userData: \"packages: [qemu-guest-agent]\"}}]", false, "VMIP019")]
    [InlineData("accessCredentials: [{sshPublicKey: {propagationMethod: {qemuGuestAgent: {users: [a]}}}}]", null, "")]
    public void An_agent_is_known_or_not(string spec, bool? connected, string expected) =>
        Assert.Equal(expected, string.Join(' ', ProbeRules.Check(Manifest.Instance(spec + "\nreadinessProbe: {guestAgentPing: {}}"), connected).Select(finding => finding.Id)));

    [Theory]
    [InlineData("runStrategy: Always", "")]
    [InlineData("runStrategy: Manual", "VMIP025")]
    [InlineData("runStrategy: Once", "VMIP025")]
    [InlineData("running: true", "")]
    public void Liveness_needs_somebody_to_start_the_machine_again(string spec, string expected) =>
        Assert.Equal(expected, string.Join(' ', ProbeRules.Check(Manifest.Machine(spec, "domain: {}\nlivenessProbe: {tcpSocket: {port: 22}}")).Select(finding => finding.Id)));

    [Theory]
    [InlineData("VirtualMachineInstance", "kubevirt.io/v1", "spec: {readinessProbe: {}}", "spec.readinessProbe")]
    [InlineData("VirtualMachine", "kubevirt.io/v1", "spec: {template: {spec: {readinessProbe: {}}}}", "spec.template.spec.readinessProbe")]
    [InlineData("VirtualMachineInstanceReplicaSet", "kubevirt.io/v1", "spec: {template: {spec: {readinessProbe: {}}}}", "spec.template.spec.readinessProbe")]
    [InlineData("VirtualMachinePool", "pool.kubevirt.io/v1beta1", "spec: {virtualMachineTemplate: {spec: {template: {spec: {readinessProbe: {}}}}}}", "spec.virtualMachineTemplate.spec.template.spec.readinessProbe")]
    public void Fields_are_named_from_the_root_of_the_object(string kind, string version, string spec, string expected)
    {
        ProbeFinding finding = Assert.Single(ProbeRules.Check(Manifest.One($"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a, namespace: b}}\n{spec}")));
        Assert.Equal((expected, "VMIP001", "a", "b", ProbeRole.Readiness), (finding.Field, finding.Id, finding.Name, finding.Namespace, finding.Role));
    }

    [Fact]
    public void Every_rule_has_a_text_of_its_own()
    {
        Assert.Equal(Enumerable.Range(1, ProbeRules.All.Count).Select(number => $"VMIP{number:000}"), ProbeRules.All.Select(rule => rule.Id));
        Assert.Equal(ProbeRules.All.Count, ProbeRules.All.Select(rule => rule.Title).Distinct().Count());
        Assert.Equal(ProbeRules.All.Count, ProbeRules.All.Select(rule => rule.Advice + rule.Consequence).Distinct().Count());
        Each.Of(ProbeRules.All, rule =>
        {
            // A title is no sentence: what shows it goes on behind it.
            Assert.Matches(@"^\S.*[^.\s]$", rule.Title);
            Assert.Matches(@"^\S.*[^.\s]\.$", rule.Consequence);
            Assert.Matches(@"^\S.*[^.\s]\.$", rule.Advice);
            Assert.NotEmpty(rule.Evidence);
        });
    }
}
