using System.Text.Json.Nodes;
using KubeVirtMonitor.AgentSetup;
using KubeVirtMonitor.Simulator;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentSetup;

/// <summary>What a test of the setup says.</summary>
public sealed class TesterTests
{
    [Theory]
    [InlineData(ComponentRoute.Direct, 1)]
    [InlineData(ComponentRoute.PortForward, 2)]
    public async Task WhatIsInstalledPassesEachPoint(ComponentRoute route, int version)
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync(route);
        AgentPatch patch = AgentCluster.Patch(new AgentPatchOptions { AnnotationVersion = version });
        await cluster.InstallAsync(patch);
        IReadOnlyList<AgentPatchStatus> found = await cluster.TestAsync(patch);
        Each.Of(found, point => Assert.Equal(AgentPatchState.Passed, point.State));
        int pods = cluster.Api.Host.Endpoints.Count(endpoint => endpoint.Pod.Component != ComponentKind.Operator);
        Assert.Equal(
            [(AgentPatchCheck.Patch, 3), (AgentPatchCheck.Operator, 1), (AgentPatchCheck.Rollout, 3), (AgentPatchCheck.Annotation, pods), (AgentPatchCheck.Endpoint, 2 * pods), (AgentPatchCheck.ServiceAccount, 1), (AgentPatchCheck.Access, 2), (AgentPatchCheck.Agent, 1), (AgentPatchCheck.Dispatch, 3)],
            found.GroupBy(point => point.Check).OrderBy(group => group.Key).Select(group => (group.Key, group.Count())));
        Assert.Equal(found.Select(point => point.ToString()), (await cluster.TestAsync()).Select(point => point.ToString()));
    }

    [Fact]
    public async Task WhatHasPassedIsNotAskedAgainWhileItWaits()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        AgentPatch patch = AgentCluster.Patch();
        AgentPatchTester tester = new(cluster.Session, patch, TimeSpan.FromSeconds(10));
        // Nothing is there yet: three looks (at once, after 1 second, at the end) ask no Agent before the last of them.
        IReadOnlyList<AgentPatchStatus> before = await tester.WaitAsync(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        Assert.Contains(before, point => point is { Check: AgentPatchCheck.Patch, State: AgentPatchState.Failed });
        int asked = Count(cluster, "/exec");
        Assert.Equal(1, Count(cluster, "/serviceaccounts/datadog-agent"));
        await cluster.InstallAsync(patch);
        IReadOnlyList<AgentPatchStatus> found = await tester.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Each.Of(found, point => Assert.Equal(AgentPatchState.Passed, point.State));
        Assert.Equal(9, found.Select(point => point.Check).Distinct().Count());
        // One look of Install and one of the test at the account; the permissions once failed and once passed: 2 questions each.
        int reviews = Count(cluster, "/subjectaccessreviews");
        int pods = Count(cluster, "/exec") - asked;
        Assert.InRange(pods, 1, 6);
        await tester.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.Equal((reviews, asked + pods), (Count(cluster, "/subjectaccessreviews"), Count(cluster, "/exec")));
        static int Count(AgentCluster cluster, string end) => cluster.Api.Server.Log.Requests.Count(request => request.Path.EndsWith(end, StringComparison.Ordinal));
    }

    [Fact]
    public async Task BeforeItIsInstalledThePointsFailOneByOne()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        IReadOnlyList<AgentPatchStatus> found = await cluster.TestAsync(AgentCluster.Patch(), untilPassed: false);
        Assert.Equal(
            [AgentPatchCheck.Patch, AgentPatchCheck.Rollout, AgentPatchCheck.Annotation, AgentPatchCheck.Access, AgentPatchCheck.Dispatch],
            found.Where(point => point.State == AgentPatchState.Failed).Select(point => point.Check).Distinct().Order());
        Each.Of(found.Where(point => point.State == AgentPatchState.Failed), point => Assert.NotEmpty(point.Advice));
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => cluster.TestAsync());
        Assert.Equal(("Install one, or specify the patch to look for.", Setting.AgentPatch), (error.Advice, error.Setting));
    }

    [Fact]
    public async Task TheTlsSettingsThatAreStatedAreTheOnesThatAreTried()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        await cluster.InstallAsync(AgentCluster.Patch());
        Assert.DoesNotContain(await cluster.TestAsync(), point => point.State == AgentPatchState.Failed);
        string pod = cluster.Api.Pod("api/0");
        AgentPatchStatus wrong = await EndpointAsync(cluster, pod, """{"tls_verify":true,"tls_ca_cert":"/ca","tls_use_host_header":true,"headers":{"Host":"virt-api.elsewhere.svc"}}""");
        Assert.Equal(AgentPatchState.Failed, wrong.State);
        Assert.Contains("virt-api.elsewhere.svc", wrong.Message, StringComparison.Ordinal);
        Assert.Equal(AgentPatchState.Failed, (await EndpointAsync(cluster, pod, """{"tls_verify":true,"tls_ca_cert":"/ca"}""")).State);
        Assert.Contains("tls_ca_cert is not set", (await EndpointAsync(cluster, pod, """{"tls_verify":true}""")).Message, StringComparison.Ordinal);
        Assert.Equal(AgentPatchState.Passed, (await EndpointAsync(cluster, pod, """{"tls_verify":"true","tls_ca_cert":"/ca","tls_validate_hostname":false}""")).State);
        Assert.Equal(AgentPatchState.Warning, (await EndpointAsync(cluster, pod, "{}")).State);
    }

    [Fact]
    public async Task WhatDoesNotAnswerOrIsNoJsonFailsAtItsPod()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        await cluster.InstallAsync(AgentCluster.Patch());
        Assert.DoesNotContain(await cluster.TestAsync(), point => point.State == AgentPatchState.Failed);
        cluster.Api.Host["handler/1"].Fault = Fault.Parse("status:500");
        await AnnotateAsync(cluster, cluster.Api.Pod("controller/0"), "ad.datadoghq.com/virt-controller.checks", "{not json");
        AgentPatchStatus[] failed = [.. (await cluster.TestAsync(untilPassed: false)).Where(point => point.State == AgentPatchState.Failed && point.Check is AgentPatchCheck.Annotation or AgentPatchCheck.Endpoint && point.State == AgentPatchState.Failed)];
        Assert.Contains(failed, point => point.Check == AgentPatchCheck.Annotation && point.Target == cluster.Api.Pod("controller/0") && point.Message.Contains("is not JSON", StringComparison.Ordinal));
        Assert.Contains(failed, point => point.Check == AgentPatchCheck.Endpoint && point.Target == cluster.Api.Pod("handler/1") && point.Message.Contains("500", StringComparison.Ordinal));
        Assert.Equal([cluster.Api.Pod("controller/0"), cluster.Api.Pod("handler/1")], failed.Select(point => point.Target).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void WhatTheAgentsPrintIsRead()
    {
        const string Text = """
            === 2 agents reporting ===

            Name                                            Running checks
            node-a                                          1

            === 1 unscheduled checks ===

            === kubevirt_handler check ===
            ===

            ===== Checks on node-a =====

            === kubevirt_api check ===
            Configuration provider: kubernetes-endpoints
            kubevirt_api_metrics_endpoint: https://10.0.0.1:8443/metrics
            ===
            """;
        Assert.Equal([("kubevirt_api", "node-a")], DispatchOutput.Read(Text, "here"));
        Assert.Equal([("kubevirt_controller", "here")], DispatchOutput.Read("\u001b[32m=== \u001b[0mkubevirt_controller check ===\n", "here"));
        Assert.Empty(DispatchOutput.Read("Error: unknown command\n", "here"));
    }

    private static async Task<AgentPatchStatus> EndpointAsync(AgentCluster cluster, string pod, string options)
    {
        JsonObject instance = JsonNode.Parse(options)!.AsObject();
        instance["kubevirt_api_metrics_endpoint"] = "https://%%host%%:%%port%%/metrics";
        JsonObject checks = new() { ["kubevirt_api"] = new JsonObject { ["instances"] = new JsonArray(instance) } };
        await AnnotateAsync(cluster, pod, "ad.datadoghq.com/virt-api.checks", checks.ToJsonString());
        return Assert.Single(await cluster.TestAsync(untilPassed: false), point => point.Check == AgentPatchCheck.Endpoint && point.Target == pod);
    }

    private static async Task AnnotateAsync(AgentCluster cluster, string pod, string key, string value)
    {
        JsonObject patch = new() { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [key] = value } } };
        Assert.Equal(System.Net.HttpStatusCode.OK, (await cluster.Api.PatchAsync($"/api/v1/namespaces/kubevirt/pods/{pod}", "merge-patch+json", patch.ToJsonString())).Code);
    }
}
