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
        // Two replicas of virt-api and of virt-controller, and a virt-handler on each of two nodes; beside the generic check, virt-api has one that counts machines, with an address for the health.
        Assert.Equal(
            [
                (AgentPatchCheck.Patch, 3), (AgentPatchCheck.Operator, 1), (AgentPatchCheck.Rollout, 3), (AgentPatchCheck.Annotation, 6), (AgentPatchCheck.Endpoint, 6 + (2 * 2)), (AgentPatchCheck.ServiceAccount, 1),
                (AgentPatchCheck.Access, 2), (AgentPatchCheck.Authority, 1), (AgentPatchCheck.Mount, 2), (AgentPatchCheck.Agent, 1), (AgentPatchCheck.Metrics, 6 + 2),
            ],
            found.GroupBy(point => point.Check).OrderBy(group => group.Key).Select(group => (group.Key, group.Count())));
        Assert.Equal(found.Select(Lasting), (await cluster.TestAsync()).Select(Lasting));
        Each.Of(found.Where(point => point.Check == AgentPatchCheck.Metrics), point => Assert.Matches("^datadog-agent-[0-9a-f]+: (openmetrics 7\\.0\\.1|kubevirt_api 2\\.0\\.1) runs\\. Last run [0-9]+ s ago, last success [0-9]+ s ago, [0-9]+ samples at a time, [0-9]+ in all\\.$", point.Message));

        // The times and numbers of Agents go on.
        static string Lasting(AgentPatchStatus point) => point.Check == AgentPatchCheck.Metrics ? $"{point.State} {point.Target} {point.Message.Split('.')[0]}" : point.ToString();
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
        Assert.Equal(11, found.Select(point => point.Check).Distinct().Count());
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
            [AgentPatchCheck.Patch, AgentPatchCheck.Rollout, AgentPatchCheck.Annotation, AgentPatchCheck.Access, AgentPatchCheck.Metrics],
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
        AgentPatchStatus wrong = await EndpointAsync(cluster, pod, """{"tls_verify":true,"tls_ca_cert":"/ca","tls_use_host_header":true,"extra_headers":{"Host":"virt-api.elsewhere.svc"}}""");
        Assert.Equal(AgentPatchState.Failed, wrong.State);
        Assert.Contains("virt-api.elsewhere.svc", wrong.Message, StringComparison.Ordinal);
        Assert.Equal(("KubeVirt's certificates name services: set extra_headers with Host virt-api.kubevirt.svc in the annotations.", Setting.InstalledPatch), (wrong.Advice, wrong.Setting));
        Assert.Equal(AgentPatchState.Failed, (await EndpointAsync(cluster, pod, """{"tls_verify":true,"tls_ca_cert":"/ca"}""")).State);
        Assert.Contains("tls_ca_cert is not set", (await EndpointAsync(cluster, pod, """{"tls_verify":true}""")).Message, StringComparison.Ordinal);
        // The generic check compares the name all the same, and verifies with tls_verify off where it has authorities.
        Assert.Equal(AgentPatchState.Failed, (await EndpointAsync(cluster, pod, """{"tls_verify":"true","tls_ca_cert":"/ca","tls_validate_hostname":false}""")).State);
        Assert.Equal(AgentPatchState.Passed, (await EndpointAsync(cluster, pod, """{"tls_verify":false,"tls_ca_cert":"/ca","tls_use_host_header":true,"extra_headers":{"Host":"virt-api.kubevirt.svc"}}""")).State);
        Assert.Equal(AgentPatchState.Warning, (await EndpointAsync(cluster, pod, """{"tls_verify":false}""")).State);
        Assert.Contains("the container has no port nowhere", (await EndpointAsync(cluster, pod, "{}", port: "%%port_nowhere%%")).Message, StringComparison.Ordinal);
        AgentPatchStatus own = await EndpointAsync(cluster, pod, """{"tls_verify":true,"tls_ca_cert":"/ca","tls_use_host_header":true,"headers":{"Host":"virt-api.kubevirt.svc"}}""", "kubevirt_api");
        Assert.Equal((AgentPatchState.Failed, "Use the check openmetrics, which can verify, or turn tls_verify off."), (own.State, own.Advice));
        Assert.Contains("tls_verify is on, and check kubevirt_api hands nothing else of TLS to its scraper", own.Message, StringComparison.Ordinal);
        Assert.Equal(AgentPatchState.Warning, (await EndpointAsync(cluster, pod, "{}", "kubevirt_api")).State);
        Assert.Equal(AgentPatchState.Passed, (await EndpointAsync(cluster, pod, """{"metric_patterns":{"include":["can_connect"]}}""", "kubevirt_api")).State);
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
            Config for instance ID: kubevirt_api:1f2e
            kubevirt_api_metrics_endpoint: https://10.0.0.1:8443/metrics
            ===
            """;
        Assert.Equal([("kubevirt_api", "kubevirt_api:1f2e", "node-a")], ClusterCheckOutput.Read(Text));
        // With colours, as on a terminal.
        Assert.Equal([("openmetrics", "openmetrics:kubevirt_api:2a", "b")], ClusterCheckOutput.Read("=== \u001b[34mChecks on b\u001b[0m ===\n=== openmetrics cluster check ===\n\u001b[32mInstance ID:\u001b[0m openmetrics:kubevirt_api:2a\n"));
        Assert.Empty(ClusterCheckOutput.Read("Error: unknown command\n"));
    }

    [Theory]
    [InlineData(true, AgentPatchState.Passed)]
    [InlineData(true, AgentPatchState.Passed, AgentPatchState.Warning)]
    [InlineData(false, AgentPatchState.Passed, AgentPatchState.Skipped)]
    [InlineData(false, AgentPatchState.Skipped)]
    [InlineData(false, AgentPatchState.Passed, AgentPatchState.Failed)]
    [InlineData(false)]
    public void MetricsArriveWhereEachPodsDo(bool isArriving, params AgentPatchState[] metrics)
    {
        AgentPatchStatus Point(AgentPatchCheck check, AgentPatchState state) => new(check, "x", state, "It is so.");
        AgentPatchStatus[] points = [.. metrics.Select(state => Point(AgentPatchCheck.Metrics, state))];
        Assert.Equal(isArriving, AgentPatchTester.IsArriving([Point(AgentPatchCheck.Patch, AgentPatchState.Passed), Point(AgentPatchCheck.Access, AgentPatchState.Skipped), .. points]));
        Assert.False(AgentPatchTester.IsArriving([Point(AgentPatchCheck.Rollout, AgentPatchState.Failed), .. points]));
    }

    private static async Task<AgentPatchStatus> EndpointAsync(AgentCluster cluster, string pod, string options, string check = "openmetrics", string port = "%%port_metrics%%")
    {
        JsonObject instance = JsonNode.Parse(options)!.AsObject();
        instance[check == "openmetrics" ? "openmetrics_endpoint" : $"{check}_metrics_endpoint"] = $"https://%%host%%:{port}/metrics";
        JsonObject checks = new() { [check] = new JsonObject { ["instances"] = new JsonArray(instance) } };
        await AnnotateAsync(cluster, pod, "ad.datadoghq.com/virt-api.checks", checks.ToJsonString());
        return Assert.Single(await cluster.TestAsync(untilPassed: false), point => point.Check == AgentPatchCheck.Endpoint && point.Target == pod);
    }

    private static async Task AnnotateAsync(AgentCluster cluster, string pod, string key, string value)
    {
        JsonObject patch = new() { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [key] = value } } };
        Assert.Equal(System.Net.HttpStatusCode.OK, (await cluster.Api.PatchAsync($"/api/v1/namespaces/kubevirt/pods/{pod}", "merge-patch+json", patch.ToJsonString())).Code);
    }
}
