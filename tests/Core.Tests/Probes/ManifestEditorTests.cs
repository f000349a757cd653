using CsCheck;
using KubeVirtMonitor.Probes;
using KubeVirtMonitor.Yaml;
using Xunit;

namespace KubeVirtMonitor.Tests.Probes;

public sealed class ManifestEditorTests
{
    private static readonly VmiProbe Ping = new() { Kind = ProbeKind.GuestAgentPing, PeriodSeconds = 20 };

    private static readonly VmiProbe Http = new()
    {
        Kind = ProbeKind.HttpGet, Port = 1500, Path = "/healthz", Headers = [new("Custom-Header", "yes")], InitialDelaySeconds = 120, TimeoutSeconds = 10,
    };

    private const string Head = "apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata:\n  name: web   # the name\n";

    [Fact]
    public void A_probe_goes_behind_what_is_there()
    {
        const string before = Head + "spec:\n  template:\n    spec:\n      domain: {}   # as it is\n      volumes:\n        - name: a\n          cloudInitNoCloud:\n            userData: |\n              #cloud-config\n              a: b\n\n# the end\n";
        const string made = "      readinessProbe:\n        httpGet:\n          path: /healthz\n          port: 1500\n          httpHeaders:\n            - name: Custom-Header\n              value: \"yes\"\n        initialDelaySeconds: 120\n        timeoutSeconds: 10\n";
        string after = Manifest.Edit(before, ProbeRole.Readiness, Http);
        Assert.Equal(before.Replace("a: b\n", "a: b\n" + made, StringComparison.Ordinal), after);
        Assert.Equal(before, Manifest.Edit(after, ProbeRole.Readiness, null));
    }

    [Fact]
    public void Lists_are_indented_as_the_file_does()
    {
        const string before = Head + "spec:\n    template:\n        spec:\n            networks:\n            - name: default\n              pod: {}\n            terminationGracePeriodSeconds: 0";
        string after = Manifest.Edit(before, ProbeRole.Liveness, Http);
        Assert.Equal(before + "\n            livenessProbe:\n                httpGet:\n                    path: /healthz\n                    port: 1500\n                    httpHeaders:\n                    - name: Custom-Header\n                      value: \"yes\"\n                initialDelaySeconds: 120\n                timeoutSeconds: 10", after);
        Assert.Equal(before, Manifest.Edit(after, ProbeRole.Liveness, null));
    }

    [Fact]
    public void A_probe_takes_the_place_of_another_and_stands_beside_its_twin()
    {
        const string before = Head + "spec:\n  template:\n    spec:\n      # first\n      readinessProbe: # how\n        tcpSocket:\n          port: 22 # ssh\n        # slow\n        periodSeconds: 30\n      # second\n      domain: {}\n";
        string after = Manifest.Edit(before, ProbeRole.Readiness, Ping);
        Assert.Equal(Head + "spec:\n  template:\n    spec:\n      # first\n      readinessProbe: # how\n        guestAgentPing: {}\n        periodSeconds: 20\n      # second\n      domain: {}\n", after);
        Assert.Equal(
            Head + "spec:\n  template:\n    spec:\n      # first\n      readinessProbe: # how\n        guestAgentPing: {}\n        periodSeconds: 20\n      livenessProbe:\n        guestAgentPing: {}\n        periodSeconds: 20\n      # second\n      domain: {}\n",
            Manifest.Edit(after, ProbeRole.Liveness, Ping));
        Assert.Equal(Head + "spec:\n  template:\n    spec:\n      # first\n      # second\n      domain: {}\n", Manifest.Edit(before, ProbeRole.Readiness, null));
    }

    [Theory]
    [InlineData("      readinessProbe:", "      readinessProbe:\n        guestAgentPing: {}\n        periodSeconds: 20")]
    [InlineData("      readinessProbe: ~ # none", "      readinessProbe: # none\n        guestAgentPing: {}\n        periodSeconds: 20")]
    [InlineData("      readinessProbe: {tcpSocket: {port: 22}}  # short", "      readinessProbe: {guestAgentPing: {}, periodSeconds: 20}  # short")]
    [InlineData("      readinessProbe: {\"tcpSocket\": {\"port\": 22}}", "      readinessProbe: {\"guestAgentPing\": {}, \"periodSeconds\": 20}")]
    [InlineData("      'readinessProbe':\n        tcpSocket: {port: 22}", "      'readinessProbe':\n        guestAgentPing: {}\n        periodSeconds: 20")]
    public void Every_way_to_write_a_probe_can_be_replaced(string old, string made)
    {
        foreach (string end in new[] { "\n      domain: {}\n", "\n", "" })
        {
            string head = Head + "spec:\n  template:\n    spec:\n      a: b\n";
            Assert.Equal(head + made + end, Manifest.Edit(head + old + end, ProbeRole.Readiness, Ping));
            Assert.Equal(head.TrimEnd('\n') + (end.Length == 0 ? "" : end), Manifest.Edit(head + old + end, ProbeRole.Readiness, null));
        }
    }

