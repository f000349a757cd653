using System.Text;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Yaml;
using Xunit;

namespace KubeVirtMonitor.Tests.Yaml;

/// <summary>YAML text to JSON nodes.</summary>
public sealed class YamlReaderTests
{
    private static readonly YamlReader Reader = new();

    [Theory]
    [InlineData("yes", "true")]
    [InlineData("On", "true")]
    [InlineData("y", "true")]
    [InlineData("TRUE", "true")]
    [InlineData("no", "false")]
    [InlineData("off", "false")]
    [InlineData("N", "false")]
    [InlineData("tRue", "\"tRue\"")]
    [InlineData("~", "null")]
    [InlineData("Null", "null")]
    [InlineData("", "null")]
    [InlineData("nULL", "\"nULL\"")]
    [InlineData("0777", "511")]
    [InlineData("0o17", "15")]
    [InlineData("0x1F", "31")]
    [InlineData("-0x1F", "-31")]
    [InlineData("0b11", "3")]
    [InlineData("-0b11", "-3")]
    [InlineData("0b2", "\"0b2\"")]
    [InlineData("08", "8")]
    [InlineData("0_8", "8")]
    [InlineData("1_000", "1000")]
    [InlineData("1_", "1")]
    [InlineData("_1", "\"_1\"")]
    [InlineData("+1", "1")]
    [InlineData("-0", "0")]
    [InlineData("1e3", "1000")]
    [InlineData("1.e5", "100000")]
    [InlineData(".5", "0.5")]
    [InlineData("+.5", "0.5")]
    [InlineData("0.10", "0.1")]
    [InlineData("1_0.5", "10.5")]
    [InlineData("1e400", "\"1e400\"")]
    [InlineData("1e", "\"1e\"")]
    [InlineData(".5.", "\".5.\"")]
    [InlineData("0x", "\"0x\"")]
    [InlineData("0x1.8p1", "\"0x1.8p1\"")]
    [InlineData("18446744073709551615", "18446744073709551615")]
    [InlineData("2001-01-01", "\"2001-01-01\"")]
    [InlineData("12:30:45", "\"12:30:45\"")]
    [InlineData("=", "\"=\"")]
    [InlineData("\"yes\"", "\"yes\"")]
    [InlineData("'1'", "\"1\"")]
    [InlineData("!!str 5", "\"5\"")]
    [InlineData("!!int \"7\"", "7")]
    [InlineData("!!float 3", "3")]
    [InlineData("!!bool \"yes\"", "true")]
    [InlineData("!!null \"\"", "null")]
    [InlineData("!!binary aGk=", "\"hi\"")]
    [InlineData("!foo 5", "\"5\"")]
    [InlineData("! 5", "\"5\"")]
    public void AScalarMeansWhatKubectlTakesItFor(string scalar, string json) =>
        Assert.Equal(json, (Reader.ReadAll($"x: {scalar}\n")[0]!["x"]?.ToJsonString()) ?? "null");

