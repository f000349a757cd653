using System.Text.Json.Nodes;
using KubeVirtMonitor.AgentSetup;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentSetup;

/// <summary>Which of several patches for one annotation counts: virt-operator applies them by the length of their text, the longest last.</summary>
public sealed class PatchOrderTests
{
    private const string Key = "ad.datadoghq.com/virt-api.checks";

    private static JsonObject Entry(string patch, string type = "strategic", string kind = "Deployment", string name = "virt-api") =>
        new() { ["patch"] = patch, ["resourceName"] = name, ["resourceType"] = kind, ["type"] = type };

    private static string Annotations(string inner) => """{"spec":{"template":{"metadata":{"annotations":""" + inner + "}}}}";

    private static CustomizedAnnotations After(params JsonObject[] entries) => CustomizedAnnotations.After([.. entries], static _ => true, new JsonObject { ["kept"] = "1" });

    [Fact]
    public void TheLongestTextCountsWhereverItStandsAndOfEqualLengthTheLaterOne()
    {
        // The first is two bytes longer; three blanks make the second the longer one.
        JsonObject first = Entry(Annotations("""{"a":"long"}"""));
        JsonObject second = Entry(Annotations("""{"a":"no"}"""));
        Assert.Equal(("long", 0), (After(first, second)["a"], After(first, second).SetterOf("a")));
        Assert.Equal("no", After(first, Entry(Annotations("""{"a":"no"}""") + "   "))["a"]);
        Assert.Equal("y", After(Entry(Annotations("""{"a":"x"}""")), Entry(Annotations("""{"a":"y"}""")))["a"]);
        // By bytes: four letters of one byte are shorter than three of two.
        Assert.Equal("äöü", After(Entry(Annotations("""{"a":"äöü"}""")), Entry(Annotations("""{"a":"abcd"}""")))["a"]);
    }

    [Theory]
    [InlineData("strategic", """{"spec":{"template":{"metadata":{"annotations":{"a":null}}}}}""", null, "1")]
    [InlineData("strategic", """{"spec":{"template":{"metadata":{"annotations":{"$patch":"replace","b":"2"}}}}}""", null, null)]
    [InlineData("strategic", """{"spec":{"template":{"metadata":{"$patch":"delete"}}}}""", null, null)]
    [InlineData("strategic", """{"spec":{"template":{"metadata":{"$retainKeys":["labels"]}}}}""", null, null)]
    [InlineData("merge", """{"spec":{"template":{"metadata":null}}}""", null, null)]
    [InlineData("merge", """{"spec":{"template":{"metadata":{"annotations":{"a":"x"}}}}}""", "x", "1")]
    [InlineData("json", """[{"op":"add","path":"/spec/template/metadata/annotations","value":{"a":"x"}}]""", "x", null)]
    [InlineData("json", """[{"op":"replace","path":"/spec/template/metadata","value":{"labels":{}}}]""", null, null)]
    [InlineData("json", """[{"op":"remove","path":"/spec/template/metadata/annotations/a"}]""", null, "1")]
    [InlineData("json", """[{"op":"copy","from":"/spec/template/metadata/annotations/kept","path":"/spec/template/metadata/annotations/a"}]""", "1", "1")]
    [InlineData("json", """[{"op":"move","from":"/spec/template/metadata/annotations/kept","path":"/spec/template/metadata/annotations/a"}]""", "1", null)]
    [InlineData("json", """[{"op":"add","path":"/spec/template/spec/containers/0/args/-","value":"-v=5"}]""", "0", "1")]
    public void EachKindOfPatchIsApplied(string type, string patch, string? expected, string? kept)
    {
        CustomizedAnnotations after = CustomizedAnnotations.After([Entry(patch, type)], static _ => true, new JsonObject { ["kept"] = "1", ["a"] = "0" });
        Assert.Equal((expected, kept), (after["a"], after["kept"]));
        Assert.Null(after.Stuck);
    }

    [Theory]
    [InlineData("nosuch", "{}")]
    [InlineData("json", "{}")]
    [InlineData("merge", "[]")]
    [InlineData("strategic", "no json")]
    public void WhatVirtOperatorCannotApplyIsNamed(string type, string patch) => Assert.Equal(1, After(Entry(Annotations("{}")), Entry(patch, type)).Stuck);

    /// <summary>Patches of others, and whether -Force is needed for ours to count.</summary>
    public static TheoryData<string, string, bool> Rivals => new()
    {
        // Longer than ours, whose text has about 2,100 bytes.
        { "strategic", Annotations($$"""{"{{Key}}":"{}","note":"{{new string('x', 5000)}}"}"""), true },
        // Shorter: ours is applied behind it.
        { "strategic", Annotations($$"""{"{{Key}}":"{}"}"""), false },
        { "json", """[{"op":"add","path":"/spec/template/metadata/annotations","value":{"team":" """ + new string('x', 5000) + "\"}}]", true },
        { "merge", Annotations($$"""{"{{Key}}":null,"n":"{{new string('x', 5000)}}"}"""), true },
    };

