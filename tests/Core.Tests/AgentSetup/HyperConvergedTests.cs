using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Simulator.Api;
using KubeVirtMonitor.Yaml;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentSetup;

/// <summary>A KubeVirt that the HyperConverged operator keeps takes the patches over the annotation of its owner, with the real kubectl, and nothing of either is lost.</summary>
public sealed class HyperConvergedTests
{
    private const string KubeVirt = "/apis/kubevirt.io/v1/namespaces/kubevirt/kubevirts/kubevirt-kubevirt-hyperconverged";
    private const string Owner = "/apis/hco.kubevirt.io/v1beta1/namespaces/kubevirt/hyperconvergeds/kubevirt-hyperconverged";
    private const string Annotation = "kubevirt.kubevirt.io/jsonpatch";

    /// <summary>A resource as somebody keeps it in a file and applies it, with a step of his own in the annotation.</summary>
    private const string Applied = """
        apiVersion: hco.kubevirt.io/v1beta1
        kind: HyperConverged
        metadata:
          name: kubevirt-hyperconverged
          namespace: kubevirt
          annotations:
            example.com/team: virt
            kubevirt.kubevirt.io/jsonpatch: '[{"op":"add","path":"/spec/configuration/developerConfiguration/useEmulation","value":true},{"op":"add","path":"/spec/customizeComponents/patches","value":[{"resourceType":"Deployment","resourceName":"virt-api","type":"merge","patch":"{\"metadata\":{}}"}]}]'
        spec:
          liveMigrationConfig: {parallelMigrationsPerCluster: 7}
          workloads: {nodePlacement: {nodeSelector: {disk: fast}}}
        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("op", """[{"op":"add","path":"/metadata/labels/x","value":"y"}]""", "can only modify spec fields")]
    [InlineData("text", "not json", "invalid character 'n' looking for beginning of value")]
    [InlineData("path", """[{"op":"add","path":"/spec/nosuch/deep","value":1}]""", "add operation does not apply: doc is missing path: \"/spec/nosuch/deep\": missing value")]
    [InlineData("test", """[{"op":"test","path":"/spec/productName","value":"other"}]""", "testing value /spec/productName failed: test failed")]
    public async Task AnAnnotationThatDoesNotApplyIsRefused(string name, string annotation, string reason)
    {
        await using ApiCluster cluster = await ApiCluster.StartAsync(new() { HyperConverged = true });
        ApiReply before = await cluster.GetAsync(KubeVirt);
        ApiReply refused = await cluster.PatchAsync(Owner, "merge-patch+json", Annotated(annotation));
        Assert.Equal((HttpStatusCode.Forbidden, "Forbidden"), (refused.Code, refused.At("reason")));
        Assert.Equal($"admission webhook \"validate-hco-v1beta1.kubevirt.io\" denied the request: invalid jsonPatch in the {Annotation} annotation: {reason}", refused.At("message"));
        Assert.Equal(before.At("metadata.generation"), (await cluster.GetAsync(KubeVirt)).At("metadata.generation"));
        Assert.NotEmpty(name);
    }

    [Fact]
    public async Task WhatOthersWriteIntoKubeVirtIsPutBackAndTheAnnotationTaints()
    {
        await using ApiCluster cluster = await ApiCluster.StartAsync(new() { HyperConverged = true });
        string spec = (await cluster.GetAsync(KubeVirt)).Json.GetProperty("spec").GetRawText();
        Assert.Null(await ConditionAsync(cluster, "TaintedConfiguration"));
        ApiReply written = await cluster.PatchAsync(KubeVirt, "merge-patch+json", """{"spec":{"imagePullPolicy":"Always"}}""");
        Assert.Equal(("2", "Always"), (written.At("metadata.generation"), written.At("spec.imagePullPolicy")));
        await UntilAsync(async () => (await cluster.GetAsync(KubeVirt)).At("metadata.generation") == "3");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(spec), JsonNode.Parse((await cluster.GetAsync(KubeVirt)).Json.GetProperty("spec").GetRawText())));

        // A step counts before those that look at what it made, and one that a real KubeVirt does not know is lost.
        ApiReply patched = await cluster.PatchAsync(Owner, "merge-patch+json", Annotated("""[{"op":"add","path":"/spec/imagePullPolicy","value":"Always"},{"op":"test","path":"/spec/imagePullPolicy","value":"Always"},{"op":"add","path":"/spec/nosuch","value":1}]"""));
        Assert.Equal(HttpStatusCode.OK, patched.Code);
        await UntilAsync(async () => (await cluster.GetAsync(KubeVirt)).At("spec.imagePullPolicy") == "Always");
        Assert.Null((await cluster.GetAsync(KubeVirt)).At("spec.nosuch"));
        await UntilAsync(async () => await ConditionAsync(cluster, "TaintedConfiguration") == "True UnsupportedFeatureAnnotation");
        await UntilAsync(async () => await ConditionAsync(cluster, "Available") == "True ReconcileCompleted");
        Assert.Equal("True ReconcileCompleted", await ConditionAsync(cluster, "ReconcileComplete"));

        // An entry that KubeVirt's own webhook refuses is refused for the owner, by a dry run.
        ApiReply refused = await cluster.PatchAsync(Owner, "merge-patch+json", Annotated("""[{"op":"add","path":"/spec/customizeComponents/patches","value":[{"resourceType":"Deployment","resourceName":"virt-api","type":"merge","patch":"x"}]}]"""));
        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, "admission webhook \"validate-hco-v1beta1.kubevirt.io\" denied the request: admission webhook \"kubevirt-update-validator.kubevirt.io\" denied the request: patch \"x\" is not valid JSON"),
            (refused.Code, refused.At("message")));
    }

    [Fact]
    public async Task InstallTestAndUninstallGoOverTheAnnotationWithKubectlAndNothingIsLost()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync(hyperConverged: true);
        ToolResult applied = await Kubectl.RunAsync(cluster.Api, ["apply", "--validate=false", "-f", "-"], Applied);
        Assert.True(applied.Code == 0, applied.Errors);
        await UntilAsync(async () => (await cluster.Api.GetAsync(KubeVirt)).At("spec.configuration.developerConfiguration.useEmulation") is not null);
        string ownSpec = await SpecAsync(cluster, Owner);
        string spec = await SpecAsync(cluster, KubeVirt);
        Assert.Contains("\"parallelMigrationsPerCluster\":7", ownSpec, StringComparison.Ordinal);
        Assert.Contains("last-applied-configuration", (await cluster.Api.GetAsync(Owner)).Text, StringComparison.Ordinal);
        AgentPatch patch = AgentCluster.Patch();

        AgentPatchChange change = await cluster.InstallAsync(patch);
        Assert.Equal(AgentPatchAction.Managed, change.Action);
        string[] command = Command(change);
        Assert.Equal(["patch", "hyperconvergeds.hco.kubevirt.io", "kubevirt-hyperconverged", "-n", "kubevirt", "--type", "merge"], command);
        Assert.Contains(change.Warnings, warning => warning.Contains($"kubectl {string.Join(' ', command)} -p $result.Document", StringComparison.Ordinal));
        Assert.Equal(spec, await SpecAsync(cluster, KubeVirt));

        // Nothing but two annotations is in it, and what is no resource cannot be applied by mistake.
        JsonObject document = new YamlReader().ReadAll(change.Document!)[0]!.AsObject();
        Assert.Equal("metadata", Assert.Single(document).Key);
        Assert.Equal("annotations", Assert.Single(document["metadata"]!.AsObject()).Key);
        Assert.Equal([Annotation, "kubevirtmonitor/agent-patch"], document["metadata"]!["annotations"]!.AsObject().Select(one => one.Key));
        foreach (string[] mistaken in new[] { new[] { "apply", "-f", "-" }, ["apply", "--server-side", "-f", "-"], ["create", "-f", "-"], ["replace", "-f", "-"] })
            Assert.NotEqual(0, (await Kubectl.RunAsync(cluster.Api, [.. mistaken, "--validate=false"], change.Document)).Code);
        Assert.Equal(ownSpec, await SpecAsync(cluster, Owner));

        await Kubectl.OutputAsync(cluster.Api, [.. command, "-p", change.Document!]);
        await UntilAsync(async () => (await SpecAsync(cluster, KubeVirt)).Contains("ad.datadoghq.com", StringComparison.Ordinal));
        Assert.Equal(ownSpec, await SpecAsync(cluster, Owner));
        JsonNode installed = JsonNode.Parse(await SpecAsync(cluster, KubeVirt))!;
        JsonArray entries = installed["customizeComponents"]!["patches"]!.AsArray();
        Assert.Equal(["{\"metadata\":{}}", .. patch.Patches.Select(one => one.Patch)], entries.Select(entry => (string)entry!["patch"]!));
        JsonNode before = JsonNode.Parse(spec)!;
        installed["customizeComponents"] = before["customizeComponents"]!.DeepClone();
        Assert.True(JsonNode.DeepEquals(before, installed));
        Assert.Equal("virt", (await cluster.Api.GetAsync(Owner)).Json.GetProperty("metadata").GetProperty("annotations").GetProperty("example.com/team").GetString());

        // The second time only what stands beside KubeVirt is missing; the third time nothing is.
        Assert.Equal((AgentPatchAction.Installed, ""), ((change = await cluster.InstallAsync(patch)).Action, change.Document ?? ""));
        Assert.Equal(AgentPatchAction.Unchanged, (await cluster.InstallAsync(patch)).Action);
        Each.Of(await cluster.TestAsync(), point => Assert.True(point.State == AgentPatchState.Passed, $"{point}"));
        Each.Of(await cluster.TestAsync(patch), point => Assert.True(point.State == AgentPatchState.Passed, $"{point}"));

        // Whoever applies his file again takes nothing out that is not in it; only the annotation, which is, goes back.
        change = await cluster.UninstallAsync();
        Assert.Equal(AgentPatchAction.Managed, change.Action);
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, change.Document, Cancellation);
            await Kubectl.OutputAsync(cluster.Api, [.. Command(change), "--patch-file", file]);
        }
        finally
        {
            File.Delete(file);
        }

        await UntilAsync(async () => !(await SpecAsync(cluster, KubeVirt)).Contains("ad.datadoghq.com", StringComparison.Ordinal));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(spec), JsonNode.Parse(await SpecAsync(cluster, KubeVirt))));
        Assert.Equal(ownSpec, await SpecAsync(cluster, Owner));
        Assert.Equal(AgentPatchAction.Removed, (await cluster.UninstallAsync()).Action);
        Assert.Equal(AgentPatchAction.Unchanged, (await cluster.UninstallAsync()).Action);
        Assert.Equal(HttpStatusCode.NotFound, (await cluster.Api.GetAsync("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/datadog-agent-kubevirt")).Code);
        Assert.Equal(HttpStatusCode.NotFound, (await cluster.Api.GetAsync("/api/v1/namespaces/datadog/configmaps/datadog-agent-kubevirt-ca")).Code);
    }

    [Fact]
    public async Task ThePatchFileOfKubeVirtIsUndoneByTheOwner()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync(hyperConverged: true);
        AgentPatch own = AgentCluster.Patch().In(cluster.Session);
        foreach (AgentPatchFormat format in new[] { AgentPatchFormat.PatchFile, AgentPatchFormat.KustomizePatch })
            Assert.Contains("# KubeVirt kubevirt/kubevirt-kubevirt-hyperconverged is managed by a HyperConverged resource, whose operator undoes what others change", own.ToString(format), StringComparison.Ordinal);
        Assert.StartsWith("# kubectl patch kubevirts.kubevirt.io kubevirt-kubevirt-hyperconverged -n kubevirt --type json", own.ToString(AgentPatchFormat.PatchFile), StringComparison.Ordinal);
        string spec = await SpecAsync(cluster, KubeVirt);
        ApiReply put = await cluster.Api.PatchAsync(KubeVirt, "merge-patch+json", new JsonObject { ["spec"] = new JsonObject { ["customizeComponents"] = new JsonObject { ["patches"] = new JsonArray(AgentCluster.Patch().Patches[0].ToJson()) } } }.ToJsonString());
        Assert.Equal(HttpStatusCode.OK, put.Code);
        await UntilAsync(async () => await SpecAsync(cluster, KubeVirt) == spec);
    }

    [Fact]
    public async Task AServerSideApplyOfTheAnnotationAloneWouldEmptyTheSpecWhichIsWhyItIsAPatch()
    {
        await using ApiCluster cluster = await ApiCluster.StartAsync(new() { HyperConverged = true });
        ToolResult applied = await Kubectl.RunAsync(cluster, ["apply", "--validate=false", "-f", "-"], Applied);
        Assert.True(applied.Code == 0, applied.Errors);
        const string Part = "apiVersion: hco.kubevirt.io/v1beta1\nkind: HyperConverged\nmetadata: {name: kubevirt-hyperconverged, namespace: kubevirt, annotations: {note: x}}\n";
        ToolResult part = await Kubectl.RunAsync(cluster, ["apply", "--validate=false", "--server-side", "--field-manager=own", "-f", "-"], Part);
        Assert.True(part.Code == 0, part.Errors);
        Assert.DoesNotContain("\"disk\":\"fast\"", (await cluster.GetAsync(Owner)).Json.GetProperty("spec").GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "is not a list of steps with a path each")]
    [InlineData("""["x"]""", "is not a list of steps with a path each")]
    [InlineData("""[{"op":"add","path":7}]""", "is not a list of steps with a path each")]
    [InlineData("nothing", "is not JSON")]
    public async Task AnAnnotationThatCannotBeKeptIsLeftAndSaid(string annotation, string reason)
    {
        // The operator itself takes no such annotation any more; one from before its webhook is what is met.
        await using AgentCluster cluster = await AgentCluster.StartAsync(hyperConverged: true);
        ResourceStore store = cluster.Api.Server.Store;
        ResourceCollection owners = store["hco.kubevirt.io", "hyperconvergeds"];
        JsonObject owner = owners.Find("kubevirt", "kubevirt-hyperconverged")!.ToJson();
        owner["metadata"]!["annotations"] = new JsonObject { [Annotation] = annotation };
        lock (store.Gate) owners.Put(ApiObject.From(owners.Type, owner, store.NextVersion()));
        KubernetesException refused = await Assert.ThrowsAsync<KubernetesException>(() => cluster.InstallAsync(AgentCluster.Patch()));
        Assert.Equal(KubernetesError.BadAnswer, refused.Error);
        Assert.Contains($"of HyperConverged kubevirt/kubevirt-hyperconverged {reason}", refused.Message, StringComparison.Ordinal);
        await UntilAsync(async () => (await ConditionAsync(cluster.Api, "ReconcileComplete"))?.StartsWith("False ReconcileFailed", StringComparison.Ordinal) == true);
        Assert.Equal("Unknown StatusUnknown", await ConditionAsync(cluster.Api, "Available"));
    }

    private static string[] Command(AgentPatchChange change) => change.Document!.Split('\n')[0]["# kubectl ".Length..].Replace(" --patch-file FILE", "", StringComparison.Ordinal).Split(' ');

    private static string Annotated(string annotation) => new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [Annotation] = annotation } } }.ToJsonString();

    private static async Task<string> SpecAsync(AgentCluster cluster, string path) => (await cluster.Api.GetAsync(path)).Json.GetProperty("spec").GetRawText();

    private static async Task<string?> ConditionAsync(ApiCluster cluster, string type)
    {
        JsonElement owner = (await cluster.GetAsync(Owner)).Json;
        if (!owner.TryGetProperty("status", out JsonElement status)) return null;
        return status.GetProperty("conditions").EnumerateArray().Where(one => one.GetProperty("type").GetString() == type).Select(one => $"{one.GetProperty("status").GetString()} {one.GetProperty("reason").GetString()}").SingleOrDefault();
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (int i = 0; i < 400; i++)
        {
            if (await holds()) return;
            await Task.Delay(50, Cancellation);
        }

        Assert.Fail("It did not come about in 20 seconds.");
    }
}
