using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.AgentSetup;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentSetup;

/// <summary>Patches that are put into a cluster and taken out of it.</summary>
public sealed class InstallTests
{
    private static JsonObject Others => new()
    {
        ["spec"] = new JsonObject
        {
            ["customizeComponents"] = new JsonObject
            {
                ["flags"] = new JsonObject { ["api"] = new JsonObject { ["v"] = "5" } },
                ["patches"] = new JsonArray(
                    new JsonObject { ["resourceType"] = "Deployment", ["resourceName"] = "virt-controller", ["type"] = "strategic", ["patch"] = """{"spec":{"template":{"metadata":{"annotations":{"team":"blue"}}}}}""" },
                    new JsonObject { ["type"] = "json", ["patch"] = """[{"op":"add","path":"/spec/template/metadata/annotations","value":{"owner":"x"}}]""", ["resourceName"] = "*", ["resourceType"] = "DaemonSet" }),
            },
        },
    };

    public static TheoryData<string> Beginnings => ["""{"spec":{"customizeComponents":null}}""", """{"spec":{"customizeComponents":{}}}""", """{"spec":{"customizeComponents":{"patches":[]}}}""", "others"];

    [Theory]
    [MemberData(nameof(Beginnings))]
    public async Task TwiceIsOnceAndTakenOutTheSpecIsByteForByteWhatItWas(string beginning)
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        await cluster.ChangeAsync(beginning == "others" ? Others : JsonNode.Parse(beginning)!);
        await cluster.SettleAsync();
        string before = await cluster.SpecAsync();
        AgentPatch patch = AgentCluster.Patch();
        Assert.Equal(AgentPatchAction.Installed, (await cluster.InstallAsync(patch)).Action);
        await cluster.SettleAsync();
        string installed = await cluster.SpecAsync();
        Assert.Equal((beginning == "others" ? 2 : 0) + 3, Entries(installed).Length);
        if (beginning == "others") Assert.Equal(Entries(before), Entries(installed)[..2]);
        string written = await WrittenAsync(cluster);
        Assert.Equal(AgentPatchAction.Unchanged, (await cluster.InstallAsync(AgentCluster.Patch())).Action);
        Assert.Equal(written, await WrittenAsync(cluster));
        Assert.Equal(AgentPatchAction.Removed, (await cluster.UninstallAsync()).Action);
        Assert.Equal(before, await cluster.SpecAsync());
        JsonElement metadata = (await cluster.Api.GetAsync(AgentCluster.Path)).Json.GetProperty("metadata");
        Assert.DoesNotContain("kubevirtmonitor", metadata.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await cluster.Api.GetAsync("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/datadog-agent-kubevirt")).Code);
        Assert.Equal(AgentPatchAction.Unchanged, (await cluster.UninstallAsync()).Action);
    }

    [Fact]
    public async Task AResourceThatWasMadeAnewSinceTheTrialStaysAsItIs()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        await cluster.SettleAsync();
        AgentPatchChange planned = await cluster.InstallAsync(AgentCluster.Patch(), isTrial: true);
        Assert.Equal((await cluster.Api.GetAsync(AgentCluster.Path)).Json.GetProperty("metadata").GetProperty("uid").GetString(), planned.Uid);
        string before = await cluster.SpecAsync();
        AgentPatchInstaller late = new(cluster.Session, uid: "another");
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => late.InstallAsync(AgentCluster.Patch(), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(KubernetesError.Replaced, error.Error);
        Assert.StartsWith("KubeVirt kubevirt/kubevirt is not the one that was listed", error.What, StringComparison.Ordinal);
        Assert.Equal(before, await cluster.SpecAsync());
    }

    // What clients write: the resourceVersion also moves when virt-operator writes the status.
    private static async Task<string> WrittenAsync(AgentCluster cluster)
    {
        JsonElement resource = (await cluster.Api.GetAsync(AgentCluster.Path)).Json;
        JsonElement metadata = resource.GetProperty("metadata");
        return string.Join('\n', metadata.GetProperty("generation"), metadata.GetProperty("annotations"), resource.GetProperty("spec"));
    }

    /// <summary>As the head of -As PatchFile advises: kubectl patch, which leaves no record.</summary>
    [Fact]
    public async Task WhatOthersHavePutInStaysAndIsSaid()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        AgentPatch patch = AgentCluster.Patch();
        await cluster.InstallAsync(patch);
        await cluster.ChangeAsync(JsonNode.Parse("""{"metadata":{"annotations":{"kubevirtmonitor/agent-patch":null}}}""")!);
        await cluster.SettleAsync();
        string before = await cluster.SpecAsync();
        foreach (AgentPatch? given in new[] { patch, null })
        {
            AgentPatchChange change = await cluster.UninstallAsync(given);
            Assert.Equal(3, change.Warnings.Count);
            Assert.StartsWith("The patch of Deployment virt-api puts annotations for the Agent on its pods, and was not added by this module", change.Warnings[0], StringComparison.Ordinal);
        }

        Assert.Equal(AgentPatchAction.Unchanged, (await cluster.UninstallAsync()).Action);
        Assert.Equal(before, await cluster.SpecAsync());
        Assert.Equal(System.Net.HttpStatusCode.OK, (await cluster.Api.GetAsync("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/datadog-agent-kubevirt")).Code);
    }

    [Fact]
    public async Task AnotherPatchTakesThePlaceOfTheOneBefore()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        await cluster.InstallAsync(AgentCluster.Patch());
        await cluster.ChangeAsync(new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["a"] = "b" } } });
        AgentPatch tagged = AgentCluster.Patch(new AgentPatchOptions { Components = [ComponentKind.Controller], Tags = ["env:y"] });
        AgentPatchChange change = await cluster.InstallAsync(tagged);
        Assert.Contains("- Deployment virt-controller (strategic)", change.Difference, StringComparison.Ordinal);
        Assert.Contains("  Deployment virt-api (strategic)", change.Difference, StringComparison.Ordinal);
        string[] entries = Entries(await cluster.SpecAsync());
        Assert.Equal(3, entries.Length);
        Assert.Contains("env:y", entries[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATrialChangesNothingAndSaysWhatWouldBe()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        string before = (await cluster.Api.GetAsync(AgentCluster.Path)).Text;
        AgentPatchChange change = await cluster.InstallAsync(AgentCluster.Patch(), isTrial: true);
        Assert.Equal(AgentPatchAction.Installed, change.Action);
        Assert.Contains("+   ad.datadoghq.com/virt-api.checks: {\"openmetrics\"", change.Difference, StringComparison.Ordinal);
        Assert.Contains("+ ClusterRoleBinding datadog-agent-kubevirt: kubevirt.io:view to service account datadog/datadog-agent", change.Difference, StringComparison.Ordinal);
        Assert.Contains("+ ConfigMap datadog-agent-kubevirt-ca: KubeVirt's authority (", change.Difference, StringComparison.Ordinal);
        Assert.Equal(["Deployment virt-api", "Deployment virt-controller", "DaemonSet virt-handler"], change.Restarts.Select(static one => one[..one.IndexOf(" (", StringComparison.Ordinal)]));
        string[] pods = [.. (await cluster.Api.GetAsync("/api/v1/namespaces/kubevirt/pods")).Json.GetProperty("items").EnumerateArray().Select(static pod => pod.GetProperty("metadata").GetProperty("name").GetString()!).Where(static name => name.StartsWith("virt-api-", StringComparison.Ordinal))];
        Assert.NotEmpty(pods);
        Assert.Equal($"Deployment virt-api ({string.Join(", ", pods.Order(StringComparer.Ordinal))})", change.Restarts[0]);
        Assert.Equal(before, (await cluster.Api.GetAsync(AgentCluster.Path)).Text);
        Assert.Contains(cluster.Api.Server.Log.Requests, request => request.Query.Contains("dryRun=All", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("strategic", """{"spec":{"template":{"metadata":{"annotations":{"ad.datadoghq.com/virt-api.check_names":"[\"http_check\"]"}}}}}""", "Deployment", "virt-api")]
    [InlineData("json", """[{"op":"add","path":"/spec/template/metadata/annotations/ad.datadoghq.com~1virt-api.checks","value":"{}"}]""", "deployment", "*")]
    public async Task PatchesOfOthersForTheSameAnnotationsAreSaidAndNotOverruledWithoutForce(string type, string text, string kind, string name)
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        JsonObject other = new() { ["resourceType"] = kind, ["resourceName"] = name, ["type"] = type, ["patch"] = text };
        await cluster.ChangeAsync(new JsonObject { ["spec"] = new JsonObject { ["customizeComponents"] = new JsonObject { ["patches"] = new JsonArray(other) } } });
        string before = await cluster.SpecAsync();
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => cluster.InstallAsync(AgentCluster.Patch()));
        Assert.Equal(KubernetesError.Conflict, error.Error);
        Assert.Contains("patch 0 of Deployment virt-api sets ad.datadoghq.com/virt-api.check", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await cluster.SpecAsync());
        AgentPatchChange forced = await cluster.InstallAsync(AgentCluster.Patch(), force: true);
        Assert.Contains(forced.Warnings, warning => warning.StartsWith("Overridden: patch 0", StringComparison.Ordinal));
        await cluster.UninstallAsync();
        Assert.Equal(before, await cluster.SpecAsync());
    }

    [Fact]
    public async Task WhoeverIsFasterIsReadAgain()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        cluster.Rule.Left = 2;
        AgentPatchChange change = await cluster.InstallAsync(AgentCluster.Patch());
        Assert.Equal((AgentPatchAction.Installed, 3), (change.Action, change.Attempts));
        // What the first try made beside the resource is said once, and not lost with it.
        Assert.Single(change.Difference.Split('\n'), line => line.StartsWith("+ ConfigMap datadog-agent-kubevirt-ca: ", StringComparison.Ordinal));
        Assert.Single(change.Difference.Split('\n'), line => line.StartsWith("+ ClusterRoleBinding datadog-agent-kubevirt: ", StringComparison.Ordinal));
        Assert.Equal(3, Entries(await cluster.SpecAsync()).Length);
    }

    [Fact]
    public async Task AnEntryThatSomebodyChangedIsLeft()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        AgentPatch patch = AgentCluster.Patch(new AgentPatchOptions { Components = [ComponentKind.Api] });
        await cluster.InstallAsync(patch);
        JsonObject changed = new() { ["resourceType"] = "Deployment", ["resourceName"] = "virt-api", ["type"] = "merge", ["patch"] = patch.Patches[0].Patch };
        await cluster.ChangeAsync(new JsonObject { ["spec"] = new JsonObject { ["customizeComponents"] = new JsonObject { ["patches"] = new JsonArray(changed) } } });
        AgentPatchChange change = await cluster.UninstallAsync();
        Assert.Contains("somebody changed or removed it", Assert.Single(change.Warnings), StringComparison.Ordinal);
        Assert.Contains("\"merge\"", Assert.Single(Entries(await cluster.SpecAsync())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsMissingIsSaid()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        KubernetesException account = await Assert.ThrowsAsync<KubernetesException>(() => cluster.InstallAsync(AgentCluster.Patch(new AgentPatchOptions { AgentServiceAccount = "nobody" })));
        Assert.Contains("there is no service account nobody in namespace datadog", account.Message, StringComparison.Ordinal);
        KubernetesException space = await Assert.ThrowsAsync<KubernetesException>(() => cluster.InstallAsync(AgentCluster.Patch(new AgentPatchOptions { InstallNamespace = "cnv" })));
        Assert.Equal(("Create it for namespace kubevirt.", Setting.InstallNamespace), (space.Advice, space.Setting));
        await cluster.Api.SendAsync(HttpMethod.Post, "/apis/kubevirt.io/v1/namespaces/kubevirt/kubevirts", """{"apiVersion":"kubevirt.io/v1","kind":"KubeVirt","metadata":{"name":"second"},"spec":{}}""");
        KubernetesException several = await Assert.ThrowsAsync<KubernetesException>(() => cluster.InstallAsync(AgentCluster.Patch()));
        Assert.Contains("there are 2 KubeVirt resources", several.Message, StringComparison.Ordinal);
        foreach (string name in new[] { "kubevirt", "second" }) await cluster.Api.SendAsync(HttpMethod.Delete, $"/apis/kubevirt.io/v1/namespaces/kubevirt/kubevirts/{name}");
        KubernetesException none = await Assert.ThrowsAsync<KubernetesException>(() => cluster.InstallAsync(AgentCluster.Patch()));
        Assert.Equal(KubernetesError.NotFound, none.Error);
    }

    private static string[] Entries(string spec) =>
        [.. JsonDocument.Parse(spec).RootElement.GetProperty("customizeComponents").GetProperty("patches").EnumerateArray().Select(entry => entry.GetRawText())];
}