    [Theory]
    [InlineData("m: {q: 1, <<: {p: 2}}", """{"m":{"q":1,"p":2}}""")]
    [InlineData("b: &b {p: 1, q: [1, 2]}\nm:\n  <<: *b\n  q: own\n", """{"b":{"p":1,"q":[1,2]},"m":{"p":1,"q":"own"}}""")]
    [InlineData("m: {<<: [{p: 1}, {p: 2, r: 3}]}", """{"m":{"p":1,"r":3}}""")]
    [InlineData("m: {\"<<\": {a: 1}}", """{"m":{"<<":{"a":1}}}""")]
    [InlineData("m: {q: above, <<: {q: merged}}", """{"m":{"q":"merged"}}""")]
    public void MergeKeysMerge(string yaml, string json) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), Reader.ReadAll(yaml)[0]), Reader.ReadAll(yaml)[0]!.ToJsonString());

    [Theory]
    [InlineData("1: a\ntrue: b\n1.5: c\n", """{"1":"a","true":"b","1.5":"c"}""")]
    [InlineData("yes: 1\n", """{"true":1}""")]
    [InlineData("&k a: 1\nb: *k\n", """{"a":1,"b":"a"}""")]
    public void KeysBecomeText(string yaml, string json) => Assert.Equal(json, Reader.ReadAll(yaml)[0]!.ToJsonString());

    [Theory]
    [InlineData("a: 1\nb: 2\na: 3\n", 3, 1, "'a' appears twice")]
    [InlineData("a: {x: 1,\n    x: 2}\n", 2, 5, "'x' appears twice")]
    [InlineData("a: 1\nb: *nobody\n", 2, 4, "anchor that is not defined")]
    [InlineData("a: &x [1, *x]\n", 1, 11, "inside the content that it refers to")]
    [InlineData("? [a]\n: b\n", 1, 3, "a key must be")]
    [InlineData("~: b\n", 1, 1, "a key must be")]
    [InlineData("a: .inf\n", 1, 4, "infinity")]
    [InlineData("a: -.INF\n", 1, 4, "infinity")]
    [InlineData("a: .nan\n", 1, 4, "infinity")]
    [InlineData("a: !!int abc\n", 1, 4, "not of the type int")]
    [InlineData("a: !!int 3.5\n", 1, 4, "not of the type int")]
    [InlineData("a: !!binary '///'\n", 1, 4, "not base64")]
    [InlineData("m: {<<: 5}\n", 1, 9, "a merge (<<) needs")]
    public void DefectsNameLineAndColumn(string yaml, long line, long column, string what)
    {
        YamlFormatException exception = Assert.Throws<YamlFormatException>(() => Reader.ReadAll(yaml));
        Assert.Equal((line, column), (exception.Line, exception.Column));
        Assert.Contains(what, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("token: 'sec-ret\nb: 2\n")]
    [InlineData("token: sec-ret: x\n")]
    [InlineData("a: [sec-ret\n")]
    [InlineData("a:\n\t- sec-ret\n")]
    [InlineData("a: @sec-ret\n")]
    [InlineData("a: \"\\qsec-ret\"\n")]
    [InlineData("a: %sec-ret\n b: x\nc\n")]
    public void WhatIsNoYamlIsRefusedWithoutBeingShown(string yaml)
    {
        YamlFormatException exception = Assert.Throws<YamlFormatException>(() => Reader.ReadAll(yaml));
        Assert.DoesNotContain("sec-ret", exception.Message, StringComparison.Ordinal);
        Assert.InRange(exception.Line, 1, 4);
    }

    [Fact]
    public void DocumentsAreReadOneByOne()
    {
        IReadOnlyList<JsonNode?> documents = Reader.ReadAll("a: 1\n---\n---\n- b\n...\n---\ntext\n");
        Assert.Equal(["""{"a":1}""", "null", """["b"]""", "\"text\""], documents.Select(document => document?.ToJsonString() ?? "null"));
        Assert.Empty(Reader.ReadAll("# nothing\n"));
        Assert.Empty(Reader.ReadAll(""));
    }

    [Fact]
    public void AnchorsEndWithTheirDocument() => Assert.Throws<YamlFormatException>(() => Reader.ReadAll("a: &x 1\n---\nb: *x\n"));

    [Fact]
    public void AByteOrderMarkIsAllowed() => Assert.Equal("""{"a":1}""", Reader.ReadAll("\uFEFFa: 1\n")[0]!.ToJsonString());

    [Fact]
    public void BlockTextKeepsItsLines()
    {
        JsonNode node = Reader.ReadAll("a: |\n  one\n   two\n\nb: >-\n  one\n  two\nc: |+\n  x\n\n")[0]!;
        Assert.Equal(("one\n two\n", "one two", "x\n\n"), ((string)node["a"]!, (string)node["b"]!, (string)node["c"]!));
    }

    [Fact]
    public void AnAliasBombIsDefused()
    {
        // Nine levels of nine aliases each: half a billion nodes out of a few hundred bytes.
        StringBuilder bomb = new("a0: &a0 [x]\n");
        for (int i = 1; i <= 9; i++) bomb.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n");
        YamlFormatException exception = Assert.Throws<YamlFormatException>(() => Reader.ReadAll(bomb.ToString()));
        Assert.Contains("more than 1000000 nodes", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NestingIsBounded()
    {
        Assert.NotNull(Reader.ReadAll(new string('[', 100) + new string(']', 100))[0]);
        YamlFormatException exception = Assert.Throws<YamlFormatException>(() => Reader.ReadAll(new string('[', 5_000_000)));
        Assert.Contains("100 levels", exception.Message, StringComparison.Ordinal);

        string deep = new string('[', 60) + "x" + new string(']', 60);
        string deeper = new string('[', 60) + "*a" + new string(']', 60);
        Assert.Contains("100 levels", Assert.Throws<YamlFormatException>(() => Reader.ReadAll($"a: &a {deep}\nb: {deeper}\n")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SizeIsBounded()
    {
        YamlFormatException exception = Assert.Throws<YamlFormatException>(() => Reader.ReadAll(new string('a', YamlReader.MaximumLength + 1)));
        Assert.Contains("16777217 characters", exception.Message, StringComparison.Ordinal);
    }
}
