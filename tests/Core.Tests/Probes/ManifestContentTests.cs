using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Probes;
using KubeVirtMonitor.Yaml;
using Xunit;

namespace KubeVirtMonitor.Tests.Probes;

/// <summary>What of manifests is looked at, and that what is not is said.</summary>
public sealed class ManifestContentTests
{
    private const string Machine = "apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      domain: {}\n      readinessProbe: {tcpSocket: {port: 22}}\n";
    private const string Bare = "apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata: {name: bare}\nspec:\n  template:\n    spec:\n      domain: {}\n";

    [Theory]
    // Another document's defect: its place, and the machine all the same.
    [InlineData("kind: ConfigMap\ndata: {a: [b\n---\n" + Machine, "3:1")]
    [InlineData(Machine + "---\nkind: ConfigMap\n\tx: y\n", "11:1")]
    [InlineData(Machine + "---\na: *nobody\n", "10:4")]
    [InlineData(Machine + "---\na: &a [*a]\n", "10:8")]
    [InlineData(Machine + "---\na: {<<: 5}\n", "10:9")]
    [InlineData("%YAML 1.2\n---\na: b\n---\n" + Machine, "1:1")]
    [InlineData("a: 'open\n---\n" + Machine, "1:4")]
    [InlineData("a: \u0007\n--- # next\n" + Machine, "1:4")]
    public void A_defect_has_a_place_and_hides_no_machine(string text, string place)
    {
        ManifestContent content = ManifestReader.ReadContent(text, new YamlReader());
        Assert.Equal("web", Assert.Single(content.Machines).Name);
        YamlFormatException defect = Assert.Single(content.Defects);
        Assert.Equal(place, $"{defect.Line}:{defect.Column}");
        Assert.Empty(content.Unchecked());
    }

