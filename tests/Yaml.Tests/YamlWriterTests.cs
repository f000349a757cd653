using System.Text.Json.Nodes;
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
