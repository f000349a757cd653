using System.Text.Json.Nodes;
using CsCheck;
using KubeVirtMonitor.Yaml;
using Xunit;

namespace KubeVirtMonitor.Tests.Yaml;

/// <summary>JSON nodes to YAML text.</summary>
public sealed class YamlWriterTests
{
    private static readonly string[] AwkwardTexts =
    [
        "", " ", "yes", "No", "y", "on", "null", "~", "1", "1.5", "0777", "08", "0x1F", "1e3", "1_000", ".inf", "-.INF", ".nan", "2001-01-01", "12:30:45", "=", "<<",
        "- a", "-", "--- x", "a: b", "a:", ":a", "a #b", "#a", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a`", "'a'", "\"a\"", "{a}", "[a]", "{{.Name}}", "%%host%%", ",a", "a, b",
        " leading", "trailing ", "tab\there", "line\nbreak", "line\nbreak\n", "line\n\nbreak\n\n", "\nleading break", "  indented\nmore", "trailing \nblank", "carriage\r\nreturn",
        "bell\u0007", "\u0085next", "\u2028separator", "\uFEFFmark", "é ü 漢字", "😀", "C:\\path", "a\\nb", "https://a:80/b?c=d&e=f", "[{\"host\": \"%%host%%\"}]", "a\tb\nc", "?", "? a", "...", "---",
    ];

    // Texts of awkward ones joined, and of any characters that YAML can carry.
    private static readonly Gen<string> Texts = Gen.Frequency(
        (3, Gen.OneOf(AwkwardTexts).Array[1, 3].Select(string.Concat)),
        (1, Gen.Char[' ', '\uD7FF'].Array[0, 20].Select(characters => new string(characters))),
        (1, Gen.OneOf('a', ' ', '\n', '\t', '#', ':', '-', '\'', '"', '\\').Array[0, 12].Select(characters => new string(characters))));

    private static readonly Gen<string> Nodes = Gen.Recursive<JsonNode?>((depth, inner) =>
    {
        Gen<JsonNode?> scalar = Gen.OneOf(
            Texts.Select(text => (JsonNode?)JsonValue.Create(text)), Gen.Int.Select(number => (JsonNode?)JsonValue.Create(number)), Gen.Bool.Select(flag => (JsonNode?)JsonValue.Create(flag)), Gen.Bool.Select(_ => (JsonNode?)null));
        if (depth > 4) return scalar;
        Gen<JsonNode?> list = inner.Array[0, 4].Select(items => (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())]));
        Gen<JsonNode?> map = Gen.Select(Texts, inner).Array[0, 4].Select(fields =>
            (JsonNode?)new JsonObject(fields.DistinctBy(field => field.Item1).Select(field => KeyValuePair.Create(field.Item1, field.Item2?.DeepClone()))));
        return Gen.Frequency((depth == 0 ? 0 : 2, scalar), (1, list), (2, map));
    }).Select(node => (node ?? new JsonObject()).ToJsonString());

    public static JsonObject Awkward()
    {
        JsonObject node = new()
        {
            ["numbers"] = new JsonArray(0, -1, 1.5, 9007199254740993, 1e21),
            ["flags"] = new JsonArray(true, false, null),
            ["empty"] = new JsonObject { ["map"] = new JsonObject(), ["list"] = new JsonArray() },
            ["nested"] = new JsonArray(new JsonArray("a", new JsonObject { ["b"] = 1, ["c"] = new JsonArray("d") })),
        };
        JsonArray texts = [];
        JsonObject keys = [];
        foreach (string text in AwkwardTexts)
        {
            texts.Add(text);
            keys[text] = text;
        }

        node["texts"] = texts;
        node["keys"] = keys;
        return node;
    }

    [Fact]
    public void WhatIsWrittenIsReadBackTheSame()
    {
        JsonObject node = Awkward();
        string yaml = new YamlWriter().Write(node);
        JsonNode read = new YamlReader().ReadAll(yaml).Single()!;
        Assert.Equal(node.ToJsonString(), JsonNode.Parse(read.ToJsonString())!.ToJsonString());
    }

    [Fact]
    public void AnyNodeIsReadBackTheSame() => Nodes.Sample(
        json =>
        {
            string yaml = new YamlWriter().Write(JsonNode.Parse(json)!);
            Assert.Equal(json, JsonNode.Parse(new YamlReader().ReadAll(yaml).Single()!.ToJsonString())!.ToJsonString());
        },
        iter: 5_000);

    [Fact]
    public void TheTextIsInBlockStyleAndInOrder()
    {
        JsonObject node = new()
        {
            ["kind"] = "KubeVirt",
            ["apiVersion"] = "kubevirt.io/v1",
            ["spec"] = new JsonObject
            {
                ["patches"] = new JsonArray(new JsonObject { ["name"] = "virt-api", ["patch"] = "{\"a\":1}" }, "plain"),
                ["text"] = "one\ntwo\n",
                ["count"] = 3,
                ["port"] = "8443",
                ["none"] = new JsonArray(),
            },
        };
        const string Expected = """
            kind: KubeVirt
            apiVersion: kubevirt.io/v1
            spec:
              patches:
              - name: virt-api
                patch: "{\"a\":1}"
              - plain
              text: |
                one
                two
              count: 3
              port: "8443"
              none: []

            """;
        Assert.Equal(Expected.ReplaceLineEndings("\n"), new YamlWriter().Write(node));
    }

    [Fact]
    public void DocumentsAreSeparated()
    {
        string yaml = new YamlWriter().Write(new JsonObject { ["a"] = 1 }, new JsonObject { ["b"] = 2 });
        Assert.Equal("a: 1\n---\nb: 2\n", yaml);
        Assert.Equal(2, new YamlReader().ReadAll(yaml).Count);
    }
}
