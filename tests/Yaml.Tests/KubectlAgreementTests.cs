using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Yaml;
using Xunit;

namespace KubeVirtMonitor.Tests.Yaml;

/// <summary>Whether the real kubectl reads the same out of a text, where there is one.</summary>
public sealed class KubectlAgreementTests
{
    private const string Head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

    public static TheoryData<string> Texts =>
    [
        "x: [yes, Yes, y, Y, no, n, on, off, On, TRUE, ~, null, Null, '', 0777, 0o17, 0x1F, 0b11, 1_000, 1e3, 1., .5, 1.5]",
        "x: [2001-01-01, 12:30:45, +1, -0, 0.10, 08, 1_0.5, =, !!str 5, !!int '7', !!float 3, !!binary aGk=]",
        "x: [2001-12-14t21:59:43.10-05:00, 0x, 1e, +.5, \"yes\", '1', !!bool 'yes', !foo bar, 0b2, _1, 1_, -0b11, 1e400, 0x1.8p1]",
        "1: a\ntrue: b\n1.5: c\nyes2: d",
        "b: &b {p: 1, q: [1, 2]}\nm:\n  <<: *b\n  q: own",
        "m: {q: above, <<: {q: merged, p: 1}}",
        "m: {<<: [{p: 1}, {p: 2, r: 3}]}",
        "m: {\"<<\": {a: 1}}",
        "x: !!set {a}",
        "x: |\n  one\n   two\n\ny: >\n  folded\n  text\n\n  more\nz: \"a\\tb\\u00e9\\\n  c\"",
        "x:\ty",
        "x: 'it''s'\ny: a#b\nz: a #b",
        "x: http://a:80/b?c=d\ny: a:b\nz: [a:b, c]",
        "x:\n- a\n-  b: 1\n   c: 2\n- - d",
        "x: {a: b,\nc: d}\ny: [a,\nb\n]\nz: {\n}",
        "x: \"a\nb\"\ny: 'c\n\nd'",
        "x: {a: b}#c\ny: [a, b,]\nz: {a, b: c}\nw: [a: b, c]",
        "x: {b:, c}\ny: {\"a\":b}\nz: {a:b}\nw: [a:b]\nv: [?b]",
        "x:\n- a\n - b\ny: a %b\nz: !'f'",
        "x: {? a : b}\n? y\n: z",
        "=: y\n.inf: y\n0x10: a\n1e3: a",
        "x: |2\n    a\n   b\ny: >\n\n\n a\n\n b\n",
        "x: 1\ny: 190:20:30\nz: !!timestamp 2001-01-01\nw: !!map [a]",
        "<<: {a: 1}\na: 2",
        "x: &a [1]\ny2: [*a , *a]",
    ];

    public static TheoryData<string> Defects => ["x: .nan", "? [a]\n: b", "~: a", "<<: [a]", "x: *nobody", "x: 'b", "x: &a [*a]", "x: !!int abc", "x: !!null foo", "x: +.inf", "x: @a", "x: [a", "\t- x",
        "x: {path: /a?b=c}", "x: [a?b]", "x: {a: &x.y b}", "x: [!!str a, !b]", "x: [: a]", ": a", "x: [a]b", "x: \"a\"b", "x: {a: \"b\"c: d}", "x: {\"a\" b}", "x: |\n\ta",
        "x:\n \t a: b", "x:\n  a: b\n\t\n  c: d", "x: a\n\tb", "x: a # c\n  b", "- a", "x: %a", "x: [a, , b]", "a\n b: c", "\"a\n  b\": c", "x: - a", "x: a: b", "x:\n  a: 1\n b: 2",
        "x: 2001-01-01: y", "x: \"\\/\"", "x: a\u0001b", "x: a\u2028b\ny: c", "{a: 1}", "x: !!str% 5", "x: !!st%]r 5"];

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task BothReadTheSame(string text)
    {
        JsonObject theirs = await Kubectl.ReadAsync(Head + text) ?? throw new InvalidOperationException("kubectl refuses the text");
        JsonObject ours = new YamlReader().ReadAll(Head + text)[0]!.AsObject();
        foreach (JsonObject one in new[] { theirs, ours })
        {
            foreach (string key in new[] { "apiVersion", "kind", "metadata" }) one.Remove(key);
        }

        // Numbers as numbers, whatever the notation.
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(ours.ToJsonString()), theirs), $"ours: {ours.ToJsonString()}, theirs: {theirs.ToJsonString()}");
    }

    [Theory]
    [MemberData(nameof(Defects))]
    public async Task BothRefuseTheSame(string text)
    {
        Assert.Null(await Kubectl.ReadAsync(Head + text));
        Assert.Throws<YamlFormatException>(() => new YamlReader().ReadAll(Head + text));
    }

    [Fact]
    public async Task KubectlReadsWhatIsWritten()
    {
        JsonObject node = YamlWriterTests.Awkward();
        node["apiVersion"] = "v1";
        node["kind"] = "ConfigMap";
        node["metadata"] = new JsonObject { ["name"] = "a" };
        JsonObject theirs = await Kubectl.ReadAsync(new YamlWriter().Write(node)) ?? throw new InvalidOperationException("kubectl refuses the text");
        theirs["metadata"]!.AsObject().Remove("annotations");
        Assert.True(JsonNode.DeepEquals(node, theirs), $"ours: {node.ToJsonString()}, theirs: {theirs.ToJsonString()}");
    }
}