    [Fact]
    public void Line_breaks_stay_those_of_the_file()
    {
        string before = (Head + "spec:\n  template:\n    spec:\n      domain: {}\n      x: >-\n        a\n        b\n").ReplaceLineEndings("\r\n");
        Assert.Equal(before + "      readinessProbe:\r\n        guestAgentPing: {}\r\n        periodSeconds: 20\r\n", Manifest.Edit(before, ProbeRole.Readiness, Ping));
        Assert.Equal(before, Manifest.Edit(Manifest.Edit(before, ProbeRole.Readiness, Ping), ProbeRole.Readiness, null));
    }

    [Fact]
    public void Only_the_object_that_is_named_changes()
    {
        const string other = "# notes 😀\n---\napiVersion: v1\nkind: ConfigMap\ndata: {a: \"b\"}\n---\n";
        const string one = "apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstance\nmetadata: {name: one}\nspec:\n  domain: {}\n";
        const string two = "---\napiVersion: kubevirt.io/v1\nkind: VirtualMachineInstance\nmetadata: {name: two}\nspec:\n  domain: {}\n";
        string after = Manifest.Edit(other + one + two, ProbeRole.Readiness, Ping, "two");
        Assert.Equal(other + one + two + "  readinessProbe:\n    guestAgentPing: {}\n    periodSeconds: 20\n", after);
        Assert.Equal(other + one + "  readinessProbe:\n    guestAgentPing: {}\n    periodSeconds: 20\n" + two, Manifest.Edit(other + one + two, ProbeRole.Readiness, Ping, "one"));
    }

    [Fact]
    public void Lists_templates_and_pools_are_gone_into()
    {
        const string list = "kind: List\napiVersion: v1\nitems:\n- kind: VirtualMachinePool\n  apiVersion: pool.kubevirt.io/v1beta1\n  metadata: {name: p}\n  spec:\n    virtualMachineTemplate:\n      spec:\n        template:\n          spec:\n            domain: {}\n- kind: Secret\n";
        Assert.Equal(list.Replace("domain: {}\n", "domain: {}\n            readinessProbe:\n              guestAgentPing: {}\n              periodSeconds: 20\n", StringComparison.Ordinal), Manifest.Edit(list, ProbeRole.Readiness, Ping));
        const string template = "kind: Template\napiVersion: template.openshift.io/v1\nobjects:\n- kind: VirtualMachineInstance\n  apiVersion: kubevirt.io/v1\n  metadata: {name: '${NAME}'}\n  spec: {domain: {}}\n";
        Assert.Equal(template.Replace("{domain: {}}", "{domain: {}, readinessProbe: {guestAgentPing: {}, periodSeconds: 20}}", StringComparison.Ordinal), Manifest.Edit(template, ProbeRole.Readiness, Ping));
    }

    [Theory]
    [InlineData("{\"kind\":\"VirtualMachineInstance\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"domain\":{}}}", "{\"kind\":\"VirtualMachineInstance\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"domain\":{},\"readinessProbe\":{\"guestAgentPing\":{},\"periodSeconds\":20}}}")]
    [InlineData("{\"kind\": \"VirtualMachineInstance\", \"spec\": {\"readinessProbe\": null}}", "{\"kind\": \"VirtualMachineInstance\", \"spec\": {\"readinessProbe\": {\"guestAgentPing\": {}, \"periodSeconds\": 20}}}")]
    [InlineData("{\"kind\":\"VirtualMachineInstance\",\"spec\":{}}", "{\"kind\":\"VirtualMachineInstance\",\"spec\":{\"readinessProbe\": {\"guestAgentPing\": {}, \"periodSeconds\": 20}}}")]
    [InlineData("{\n\t\"kind\": \"VirtualMachineInstance\",\n\t\"spec\": {\n\t\t\"domain\": {}\n\t}\n}\n", "{\n\t\"kind\": \"VirtualMachineInstance\",\n\t\"spec\": {\n\t\t\"domain\": {},\n\t\t\"readinessProbe\": {\n\t\t\t\"guestAgentPing\": {},\n\t\t\t\"periodSeconds\": 20\n\t\t}\n\t}\n}\n")]
    [InlineData("{\"kind\": \"VirtualMachineInstance\", \"a\": \"\\ud83d\\ude00 \\/\", \"spec\": {}}", "{\"kind\": \"VirtualMachineInstance\", \"a\": \"\\ud83d\\ude00 \\/\", \"spec\": {\"readinessProbe\": {\"guestAgentPing\": {}, \"periodSeconds\": 20}}}")]
    public void Json_stays_json(string before, string after)
    {
        Assert.Equal(after, Manifest.Edit(before, ProbeRole.Readiness, Ping));
        using System.Text.Json.JsonDocument read = System.Text.Json.JsonDocument.Parse(after);
    }