    [Theory]
    [MemberData(nameof(Rivals), DisableDiscoveryEnumeration = true)]
    public async Task ForceMakesOursTheLongestAndTheirsStaysAsItIs(string type, string text, bool isLonger)
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        JsonObject theirs = Entry(text, type, name: "*");
        await cluster.ChangeAsync(Spec(theirs));
        await cluster.SettleAsync();
        string before = await cluster.SpecAsync();
        AgentPatch patch = AgentCluster.Patch(new AgentPatchOptions { Components = [ComponentKind.Api] });
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => cluster.InstallAsync(patch));
        Assert.Contains($"patch 0 of Deployment virt-api", error.Message, StringComparison.Ordinal);
        AgentPatchChange forced = await cluster.InstallAsync(patch, force: true);
        Assert.StartsWith("Overridden: patch 0 of Deployment virt-api", Assert.Single(forced.Warnings), StringComparison.Ordinal);
        JsonArray entries = JsonNode.Parse(await cluster.SpecAsync())!["customizeComponents"]!["patches"]!.AsArray();
        Assert.True(JsonNode.DeepEquals(theirs, entries[0]));
        string ours = (string)entries[1]!["patch"]!;
        Assert.Equal(isLonger ? patch.Patches[0].Patch.PadRight(text.Length + 1) : patch.Patches[0].Patch, ours);
        // The rule by hand: sorted by length, the one applied last sets the annotation.
        Assert.Equal(1, entries.Select((entry, place) => (Length: ((string)entry!["patch"]!).Length, place)).OrderBy(one => one.Length).Last().place);
        Assert.Equal(AgentPatchAction.Unchanged, (await cluster.InstallAsync(patch, force: true)).Action);
        AgentPatchStatus status = Assert.Single(await cluster.TestAsync(patch, untilPassed: false), point => point.Check == AgentPatchCheck.Patch);
        // Who only clears the annotations does so before ours is applied, and is no rival any more.
        Assert.Equal(type == "strategic" ? AgentPatchState.Warning : AgentPatchState.Passed, status.State);
        await cluster.UninstallAsync(patch);
        Assert.Equal(before, await cluster.SpecAsync());
    }

    [Fact]
    public async Task APatchThatBecomesLongerThanOursIsSaidByTheTest()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        AgentPatch patch = AgentCluster.Patch(new AgentPatchOptions { Components = [ComponentKind.Api] });
        await cluster.InstallAsync(patch);
        JsonObject theirs = Entry(Annotations($$"""{"{{Key}}":"{}","note":"{{new string('x', 5000)}}"}"""));
        await cluster.ChangeAsync(Spec(patch.Patches[0].ToJson(), theirs));
        AgentPatchStatus status = Assert.Single(await cluster.TestAsync(patch, untilPassed: false), point => point.Check == AgentPatchCheck.Patch);
        Assert.Equal(AgentPatchState.Failed, status.State);
        Assert.Contains($"patch 1 sets {Key} last", status.Message, StringComparison.Ordinal);
        await cluster.InstallAsync(patch, force: true);
        status = Assert.Single(await cluster.TestAsync(patch, untilPassed: false), point => point.Check == AgentPatchCheck.Patch);
        Assert.Equal(AgentPatchState.Warning, status.State);
    }

    [Fact]
    public async Task WhatCannotBeMadeToCountIsRefused()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        await cluster.ChangeAsync(Spec(Entry(Annotations($$"""{"{{Key}}":"{}"}"""))));
        string before = await cluster.SpecAsync();
        AgentPatchOptions one = new() { Components = [ComponentKind.Api], AnnotationVersion = 1 };
        KubernetesException version = await Assert.ThrowsAsync<KubernetesException>(() => cluster.InstallAsync(AgentCluster.Patch(one), force: true));
        Assert.Equal(Setting.AnnotationVersion, version.Setting);
        Assert.Equal(before, await cluster.SpecAsync());
        await cluster.ChangeAsync(Spec(Entry(Annotations($$"""{"{{Key}}":"{}","n":"{{new string('x', 200_000)}}"}"""))));
        KubernetesException length = await Assert.ThrowsAsync<KubernetesException>(() => cluster.InstallAsync(AgentCluster.Patch(one with { AnnotationVersion = 2 }), force: true));
        Assert.Contains("too long to be overridden", length.Message, StringComparison.Ordinal);
    }

    private static JsonObject Spec(params JsonObject[] entries) =>
        new() { ["spec"] = new JsonObject { ["customizeComponents"] = new JsonObject { ["patches"] = new JsonArray([.. entries.Select(entry => entry.DeepClone())]) } } };
}