    [Fact]
    public void A_key_that_comes_twice_is_a_warning_and_the_last_one_counts()
    {
        ManifestContent content = ManifestReader.ReadContent("kind: ConfigMap\ndata:\n  a: 1\n  a: 2\n---\n" + Machine + "      readinessProbe: {tcpSocket: {port: 80}}\n", new YamlReader());
        Assert.Equal(80, content.Machines.Single().GetProbe(ProbeRole.Readiness)!.Port!.Number);
        Assert.Equal(2, content.Warnings.Count);
        Assert.StartsWith("line 4, column 3: the key 'a' appears twice", content.Warnings[0], StringComparison.Ordinal);
        Assert.StartsWith("line 14, column 7: the key 'readinessProbe' appears twice", content.Warnings[1], StringComparison.Ordinal);
        // The same in JSON, whose reader would throw when the object is looked at.
        Assert.Contains("'kind' appears twice", ManifestReader.ReadContent("{\"kind\": \"A\", \"kind\": \"B\"}", new YamlReader()).Warnings[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "only blank lines and comments")]
    [InlineData("# only\n---\n", "only blank lines and comments")]
    [InlineData("kind: ConfigMap\nmetadata: {name: settings}\n", "ConfigMap settings (line 1)")]
    [InlineData("---\n- op: add\n  path: /spec/template/spec/readinessProbe\n", "a text or list without a kind (line 2)")]
    [InlineData("a: b\n", "an object without a kind (line 1)")]
    [InlineData("kind: virtualmachine\napiVersion: kubevirt.io/v1\n", "virtualmachine (line 1)")]
    [InlineData("{\"kind\": \"List\", \"items\": [{\"kind\": \"Pod\", \"metadata\": {\"name\": \"p\"}}]}", "Pod p (line 1)")]
    [InlineData(Bare, "VirtualMachine bare: no readinessProbe or livenessProbe at spec.template.spec")]
    [InlineData(Machine + "---\n" + Bare, "VirtualMachine bare: no readinessProbe or livenessProbe at spec.template.spec")]
    public void What_has_nothing_to_look_at_is_said(string text, string said) =>
        Assert.Contains(said, Assert.Single(ManifestReader.ReadContent(text, new YamlReader()).Unchecked()), StringComparison.Ordinal);

    [Fact]
    public void A_probe_of_the_other_role_is_not_the_one_that_was_asked_for()
    {
        ManifestContent content = ManifestReader.ReadContent(Machine, new YamlReader());
        Assert.Empty(content.Unchecked([ProbeRole.Readiness]));
        Assert.Contains("no livenessProbe", Assert.Single(content.Unchecked([ProbeRole.Liveness])), StringComparison.Ordinal);
    }

    [Fact]
    public void Objects_of_json_may_follow_each_other() =>
        Assert.Equal(["a", "b"], ManifestReader.ReadContent("{\"kind\":\"VirtualMachine\",\"metadata\":{\"name\":\"a\"}}\n{\"kind\":\"VirtualMachine\",\"metadata\":{\"name\":\"b\"}}", new YamlReader()).Machines.Select(machine => machine.Name));

    [Theory]
    [InlineData("spec: {readinessProbe: {tcpSocket: {port: 1}}, template: {spec: {domain: {}}}}", "spec.readinessProbe", "spec.template.spec.readinessProbe")]
    [InlineData("spec: {template: {livenessProbe: {exec: {}}, spec: {domain: {}}}}", "spec.template.livenessProbe", "spec.template.spec.livenessProbe")]
    [InlineData("spec: {template: {spec: {domain: {readinessProbe: {exec: {}}}}}}", "spec.template.spec.domain.readinessProbe", "spec.template.spec.readinessProbe")]
    [InlineData("spec: {template: {spec: {domain: {devices: {livenessProbe: {exec: {}}}}}}}", "spec.template.spec.domain.devices.livenessProbe", "spec.template.spec.livenessProbe")]
    [InlineData("readinessProbe: {exec: {}}", "readinessProbe", "spec.template.spec.readinessProbe")]
    [InlineData("spec: {template: {metadata: {readinessProbe: {exec: {}}}}}", "spec.template.metadata.readinessProbe", "spec.template.spec.readinessProbe")]
    [InlineData("spec: {template: {spec: {readinessprobe: {exec: {}}}}}", "spec.template.spec.readinessprobe", "Write readinessProbe; names are case-sensitive.")]
    [InlineData("spec: {template: {spec: {volumes: [{name: a, livenessprobe: {}}]}}}", "spec.template.spec.volumes[0].livenessprobe", "spec.template.spec.livenessProbe")]
    [InlineData("spec: {template: {spec: {readinessProbe: ~, httpGet: {port: 80}}}}", "spec.template.spec.httpGet", "check the indentation")]
    [InlineData("spec: {template: {spec: {startupProbe: {exec: {}}}}}", "spec.template.spec.startupProbe", "longer initialDelaySeconds")]
    public void A_probe_where_nothing_reads_it_is_an_error(string rest, string field, string advice)
    {
        ProbeFinding finding = Assert.Single(ProbeRules.Check(Manifest.One("kind: VirtualMachine\n" + rest)));
        Assert.Equal(("VMIP003", ProbeFindingSeverity.Error, field), (finding.Id, finding.Severity, finding.Field));
        Assert.Contains(advice, finding.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Instance_types_have_no_probes_and_other_objects_may()
    {
        ManifestContent content = ManifestReader.ReadContent(
            "apiVersion: instancetype.kubevirt.io/v1beta1\nkind: VirtualMachineInstancetype\nmetadata: {name: u1}\nspec: {readinessProbe: {exec: {}}}\n"
            + "---\napiVersion: v1\nkind: Pod\nspec: {containers: [{readinessProbe: {exec: {}}}]}\n", new YamlReader());
        ProbeFinding finding = Assert.Single(content.Findings);
        Assert.Equal(("VMIP003", "spec.readinessProbe", "u1"), (finding.Id, finding.Field, finding.Name));
    }

    [Fact]
    public void Parameters_of_a_template_are_put_in_and_the_others_are_said()
    {
        const string template = """
            apiVersion: template.openshift.io/v1
            kind: Template
            objects:
            - apiVersion: kubevirt.io/v1
              kind: VirtualMachine
              metadata: {name: "vm-${NAME}"}
              spec:
                template:
                  spec:
                    readinessProbe:
                      httpGet: {port: "${{PORT}}", path: "/${PATH_PART}/x"}
                      initialDelaySeconds: ${{DELAY}}
                      periodSeconds: ${{PERIOD}}
                    livenessProbe:
                      tcpSocket: {port: "${OTHER}"}
                      failureThreshold: 10
            parameters:
            - {name: NAME, value: web}
            - {name: PORT, value: "8080"}
            - {name: PATH_PART, value: ok}
            - {name: DELAY, value: 120}
            - {name: PERIOD, required: true}
            """;
        ManifestContent content = ManifestReader.ReadContent(template, new YamlReader());
        VmiManifest machine = content.Machines.Single();
        Assert.Equal("vm-web", machine.Name);
        Assert.Equal(["the parameter PERIOD of the template has no value, and is not replaced: oc process asks for one"], content.Warnings);
        Assert.Equal(
            ["VMIP027 Warning spec.template.spec.readinessProbe.periodSeconds", "VMIP027 Warning spec.template.spec.livenessProbe.tcpSocket.port"],
            ProbeRules.Check(machine).Select(finding => $"{finding.Id} {finding.Severity} {finding.Field}"));
        Assert.Contains("${{PERIOD}}, which has no value yet", Assert.Throws<FormatException>(() => machine.GetProbe(ProbeRole.Readiness)).Message, StringComparison.Ordinal);
        content = ManifestReader.ReadContent(template.Replace("required: true", "value: \"20\"", StringComparison.Ordinal), new YamlReader());
        VmiProbe probe = content.Machines.Single().GetProbe(ProbeRole.Readiness)!;
        Assert.Equal((8080, "/ok/x", 120, 20), (probe.Port!.Number, probe.Path, probe.InitialDelaySeconds, probe.PeriodSeconds));
    }

    /// <summary>As <c>templateprocessing.Process</c> of OpenShift's library-go does: an optional parameter without a value is an empty text, also as <c>${{NAME}}</c>; one that is not declared stays.</summary>
    [Theory]
    [InlineData("{name: X}", "/", "")]
    [InlineData("{name: X, value: ''}", "/", "")]
    [InlineData("{name: X, required: false}", "/", "")]
    [InlineData("{name: X, required: true, value: web}", "/web", "web")]
    [InlineData("{name: X, generate: expression, from: '[a-z]{8}', value: web}", "/web", "web")]
    [InlineData("{name: X, generate: expression, from: '[a-z]{8}'}", "/${X}", "${{X}}", "the parameter X of the template has no value, and is not replaced: oc process makes one up")]
    [InlineData("{name: X, required: true}", "/${X}", "${{X}}", "the parameter X of the template has no value, and is not replaced: oc process asks for one")]
    [InlineData("{name: OTHER}", "/${X}", "${{X}}")]
    public void A_parameter_that_need_not_have_a_value_is_empty(string parameter, string path, string scheme, params string[] warnings)
    {
        ManifestContent content = ManifestReader.ReadContent(
            "kind: Template\nobjects:\n- kind: VirtualMachineInstance\n  spec: {readinessProbe: {httpGet: {port: 80, path: '/${X}', scheme: '${{X}}'}}}\nparameters:\n- " + parameter + "\n", new YamlReader());
        Assert.Equal(warnings, content.Warnings);
        System.Text.Json.Nodes.JsonNode probe = content.Machines.Single().Root["spec"]!["readinessProbe"]!["httpGet"]!;
        Assert.Equal((path, scheme), ((string)probe["path"]!, (string)probe["scheme"]!));
    }

    [Theory]
    [InlineData("httpGet: {port: '${PORT}', scheme: '${SCHEME}'}", "VMIP027 httpGet.port; VMIP027 httpGet.scheme")]
    [InlineData("httpGet: {port: '{{ port }}'}", "VMIP027 httpGet.port")]
    [InlineData("tcpSocket: {port: $PORT}", "VMIP027 tcpSocket.port")]
    [InlineData("tcpSocket: '${TARGET}'", "VMIP027 tcpSocket")]
    [InlineData("exec: {command: [sh, -c, 'test -e ${HOME}/up']}", "")]
    public void No_rule_judges_a_placeholder(string handler, string expected) =>
        Assert.Equal(expected, string.Join("; ", ProbeRules.Check(Manifest.Instance($"domain: {{}}\nreadinessProbe: {{{handler}}}"), agentConnected: true).Select(finding => $"{finding.Id} {finding.Field["spec.readinessProbe.".Length..]}")));

    [Theory]
    [InlineData("kind: VirtualMachine\nmetadata:\n  name: {{ .Release.Name }}-vm\n", 3, 9, "Helm template")]
    [InlineData("{{- if .Values.on }}\nkind: VirtualMachine\n{{- end }}\n", 1, 1, "Helm template")]
    [InlineData("kind: VirtualMachine\nmetadata:\n  {{- toYaml .Values.m | nindent 2 }}\n", 3, 3, "Helm template")]
    [InlineData("kind: VirtualMachine\nmetadata: {name: {{ name }}}\n", 2, 18, "render it first")]
    [InlineData("{% if x %}\nkind: VirtualMachine\n{% endif %}\n", 1, 1, "render it first")]
    // Braces of cloud-init, behind a defect of the manifest itself.
    [InlineData("kind: [\nuserData: |\n  {{ v1.region }}\n", 2, 11, "text cannot start with |")]
    public void A_template_is_called_one(string text, int line, int column, string said)
    {
        YamlFormatException defect = Assert.Single(ManifestReader.ReadContent(text, new YamlReader()).Defects);
        Assert.Equal((line, column), (defect.Line, defect.Column));
        Assert.Contains(said, defect.Message, StringComparison.Ordinal);
    }

    /// <summary>Files from public bug reports, as users have them.</summary>
    [Theory]
    [InlineData("probe-at-vm-level.yaml", "VMIP003 spec.readinessProbe")]
    [InlineData("replicaset-and-pool-without-networks.yaml", "VMIP015 spec.template.spec.readinessProbe.httpGet; VMIP015 spec.virtualMachineTemplate.spec.template.spec.readinessProbe.tcpSocket")]
    [InlineData("openshift-template.yaml", "the parameter NAME of the template has no value, and is not replaced: oc process asks for one")]
    [InlineData("helm-template.yaml", "line 4, column 9: this is a Helm template and not a manifest; render it first (helm template …) and check the output")]
    [InlineData("duplicate-key-elsewhere.yaml", "line 7, column 3: the key 'a' appears twice in one mapping; kubectl takes the last one, other readers refuse the document")]
    [InlineData("flow-plain-scalar-over-lines.yaml", "")]
    [InlineData("unclosed-bracket.yaml", "line 12, column 22: between [ of line 11, column 20 and its ] a comma or ] is expected here; is the bracket closed")]
    public void Files_of_users_get_what_is_right(string file, string expected)
    {
        ManifestContent content = ManifestReader.ReadContent(File.ReadAllText(SharedFiles.Require("cases/" + file)), new YamlReader());
        IEnumerable<string> said = [.. content.Defects.Select(defect => defect.Message), .. content.Warnings, .. content.Machines.SelectMany(machine => ProbeRules.Check(machine)).Select(finding => $"{finding.Id} {finding.Field}")];
        Assert.Equal(expected, string.Join("; ", said));
    }
}
