using System.Text.Json.Nodes;
using KubeVirtMonitor.AgentSetup;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentSetup;

/// <summary>Who owns the list of patches for server-side apply, and that this module gives it back.</summary>
public sealed class FieldOwnershipTests
{
    // The form of a real API server's notes.
    private static JsonObject Resource(string entries, string patches = "[]", string annotations = "{}") => new()
    {
        ["apiVersion"] = "kubevirt.io/v1",
        ["kind"] = "KubeVirt",
        ["metadata"] = new JsonObject { ["name"] = "kubevirt", ["resourceVersion"] = "7", ["annotations"] = JsonNode.Parse(annotations), ["managedFields"] = JsonNode.Parse($"[{entries}]") },
        ["spec"] = new JsonObject { ["customizeComponents"] = new JsonObject { ["patches"] = JsonNode.Parse(patches) } },
    };

    private const string Status = """{"apiVersion":"kubevirt.io/v1","fieldsType":"FieldsV1","fieldsV1":{"f:status":{"f:phase":{}}},"manager":"virt-operator","operation":"Update","subresource":"status","time":"2026-11-27T21:58:37Z"}""";
    private const string Own = """{"apiVersion":"kubevirt.io/v1","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:annotations":{"f:kubevirtmonitor/agent-patch":{}}},"f:spec":{"f:customizeComponents":{"f:patches":{}}}},"manager":"KubeVirtMonitor","operation":"Update","time":"2026-11-27T22:09:59Z"}""";
    private const string Git = """{"apiVersion":"kubevirt.io/v1","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:imagePullPolicy":{},"f:customizeComponents":{"f:patches":{}}}},"manager":"argocd-controller","operation":"Apply","time":"2026-11-27T22:00:00Z"}""";
    private const string GitWithout = """{"apiVersion":"kubevirt.io/v1","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:imagePullPolicy":{}}},"manager":"argocd-controller","operation":"Apply","time":"2026-11-27T22:00:00Z"}""";

    [Fact]
    public void TheOwnersOfTheListAreFound()
    {
        Assert.Equal("""[{"manager":"argocd-controller","operation":"Apply"}]""", new JsonArray([.. FieldOwnership.Others(Resource($"{Status},{Git},{Own}"))]).ToJsonString());
        Assert.Empty(FieldOwnership.Others(Resource($"{Status},{GitWithout},{Own}")));
        Assert.True(FieldOwnership.IsOwner(Resource($"{Status},{Own}")));
        Assert.False(FieldOwnership.IsOwner(Resource($"{Status},{Git}")));
    }

    [Fact]
    public void WhatIsGivenBackIsAsItWasBefore()
    {
        JsonArray before = JsonNode.Parse($"[{Status},{Git}]")!.AsArray();
        JsonObject[] owners = FieldOwnership.Others(Resource($"{Status},{Git}"));
        // When this module wrote the list, the server took it from its owner.
        Assert.True(JsonNode.DeepEquals(before, FieldOwnership.Without(Resource($"{Status},{GitWithout},{Own}"), owners)));
        // An owner of nothing else was forgotten by the server, and is noted anew.
        Assert.Equal(
            """[{"manager":"argocd-controller","operation":"Apply","apiVersion":"kubevirt.io/v1","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:customizeComponents":{"f:patches":{}}}}}]""",
            FieldOwnership.Without(Resource(Own), owners).ToJsonString());
        // Without an owner before nobody owns it, which an empty entry says: an empty list would be passed over.
        Assert.Equal("[{}]", FieldOwnership.Without(Resource(Own), []).ToJsonString());
        // A list that is not there has no owner.
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse($"[{GitWithout}]"), FieldOwnership.Without(Resource($"{GitWithout},{Own}", "null"), owners)));
    }

    [Theory]
    [InlineData(Git, "{}", "argocd-controller (server-side apply)")]
    [InlineData(Status, """{"kubectl.kubernetes.io/last-applied-configuration":"{\"spec\":{\"customizeComponents\":{\"patches\":[]}}}"}""", "kubectl apply")]
    [InlineData(Status, """{"kubectl.kubernetes.io/last-applied-configuration":"{\"spec\":{\"customizeComponents\":{}}}"}""", null)]
    [InlineData(Status, """{"kubectl.kubernetes.io/last-applied-configuration":"no json"}""", null)]
    [InlineData(GitWithout, "{}", null)]
    public void WhoWillWriteTheListAgainIsWarnedOf(string entry, string annotations, string? who)
    {
        string? warning = FieldOwnership.Warning(Resource(entry, annotations: annotations));
        if (who is null) Assert.Null(warning);
        else Assert.StartsWith($"spec.customizeComponents.patches is also written by {who}:", warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UninstallLeavesNoFieldToThisModule()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        await cluster.ChangeAsync(JsonNode.Parse("""{"spec":{"customizeComponents":{"patches":[{"patch":"{}","type":"merge","resourceName":"virt-api","resourceType":"Deployment"}]}}}""")!);
        await cluster.InstallAsync(AgentCluster.Patch());
        await cluster.UninstallAsync();
        Assert.DoesNotContain("\"KubeVirtMonitor\"", (await cluster.Api.GetAsync(AgentCluster.Path)).Text, StringComparison.Ordinal);
    }
}
