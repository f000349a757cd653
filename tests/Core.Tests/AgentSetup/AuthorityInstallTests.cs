using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.AgentSetup;
using KubeVirtMonitor.Simulator.Api;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentSetup;

/// <summary>KubeVirt's authorities in the namespace of the Agent.</summary>
public sealed class AuthorityInstallTests
{
    private const string Path = "/api/v1/namespaces/datadog/configmaps/datadog-agent-kubevirt-ca";
    private const string Source = "/api/v1/namespaces/kubevirt/configmaps/kubevirt-ca";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task InstallPutsThemThereUnderTheNamesOfOpenSslAndUninstallTakesThemAway()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        string before = Assert.Single(await BundleAsync(cluster));
        AgentPatchChange change = await cluster.InstallAsync(AgentCluster.Patch());
        Assert.Contains($"+ ConfigMap datadog-agent-kubevirt-ca: KubeVirt's authority ({await NameAsync(before)}), in namespace datadog", change.Difference, StringComparison.Ordinal);

        // virt-operator makes another one after the change, from which the new pods have their certificates.
        string[] now = await BundleAsync(cluster);
        Assert.Equal(2, now.Length);
        string[] names = [await NameAsync(now[0]), await NameAsync(now[1])];
        Assert.Equal($"~ ConfigMap datadog-agent-kubevirt-ca: KubeVirt's 2 authorities ({string.Join(", ", names.Order(StringComparer.Ordinal))}), in namespace datadog", change.Difference.Split('\n')[^1]);
        JsonElement made = (await cluster.Api.GetAsync(Path)).Json;
        Assert.Equal("KubeVirtMonitor", made.GetProperty("metadata").GetProperty("labels").GetProperty("app.kubernetes.io/managed-by").GetString());
        foreach ((string name, string pem) in names.Zip(now)) Assert.Equal(Words(pem), Words(made.GetProperty("data").GetProperty(name).GetString()!));
        Assert.Equal(2, made.GetProperty("data").EnumerateObject().Count());
        Assert.Equal(AgentPatchAction.Unchanged, (await cluster.InstallAsync(AgentCluster.Patch())).Action);
        change = await cluster.UninstallAsync();
        Assert.Contains("- ConfigMap datadog-agent-kubevirt-ca", change.Difference, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await cluster.Api.GetAsync(Path)).Code);
    }

    [Fact]
    public async Task WhatKubeVirtRenewedIsRenewedAndNoPodRestarts()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        AgentPatch patch = AgentCluster.Patch();
        await cluster.InstallAsync(patch);
        await cluster.SettleAsync();
        string before = await cluster.SpecAsync();
        string[] old = await KeysAsync(cluster);
        string added = Pki.New("kubevirt.io@1764000000").AuthorityPem;
        Assert.Equal(HttpStatusCode.OK, (await cluster.Api.PatchAsync(Source, "merge-patch+json", Bundle((await cluster.Api.GetAsync(Source)).Json.GetProperty("data").GetProperty("ca-bundle").GetString() + added))).Code);

        AgentPatchChange planned = await cluster.InstallAsync(patch, isTrial: true);
        Assert.Empty(planned.Restarts);
        Assert.StartsWith("~ ConfigMap datadog-agent-kubevirt-ca: KubeVirt's 3 authorities (", planned.Difference.Split('\n')[^1], StringComparison.Ordinal);
        Assert.Equal(old, await KeysAsync(cluster));
        AgentPatchChange renewed = await new AgentPatchInstaller(cluster.Session).RenewAuthorityAsync(patch, Cancellation);
        Assert.Equal((AgentPatchAction.Installed, "datadog", "datadog-agent-kubevirt-ca"), (renewed.Action, renewed.Namespace, renewed.Name));
        Assert.Equal(3, (await KeysAsync(cluster)).Length);
        Assert.Equal(AgentPatchAction.Unchanged, (await new AgentPatchInstaller(cluster.Session).RenewAuthorityAsync(patch, Cancellation)).Action);
        Assert.Equal(AgentPatchAction.Unchanged, (await cluster.InstallAsync(patch)).Action);

        // The old one goes when KubeVirt takes it out of its bundle.
        Assert.Equal(HttpStatusCode.OK, (await cluster.Api.PatchAsync(Source, "merge-patch+json", Bundle(added))).Code);
        await cluster.InstallAsync(patch);
        Assert.Equal([await NameAsync(added)], await KeysAsync(cluster));
        Assert.Equal(before, await cluster.SpecAsync());
    }

    [Fact]
    public async Task AConfigMapOfOthersIsNeitherChangedNorRemoved()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        const string Theirs = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"datadog-agent-kubevirt-ca","namespace":"datadog"},"data":{"x":"y"}}""";
        Assert.Equal(HttpStatusCode.Created, (await cluster.Api.SendAsync(HttpMethod.Post, "/api/v1/namespaces/datadog/configmaps", Theirs)).Code);
        string before = await cluster.SpecAsync();
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => cluster.InstallAsync(AgentCluster.Patch()));
        Assert.Equal(KubernetesError.Conflict, error.Error);
        Assert.Contains("the ConfigMap datadog/datadog-agent-kubevirt-ca was created by somebody else", error.Message, StringComparison.Ordinal);
        Assert.Contains("kubectl get configmaps datadog-agent-kubevirt-ca -n datadog -o yaml", error.Advice, StringComparison.Ordinal);
        Assert.Equal(before, await cluster.SpecAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await cluster.Api.GetAsync("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/datadog-agent-kubevirt")).Code);
        await cluster.InstallAsync(AgentCluster.Patch(new AgentPatchOptions { Check = AgentCheck.KubeVirt }));
        await cluster.UninstallAsync();
        Assert.Equal(["x"], await KeysAsync(cluster));
    }

    [Fact]
    public async Task WhatVerifiesNothingNeedsNone()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        foreach (AgentPatchOptions options in new AgentPatchOptions[] { new() { Check = AgentCheck.KubeVirt }, new() { SkipCertificateCheck = true } })
        {
            AgentPatch patch = AgentCluster.Patch(options);
            AgentPatchChange change = await cluster.InstallAsync(patch);
            Assert.DoesNotContain("ConfigMap", change.Difference, StringComparison.Ordinal);
            // That nothing is verified was said when the patch was created; what depends on the version of the cluster was not.
            Assert.Contains(patch.Warnings, warning => warning.Contains("anything that responds at a pod's address is trusted", StringComparison.Ordinal));
            Assert.DoesNotContain(change.Warnings, warning => warning.Contains("anything that responds", StringComparison.Ordinal));
            Assert.Equal(HttpStatusCode.NotFound, (await cluster.Api.GetAsync(Path)).Code);
            KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => new AgentPatchInstaller(cluster.Session).RenewAuthorityAsync(patch, Cancellation));
            Assert.Equal(KubernetesError.ArgumentInvalid, error.Error);
        }
    }

    /// <summary>As on OpenShift: the certificates carry the namespace in their names.</summary>
    [Fact]
    public async Task TheNamespaceOfTheClusterIsTakenWhereNoneWasGiven()
    {
        await using ApiCluster api = await ApiCluster.StartAsync(new ApiServerOptions { AgentNamespace = "datadog" }, space: "openshift-cnv");
        using KubeVirtSession session = await api.OpenAsync();
        AgentPatchChange change = await new AgentPatchInstaller(session).InstallAsync(AgentCluster.Patch(), cancellationToken: Cancellation);
        Assert.Contains("\"Host\":\"virt-handler.openshift-cnv.svc\"", change.Difference, StringComparison.Ordinal);
        Assert.Equal("openshift-cnv", change.Patch!.InstallNamespace);
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => new AgentPatchInstaller(session).InstallAsync(AgentCluster.Patch(new AgentPatchOptions { InstallNamespace = "kubevirt" }), cancellationToken: Cancellation));
        Assert.Contains("the patch is for KubeVirt in namespace kubevirt, but that of", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheyMoveWithTheAgentAndGoWhereNothingNeedsThemAnyMore()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        await cluster.InstallAsync(AgentCluster.Patch());
        AgentPatchChange moved = await cluster.InstallAsync(AgentCluster.Patch(new AgentPatchOptions { AgentNamespace = "default", AgentServiceAccount = "default" }));
        Assert.Contains("- ConfigMap datadog-agent-kubevirt-ca", moved.Difference, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK), ((await cluster.Api.GetAsync(Path)).Code, (await cluster.Api.GetAsync(Path.Replace("/datadog/", "/default/", StringComparison.Ordinal))).Code));
        AgentPatchChange unverified = await cluster.InstallAsync(AgentCluster.Patch(new AgentPatchOptions { SkipCertificateCheck = true }));
        Assert.Contains("- ConfigMap datadog-agent-kubevirt-ca", unverified.Difference, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await cluster.Api.GetAsync(Path.Replace("/datadog/", "/default/", StringComparison.Ordinal))).Code);
    }

    /// <summary>Made with a renewal alone, as for a patch that a Git tool applies: nothing records it.</summary>
    [Fact]
    public async Task WhatARenewalMadeGoesToo()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        await new AgentPatchInstaller(cluster.Session).RenewAuthorityAsync(AgentCluster.Patch(), Cancellation);
        Assert.Single(await KeysAsync(cluster));
        Assert.Equal(AgentPatchAction.Removed, (await cluster.UninstallAsync()).Action);
        Assert.Equal(HttpStatusCode.NotFound, (await cluster.Api.GetAsync(Path)).Code);
    }

    [Fact]
    public async Task WhatStillVerifiesKeepsThemAndGetsTheNextOne()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        await cluster.InstallAsync(AgentCluster.Patch());
        await cluster.SettleAsync();
        AgentPatchChange change = await cluster.UninstallAsync(AgentCluster.Patch(new AgentPatchOptions { Components = [ComponentKind.Handler] }));
        Assert.Equal(AgentPatchAction.Removed, change.Action);
        await AssertHoldsAllAsync(cluster, 3);
        await cluster.SettleAsync();
        change = await cluster.InstallAsync(AgentCluster.Patch(new AgentPatchOptions { Components = [ComponentKind.Handler], Check = AgentCheck.KubeVirt }));
        Assert.Equal(AgentPatchAction.Installed, change.Action);
        await AssertHoldsAllAsync(cluster, 4);
        await cluster.UninstallAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await cluster.Api.GetAsync(Path)).Code);

        static async Task AssertHoldsAllAsync(AgentCluster cluster, int count)
        {
            string[] bundle = await BundleAsync(cluster);
            Assert.Equal(count, bundle.Length);
            Assert.Equal((await Task.WhenAll(bundle.Select(NameAsync))).Order(StringComparer.Ordinal), await KeysAsync(cluster));
        }
    }

    [Fact]
    public async Task WhatCannotBeWaitedForIsSaidAndTheChangeIsNotLost()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        // The bundle can be read before the change, and no more from it on.
        cluster.Rule.Meanwhile = () => cluster.Api.Server.Refuse(new ApiRefusal { Verb = "get", Resource = "configmaps", Namespace = "kubevirt" });
        AgentPatchChange change = await cluster.InstallAsync(AgentCluster.Patch());
        Assert.Equal(AgentPatchAction.Installed, change.Action);
        Assert.Contains(change.Warnings, warning => warning.StartsWith("The authority that virt-operator makes after the change could not be waited for: ", StringComparison.Ordinal) && warning.EndsWith("until ConfigMap datadog/datadog-agent-kubevirt-ca is renewed.", StringComparison.Ordinal));
        Assert.Contains("ad.datadoghq.com", await cluster.SpecAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoMayNotListPodsOrConfigMapsInstallsAndIsTold()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        using IDisposable pods = cluster.Api.Server.Refuse(new ApiRefusal { Verb = "list", Resource = "pods" });
        using IDisposable maps = cluster.Api.Server.Refuse(new ApiRefusal { Verb = "list", Resource = "configmaps" });
        AgentPatchChange change = await cluster.InstallAsync(AgentCluster.Patch());
        Assert.Equal(AgentPatchAction.Installed, change.Action);
        Assert.Equal(["Deployment virt-api", "Deployment virt-controller", "DaemonSet virt-handler"], change.Restarts);
        Assert.Contains(change.Warnings, warning => warning.StartsWith("Whether the Agent mounts ConfigMap datadog-agent-kubevirt-ca is not known.", StringComparison.Ordinal));
        Assert.Contains(change.Warnings, warning => warning.StartsWith("Whether another namespace has a ConfigMap datadog-agent-kubevirt-ca", StringComparison.Ordinal));
        change = await cluster.UninstallAsync();
        Assert.Equal(AgentPatchAction.Removed, change.Action);
        Assert.Contains(change.Warnings, warning => warning.StartsWith("Whether another namespace has a ConfigMap datadog-agent-kubevirt-ca", StringComparison.Ordinal));
    }

    private static async Task<string[]> KeysAsync(AgentCluster cluster) => [.. (await cluster.Api.GetAsync(Path)).Json.GetProperty("data").EnumerateObject().Select(static one => one.Name).Order(StringComparer.Ordinal)];

    private static async Task<string[]> BundleAsync(AgentCluster cluster) =>
        [.. (await cluster.Api.GetAsync(Source)).Json.GetProperty("data").GetProperty("ca-bundle").GetString()!.Split("-----BEGIN", StringSplitOptions.RemoveEmptyEntries).Select(static pem => "-----BEGIN" + pem)];

    // As openssl would name the file.
    private static async Task<string> NameAsync(string pem)
    {
        ToolResult hash = await Tool.RunAsync("openssl", ["x509", "-noout", "-subject_hash"], pem);
        Assert.True(hash.Code == 0, hash.Errors);
        return hash.Output.Trim() + ".0";
    }

    private static string Bundle(string pem) => new JsonObject { ["data"] = new JsonObject { ["ca-bundle"] = pem } }.ToJsonString();

    private static string Words(string pem) => string.Join(' ', pem.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
