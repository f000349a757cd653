using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Yaml;
using Xunit;
using YamlDotNet.Serialization;

namespace KubeVirtMonitor.Tests.Yaml;

/// <summary>
/// Why YamlDotNet's reader is not used: texts on which it differs from kubectl. A test that fails here says that it has come closer;
/// docs/dependencies.md then has to be judged anew. All values are text, so that only the grammar is compared.
/// </summary>
public sealed class YamlDotNetGapTests
{
    private const string Head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

    /// <summary>A text, and what kubectl reads; null = it refuses.</summary>
    public static TheoryData<string, string?> Texts => new()
    {
        { "x: {a: b,\nc: d}", """{"x":{"a":"b","c":"d"}}""" },
        { "x: [a,\nb]", """{"x":["a","b"]}""" },
        { "x: \"a\nb\"", """{"x":"a b"}""" },
        { "x: {a: b}\n:c: d", """{"x":{"a":"b"},":c":"d"}""" },
        { "x: [a, ?b]", """{"x":["a",{"b":null}]}""" },
        { "x: {path: /a?b=c, port: d}", null },
        { "x: [a?b]", null },
        { "x: {a: &x.y b}", null },
        { "x: {\"a\" b}", null },
        { "x:\n \t a: b", null },
        { "x: \"\\/\"", null },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void ItDiffersFromKubectl(string text, string? json)
    {
        Assert.False(AreSame(json, YamlDotNets(text)), "YamlDotNet now reads this as kubectl does");
        Assert.True(AreSame(json, Ours(text)), Ours(text));
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task KubectlReadsWhatIsSaidHere(string text, string? json)
    {
        JsonObject? theirs = await Kubectl.ReadAsync(Head + text);
        foreach (string key in new[] { "apiVersion", "kind", "metadata" }) theirs?.Remove(key);
        Assert.True(AreSame(json, theirs?.ToJsonString()), theirs?.ToJsonString());
    }

    private static bool AreSame(string? one, string? other) =>
        one is null || other is null ? one == other : JsonNode.DeepEquals(JsonNode.Parse(one), JsonNode.Parse(other));

    private static string? YamlDotNets(string text)
    {
        try
        {
            return new SerializerBuilder().JsonCompatible().Build().Serialize(new DeserializerBuilder().Build().Deserialize<object>(text));
        }
        catch (Exception exception) when (exception is YamlDotNet.Core.YamlException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Ours(string text)
    {
        try
        {
            return new YamlReader().ReadAll(text).Single()!.ToJsonString();
        }
        catch (YamlFormatException)
        {
            return null;
        }
    }
}