    [Theory]
    [InlineData("{kind: VirtualMachineInstance, spec: {readinessProbe: {exec: {}}, a: b}}", "{kind: VirtualMachineInstance, spec: {a: b}}")]
    [InlineData("{kind: VirtualMachineInstance, spec: {a: b, readinessProbe: {exec: {}}}}", "{kind: VirtualMachineInstance, spec: {a: b}}")]
    [InlineData("{kind: VirtualMachineInstance, spec: {readinessProbe: {exec: {}}}}", "{kind: VirtualMachineInstance, spec: {}}")]
    [InlineData("{kind: VirtualMachineInstance, spec: {a: b}}", "{kind: VirtualMachineInstance, spec: {a: b}}")]
    public void Flow_style_loses_a_probe_and_its_comma(string before, string after) => Assert.Equal(after, Manifest.Edit(before, ProbeRole.Readiness, null));

    [Theory]
    [InlineData("spec:\n  readinessProbe: &p\n    tcpSocket: {port: 22}\n  livenessProbe: *p\n", "anchor")]
    [InlineData("x: &s {domain: {}}\nspec: *s\n", "alias")]
    [InlineData("metadata: {name: a}\n", "spec is missing")]
    [InlineData("spec:\n  ? a\n  : b\n", "by hand")]
    [InlineData("x: &s {domain: {}, readinessProbe: {exec: {}}}\nspec:\n  domain: {}\n  readinessProbe: {tcpSocket: {port: 22}}\n  <<: *s\n", "the merge (<<) in line 6 provides another readinessProbe, which takes precedence")]
    [InlineData("spec: &s\n  domain: {}\nother: *s\n", "with the anchor &s, which is used in line 4")]
    public void What_would_change_something_else_is_refused(string spec, string message)
    {
        FormatException error = Assert.Throws<FormatException>(() => Manifest.Edit("kind: VirtualMachineInstance\n" + spec, ProbeRole.Readiness, Ping));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x: &s {readinessProbe: {exec: {}}}\nspec:\n  <<: *s\n  domain: {}\n", "not written here; it comes from the merge (<<) in line 4")]
    [InlineData("x: &s {readinessProbe: {exec: {}}}\nspec:\n  <<: *s\n  readinessProbe: {tcpSocket: {port: 22}}\n", "cannot be removed: the merge (<<) in line 4 provides another readinessProbe, which would replace it")]
    [InlineData("spec:\n  readinessProbe: &p\n    tcpSocket: {port: 22}\n  livenessProbe: *p\n", "cannot be removed: it carries the anchor &p, which is used in line 5")]
    [InlineData("spec:\n  readinessProbe:\n    tcpSocket: &t {port: 22}\n  livenessProbe:\n    tcpSocket: *t\n", "the anchor &t, which is used in line 6")]
    [InlineData("x: &s {readinessProbe: {exec: {}}}\nspec: *s\n", "spec is an alias (*s, in line 3)")]
    [InlineData("spec:\n  readinessProbe: {exec: {}}\n  readinessProbe: {tcpSocket: {port: 22}}\n", "the key occurs twice, and the one in line 3 would take effect")]
    public void Removing_says_why_it_cannot(string spec, string message)
    {
        FormatException error = Assert.Throws<FormatException>(() => Manifest.Edit("kind: VirtualMachineInstance\n" + spec, ProbeRole.Readiness, null));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_is_edited_beside_a_document_that_cannot_be_read()
    {
        const string broken = "kind: ConfigMap\ndata: {a: [b\n";
        const string machine = "---\nkind: VirtualMachineInstance\nspec:\n  domain: {}\n";
        const string made = "  readinessProbe:\n    guestAgentPing: {}\n    periodSeconds: 20\n";
        YamlReader yaml = new();
        ManifestContent content = ManifestReader.ReadContent(broken + machine + broken.Insert(0, "---\n"), yaml);
        Assert.Equal(2, content.Defects.Count);
        Assert.Equal(broken + machine + made + "---\n" + broken, new ManifestEditor(yaml, new YamlLayoutReader()).SetProbe(broken + machine + "---\n" + broken, content.Machines.Single(), ProbeRole.Readiness, Ping));
    }

    /// <summary>What comes last in the spec, and behind it, in ways that make an end hard to find.</summary>
    [Theory]
    [InlineData("  a: |+\n    text\n\n\n")]
    [InlineData("  a: |\n    text\n\n  # behind\n# far behind\n")]
    [InlineData("  a: >-\n    text\n    more   \n\n")]
    [InlineData("  a: plain\n    over lines\n")]
    [InlineData("  a: \"quoted\n    over lines\" # so\n")]
    [InlineData("  a:\n  - b\n  - c: d\n    e:\n")]
    [InlineData("  a: b\n...\n")]
    [InlineData("  a: b\n---\nkind: Other\n")]
    [InlineData("  a: b\nstatus:\n  x: y\n")]
    [InlineData("  a: &x {b: c}\n  d: *x\n")]
    [InlineData("  a: !!str b\n")]
    [InlineData("  a: {b: [c,\n    d]}   \n")]
    [InlineData("  a: b   # é 😀\n\n\n\n")]
    [InlineData("  a:\n\n\n")]
    [InlineData("  a: 'x'")]
    [InlineData("  <<: {domain: {}}\n  a: b\n")]
    public void What_was_put_in_can_be_taken_out(string rest)
    {
        foreach (string lines in new[] { "\n", "\r\n" })
        {
            string before = ("kind: VirtualMachineInstance\nspec:\n" + rest).ReplaceLineEndings(lines);
            string after = Manifest.Edit(before, ProbeRole.Liveness, Http);
            Assert.Equal(1500, ManifestReader.ReadContent(after, new KubeVirtMonitor.Yaml.YamlReader()).Machines[0].GetProbe(ProbeRole.Liveness)!.Port!.Number);
            Assert.Equal(before, Manifest.Edit(after, ProbeRole.Liveness, null));
        }
    }

    // Fields in ways that make their end hard to find, in any order, and what may stand behind the spec.
    private static readonly string[] Fields =
    [
        "  a: |+\n    text\n\n\n", "  b: >-\n    text\n    more   \n\n", "  c: plain\n    over lines\n", "  d: \"quoted\n    over lines\" # so\n", "  e:\n  - b\n  - c: d\n    e:\n", "  f: {b: [c,\n    d]}   \n",
        "  # a note\n", "\n", "  g: !!str b\n", "  h: b   # é 😀\n", "  i:\n\n\n", "  j: |\n    text\n\n  # behind\n", "  k: 'it''s'\n",
    ];

    private static readonly Gen<string> Specs = Gen.Select(
        Gen.Shuffle(Fields), Gen.Int[0, Fields.Length], Gen.Int[0, 4], Gen.OneOf("", "# far behind\n", "status:\n  x: y\n", "...\n", "---\nkind: Other\n", "\n\n"), Gen.OneOf("\n", "\r\n"),
        (fields, first, many, end, lines) =>
            ("kind: VirtualMachineInstance\nspec:\n" + string.Concat(fields.Take(first % 3)) + "  domain: {}\n" + string.Concat(fields.Skip(first % 3).Take(many)) + end).ReplaceLineEndings(lines));

    private static readonly Gen<string> AnyText = Gen.Frequency((2, Gen.Char['!', '~']), (1, Gen.OneOf(' ', '\n', 'é', '"', '\'', '#', ':'))).Array[1, 12].Select(characters => new string(characters));

    [Fact]
    public void Any_command_is_put_into_any_spec_read_back_and_taken_out() =>
        Gen.Select(Specs, Gen.OneOf(ProbeRole.Readiness, ProbeRole.Liveness), AnyText.Array[1, 3], Gen.Int[1, 100]).Sample(
            (before, role, command, period) =>
            {
                string after = Manifest.Edit(before, role, new VmiProbe { Kind = ProbeKind.Exec, Command = command, PeriodSeconds = period });
                VmiProbe probe = ManifestReader.ReadContent(after, new YamlReader()).Machines[0].GetProbe(role)!;
                Assert.Equal(command, probe.Command);
                Assert.Equal(period, probe.PeriodSeconds);
                Assert.Equal(before, Manifest.Edit(after, role, null));
            },
            iter: 3_000);

    [Fact]
    public void Every_text_is_read_back_as_it_was()
    {
        string[] texts = ["no", "1500", "a: b", "- x", "#", "", " ", "\"q\"", "back\\slash", "two\nlines", "0x1f", "é😀\u0085\u2028", "@at", "*star", "null", "it's", "a #b", "=", "<<", "2001-01-01"];
        VmiProbe probe = new() { Kind = ProbeKind.Exec, Command = texts };
        foreach (string before in new[] { "kind: VirtualMachineInstance\nspec:\n  domain: {}\n", "{\"kind\": \"VirtualMachineInstance\", \"spec\": {\"domain\": {}}}", "{kind: VirtualMachineInstance, spec: {domain: {}}}" })
            Assert.Equal(texts, Manifest.One(Manifest.Edit(before, ProbeRole.Readiness, probe)).GetProbe(ProbeRole.Readiness)!.Command);
    }
}
