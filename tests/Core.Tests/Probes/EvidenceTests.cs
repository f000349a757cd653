using System.Text.Json.Nodes;
using KubeVirtMonitor.Probes;
using KubeVirtMonitor.Yaml;
using Xunit;

namespace KubeVirtMonitor.Tests.Probes;

/// <summary>Whether each rule says of an object what the cluster answered to it.</summary>
public sealed class EvidenceTests
{
    private const string Plain = "domain: {devices: {disks: []}}";
    private const string Network = "domain: {devices: {interfaces: [{name: default, masquerade: {}}]}}\nnetworks: [{name: default, pod: {}}]";

    /// <summary>
    /// The kind, the spec of the instance, and what a real cluster answered to such an object: the status, who refused it, the field and the text;
    /// last the rule of the error, empty where the object works.
    /// </summary>
    public static TheoryData<string, string, int, string, string, string, string> Answers => new()
    {
        { "VirtualMachine", Plain + "\nreadinessProbe: {tcpSocket: {port: 22}, httpGet: {port: 80}}", 422, "virtualmachine-validator.kubevirt.io", "{probe}", "{probe} must have exactly one probe type set", "VMIP002" },
        { "VirtualMachine", Plain + "\nreadinessProbe: {periodSeconds: 3}", 422, "virtualmachine-validator.kubevirt.io", "{probe}", "either {probe}.tcpSocket, {probe}.exec or {probe}.httpGet must be set if a {probe} is specified", "VMIP001" },
        { "VirtualMachine", Plain + "\nreadinessProbe: {tcpSocket: {}}", 422, "virtualmachines-mutator.kubevirt.io", "", "{probe}.tcpSocket.port in body is required", "VMIP005" },
        { "VirtualMachine", Plain + "\nreadinessProbe: {tcpSocket: {port: 22}, periodSeconds: '3'}", 422, "virtualmachines-mutator.kubevirt.io", "", "{probe}.periodSeconds in body must be of type integer: \"string\"", "VMIP004" },
        { "VirtualMachine", Plain + "\nreadinessProbe: {httpGet: {port: 80, scheme: https}}", 422, "virtualmachines-mutator.kubevirt.io", "", "{probe}.httpGet.scheme in body should be one of [HTTP HTTPS]", "VMIP007" },
        { "VirtualMachine", Plain + "\nreadinessProbe: {tcpSocket: {port: 22}, periodSeconds: 3.0}", 201, "", "", "", "" },
        { "VirtualMachine", Plain + "\nreadinessProbe: {httpGet: {port: 80, httpHeaders: [{name: X-A}]}}", 201, "", "", "", "" },
        { "VirtualMachineInstance", Plain + "\nreadinessProbe: {httpGet: {port: 80, httpHeaders: [{name: X-A}]}}", 201, "", "", "", "" },
        { "VirtualMachine", "domain: {devices: {autoattachPodInterface: false}}\nreadinessProbe: {tcpSocket: {port: 22}}", 422, "virtualmachine-validator.kubevirt.io", "{probe}.tcpSocket", "{probe}.tcpSocket is only allowed if the Pod Network is attached", "VMIP015" },
        { "VirtualMachine", Plain + "\nreadinessProbe: {tcpSocket: {port: 22}}", 201, "", "", "", "" },
        { "VirtualMachineInstance", Plain + "\nreadinessProbe: {tcpSocket: {port: 22}}", 201, "", "", "", "" },
        { "VirtualMachineInstance", Plain + "\nnetworks: []\nreadinessProbe: {tcpSocket: {port: 22}}", 201, "", "", "", "" },
        { "VirtualMachineInstanceReplicaSet", Plain + "\nreadinessProbe: {tcpSocket: {port: 22}}", 422, "virtualmachinereplicaset-validator.kubevirt.io", "{probe}.tcpSocket", "{probe}.tcpSocket is only allowed if the Pod Network is attached", "VMIP015" },
        { "VirtualMachineInstanceReplicaSet", Plain + "\nnetworks: []\nreadinessProbe: {tcpSocket: {port: 22}}", 422, "virtualmachinereplicaset-validator.kubevirt.io", "{probe}.tcpSocket", "{probe}.tcpSocket is only allowed if the Pod Network is attached", "VMIP015" },
        { "VirtualMachinePool", Plain + "\nreadinessProbe: {tcpSocket: {port: 22}}", 422, "virtualmachinepool-validator.kubevirt.io", "{probe}.tcpSocket", "{probe}.tcpSocket is only allowed if the Pod Network is attached", "VMIP015" },
        { "VirtualMachinePool", "domain: {devices: {autoattachPodInterface: true}}\nreadinessProbe: {tcpSocket: {port: 22}}", 422, "virtualmachinepool-validator.kubevirt.io", "{probe}.tcpSocket", "{probe}.tcpSocket is only allowed if the Pod Network is attached", "VMIP015" },
        { "VirtualMachinePool", Network + "\nreadinessProbe: {tcpSocket: {port: 22}}", 201, "", "", "", "" },
        { "VirtualMachineInstanceReplicaSet", Plain + "\nreadinessProbe: {guestAgentPing: {}}", 201, "", "", "", "" },
        { "VirtualMachine", Network + "\nstartStrategy: Paused\nlivenessProbe: {tcpSocket: {port: 22}}", 422, "virtualmachine-validator.kubevirt.io", "{spec}.startStrategy", "either {spec}.startStrategy or {spec}.livenessProbe should be provided.Pausing VMI with LivenessProbe is not supported", "VMIP018" },
        { "VirtualMachineInstance", Network + "\nreadinessProbe: {guestAgentPing: {foo: 1}}", 400, "API server", "", "strict decoding error: unknown field \"{probe}.guestAgentPing.foo\"", "VMIP003" },
        // Accepted, and the API server refuses the pod.
        { "VirtualMachineInstance", Network + "\nlivenessProbe: {tcpSocket: {port: 22}, successThreshold: 2}", 201, "API server, over the virt-launcher pod", "", "{probe}.successThreshold: Invalid value: 2: must be 1", "VMIP010" },
        { "VirtualMachineInstance", Network + "\nlivenessProbe: {tcpSocket: {port: 0}}", 201, "API server, over the virt-launcher pod", "", "{probe}.tcpSocket.port: Invalid value: 0: must be between 1 and 65535, inclusive", "VMIP006" },
        { "VirtualMachineInstance", Network + "\nreadinessProbe: {tcpSocket: {port: Ssh_}}", 201, "API server, over the virt-launcher pod", "", "{probe}.tcpSocket.port: Invalid value: \"Ssh_\": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)", "VMIP006" },
        { "VirtualMachineInstance", Network + "\nreadinessProbe: {exec: {}}", 201, "API server, over the virt-launcher pod", "", "{probe}.exec.command: Required value", "VMIP009" },
        { "VirtualMachineInstance", Network + "\nlivenessProbe: {tcpSocket: {port: 22}, initialDelaySeconds: -20}", 201, "API server, over the virt-launcher pod", "", "{probe}.initialDelaySeconds: Invalid value: -10: must be greater than or equal to 0", "VMIP012" },
        { "VirtualMachineInstance", Network + "\nreadinessProbe: {httpGet: {port: 80, httpHeaders: [{name: a b, value: c}]}}", 201, "API server, over the virt-launcher pod", "", "{probe}.httpGet.httpHeaders: Invalid value: \"a b\": a valid HTTP header must consist of alphanumeric characters or '-'", "VMIP024" },
        // Accepted, and the machines of the pool are refused.
        { "VirtualMachinePool", Network + "\nreadinessProbe: {httpGet: {port: 80, scheme: https}}", 201, "API server", "", "no webhook and no schema validates the scheme in a pool; the VirtualMachines it creates are refused", "VMIP007" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void The_verdict_is_the_cluster_s(string kind, string spec, int code, string by, string field, string text, string rule)
    {
        ProbeFinding[] errors = [.. ProbeRules.Check(Of(kind, spec), agentConnected: true).Where(finding => finding.Severity == ProbeFindingSeverity.Error)];
        if (rule.Length == 0)
        {
            Assert.Equal((code, ""), (201, string.Join("; ", errors.AsEnumerable())));
            return;
        }

        ProbeFinding error = Assert.Single(errors);
        Assert.Equal(rule, error.Id);
        ProbeRule founded = ProbeRules.All.Single(one => one.Id == rule);
        Assert.Contains(founded.Evidence, evidence => (evidence.By, evidence.Code, evidence.Field ?? "", evidence.Text) == (by, code, field, text));
        Assert.Equal(code == 201, error.Consequence.Contains("accepted", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_rule_is_founded_on_something_and_every_answer_has_its_case()
    {
        Each.Of(ProbeRules.All, rule => Assert.NotEmpty(rule.Evidence));
        HashSet<string> cases = [.. Answers.Select(row => row.Data.Item6)];
        IEnumerable<string> refusals = ProbeRules.All.Where(rule => rule.Severity == ProbeFindingSeverity.Error).SelectMany(rule => rule.Evidence).Where(evidence => evidence.Code is not null).Select(evidence => evidence.Text);
        Assert.Empty(refusals.Except(cases));
    }

    /// <summary>Recordings of create requests: the object is checked, and the answer compared with what the rule names.</summary>
    [Theory]
    [InlineData("106-two-handlers-422.http", "VMIP002")]
    [InlineData("107-no-handler-422.http", "VMIP001")]
    [InlineData("108-no-port-422.http", "VMIP005")]
    [InlineData("109-wrong-type-422.http", "VMIP004")]
    [InlineData("110-bad-scheme.http", "VMIP007")]
    [InlineData("111-vmi-tcp-probe-without-networks.http", "")]
    [InlineData("112-vm-tcp-probe-without-networks.http", "")]
    [InlineData("113-rs-tcp-probe-without-networks.http", "VMIP015")]
    [InlineData("114-pool-tcp-probe-without-networks.http", "VMIP015")]
    [InlineData("115-vm-tcp-probe-autoattach-false-422.http", "VMIP015")]
    [InlineData("116-vm-liveness-and-paused-422.http", "VMIP018")]
    public void A_recorded_object_gets_the_verdict_of_its_answer(string recording, string rule)
    {
        string text = File.ReadAllText(SharedFiles.Require("recordings/" + recording)).ReplaceLineEndings("\n");
        string[] halves = text.Split("-------- response --------\n");
        VmiManifest manifest = VmiManifest.Of(JsonNode.Parse(Body(halves[0])))!;
        ProbeFinding[] errors = [.. ProbeRules.Check(manifest).Where(finding => finding.Severity == ProbeFindingSeverity.Error)];
        int code = int.Parse(halves[1].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal((code >= 400, rule), (errors.Length > 0, string.Join(' ', errors.Select(error => error.Id).Distinct())));
        if (rule.Length == 0) return;

        JsonNode status = JsonNode.Parse(Body(halves[1]))!;
        string message = (string)status["message"]!;
        string? field = (string?)status["details"]?["causes"]?[0]?["field"];
        string role = manifest.InstanceSpec!.ContainsKey("readinessProbe") ? "readinessProbe" : "livenessProbe";
        Assert.Contains(ProbeRules.All.Single(one => one.Id == rule).Evidence, evidence =>
            (evidence.Kind is null || evidence.Kind == manifest.Kind) && evidence.Code == code && field == Filled(evidence.Field)
            && message == $"admission webhook \"{evidence.By}\" denied the request: {Filled(evidence.Text)}");

        string? Filled(string? template) => template?.Replace("{probe}", $"{manifest.SpecPath}.{role}", StringComparison.Ordinal).Replace("{spec}", manifest.SpecPath, StringComparison.Ordinal);
    }

    /// <summary>Recordings of instances whose pod the API server refuses, and of one that runs.</summary>
    [Theory]
    [InlineData("270-vmi-live-success2-failedcreate.http", "VMIP010")]
    [InlineData("271-vmi-badname-failedcreate.http", "VMIP006")]
    [InlineData("272-vmi-exec-empty-failedcreate.http", "VMIP009")]
    [InlineData("273-vmi-header-badname-failedcreate.http", "VMIP024")]
    [InlineData("194-vmi-with-probes.http", "")]
    public void A_recorded_instance_gets_the_verdict_of_its_condition(string recording, string rule)
    {
        string text = File.ReadAllText(SharedFiles.Require("recordings/" + recording)).ReplaceLineEndings("\n");
        VmiManifest manifest = VmiManifest.Of(JsonNode.Parse(Body(text.Split("-------- response --------\n")[1])))!;
        ProbeFinding[] errors = [.. ProbeRules.Check(manifest, agentConnected: true).Where(finding => finding.Severity == ProbeFindingSeverity.Error)];
        Assert.Equal(rule, string.Join(' ', errors.Select(error => error.Id).Distinct()));
        string? refused = (manifest.Root["status"]!["conditions"]!.AsArray().FirstOrDefault(one => (string?)one!["reason"] == "FailedCreate")?["message"])?.GetValue<string>();
        Assert.Equal(rule.Length > 0, refused is not null);
        if (refused is null) return;
        string role = manifest.InstanceSpec!.ContainsKey("readinessProbe") ? "readinessProbe" : "livenessProbe";
        Assert.Contains(ProbeRules.All.Single(one => one.Id == rule).Evidence, evidence => refused.Contains(evidence.Text.Replace("{probe}", "spec.containers[0]." + role, StringComparison.Ordinal), StringComparison.Ordinal));
    }

    private static string Body(string half) => half[(half.IndexOf("\n\n", StringComparison.Ordinal) + 2)..].Trim();

    private static VmiManifest Of(string kind, string spec)
    {
        string[] steps = kind switch
        {
            "VirtualMachineInstance" => ["spec"],
            "VirtualMachinePool" => ["spec", "virtualMachineTemplate", "spec", "template", "spec"],
            _ => ["spec", "template", "spec"],
        };
        JsonNode inner = new YamlReader().ReadAll(spec)[0]!;
        foreach (string step in steps.Reverse()) inner = new JsonObject { [step] = inner };
        inner["kind"] = kind;
        return VmiManifest.Of(inner)!;
    }
}
