using System.Diagnostics;
using System.Text.Json.Nodes;
using KubeVirtMonitor.AgentSetup;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Simulator.Api;
using KubeVirtMonitor.Simulator.Datadog;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentSetup;

/// <summary>What a test of the setup says of each fault of the simulated Agents, which run the configuration as the checks' code does.</summary>
public sealed class AgentFaultTests
{
    [Fact]
    public async Task WithoutTheMountNothingArrives()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync(agent: new AgentOptions());
        AgentPatchStatus[] found = await RolledOutAsync(cluster, AgentCluster.Patch(), Runs);
        Each.Of(found.Where(point => point.Check == AgentPatchCheck.Mount), point => Assert.Equal((AgentPatchState.Failed, "Container agent has nothing mounted at /etc/kubevirt-ca, where the annotations expect KubeVirt's authorities."), (point.State, point.Message)));
        Assert.Equal(AgentPatchState.Passed, Assert.Single(found, point => point.Check == AgentPatchCheck.Authority).State);
        Each.Of(Generic(found), point =>
        {
            Assert.Equal((AgentPatchState.Failed, "The Agent does not have the authority that issued the certificate: it is missing, not mounted, or an old one. The points Authority and Mount show which; a ConfigMap that has changed reaches the container within two minutes."), (point.State, point.Advice));
            Assert.Contains("certificate verify failed: unable to get local issuer certificate", point.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task WithYesterdaysAuthorityNothingArrives()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        await cluster.InstallAsync(AgentCluster.Patch());
        Pki old = Pki.New("kubevirt.io@1600000000");
        ToolResult hash = await Tool.RunAsync("openssl", ["x509", "-noout", "-subject_hash"], old.AuthorityPem);
        Assert.True(hash.Code == 0, hash.Errors);
        const string Path = "/api/v1/namespaces/datadog/configmaps/datadog-agent-kubevirt-ca";
        JsonObject data = [];
        foreach (string key in (await cluster.Api.GetAsync(Path)).Json.GetProperty("data").EnumerateObject().Select(static one => one.Name)) data[key] = null;
        data[hash.Output.Trim() + ".0"] = old.AuthorityPem;
        Assert.Equal(System.Net.HttpStatusCode.OK, (await cluster.Api.PatchAsync(Path, "merge-patch+json", new JsonObject { ["data"] = data }.ToJsonString())).Code);
        AgentPatchStatus[] found = await RolledOutAsync(cluster, null, Runs);
        AgentPatchStatus point = Assert.Single(found, point => point.Check == AgentPatchCheck.Authority);
        Assert.Equal(AgentPatchState.Failed, point.State);
        Assert.StartsWith("Of the 2 authorities that KubeVirt uses now, it lacks CN=", point.Message, StringComparison.Ordinal);
        Each.Of(Generic(found), point => Assert.Contains("unable to get local issuer certificate", point.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task TheChecksForKubeVirtArriveWithTheirDefects()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        await cluster.InstallAsync(AgentCluster.Patch(new AgentPatchOptions { Check = AgentCheck.KubeVirt }));
        AgentPatchStatus[] found = [.. await cluster.TestAsync()];
        Assert.DoesNotContain(found, point => point.State == AgentPatchState.Failed);
        Assert.DoesNotContain(found, point => point.Check is AgentPatchCheck.Authority or AgentPatchCheck.Mount);
        Each.Of(found.Where(point => point.Check is AgentPatchCheck.Metrics or AgentPatchCheck.Endpoint), point => Assert.Equal(AgentPatchState.Warning, point.State));
        AgentPatchStatus handler = found.First(point => point is { Check: AgentPatchCheck.Metrics, Component: ComponentKind.Handler });
        Assert.EndsWith(" in all. Version 2.0.1 of kubevirt_handler sends counters as totals instead of increments, and loses the first bucket of each histogram.", handler.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AgentFault.NotRun, AgentPatchState.Failed, "has not run openmetrics for this pod yet.", true)]
    [InlineData(AgentFault.Hanging, AgentPatchState.Failed, "the first run of openmetrics has been going on for ", true)]
    [InlineData(AgentFault.NoPython, AgentPatchState.Failed, "runs no check written in Python, because its Python did not start: could not initialize rtloader", false)]
    [InlineData(AgentFault.Unreachable, AgentPatchState.Skipped, "Whether openmetrics runs is not known: ", true)]
    [InlineData(AgentFault.NoJson, AgentPatchState.Skipped, "Whether openmetrics runs is not known: datadog-agent-", false)]
    public async Task AFaultOfTheAgentIsNamed(AgentFault fault, AgentPatchState state, string message, bool isWaitedFor)
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync(agent: new AgentOptions { MountsAuthority = true, Fault = fault });
        // An Agent runs two checks at a time: of three that hang, one would never begin.
        AgentPatch patch = AgentCluster.Patch(new AgentPatchOptions { Components = [ComponentKind.Handler] });
        Each.Of(Handlers(await RolledOutAsync(cluster, patch, point => point.Message.Contains(message, StringComparison.Ordinal))), point =>
        {
            Assert.Equal(state, point.State);
            Assert.Contains(message, point.Message, StringComparison.Ordinal);
            Assert.Equal(isWaitedFor, point.Setting == Setting.Timeout);
        });
    }

    [Fact]
    public async Task AnAgentThatDoesNotReadTheAnnotationIsTooOld()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync(agent: new AgentOptions { MountsAuthority = true, Version = "7.35.0" });
        Each.Of(Handlers(await RolledOutAsync(cluster, AgentCluster.Patch())), point =>
        {
            Assert.Equal((AgentPatchState.Failed, Setting.AnnotationVersion), (point.State, point.Setting));
            Assert.Contains(" is Agent 7.35.0, which does not read the annotation ad.datadoghq.com/virt-", point.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task AnAgentWithoutTheChecksForKubeVirtIsTooOld()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync(agent: new AgentOptions { MountsAuthority = true, Version = "7.58.0" });
        AgentPatchStatus[] found = await RolledOutAsync(cluster, AgentCluster.Patch(), Runs);
        AgentPatchStatus[] counts = [.. found.Where(point => point.Check == AgentPatchCheck.Metrics && point.Message.Contains("kubevirt_api", StringComparison.Ordinal))];
        Each.Of(counts, point => Assert.EndsWith(" is Agent 7.58.0, which has no check kubevirt_api: Agents have it since 7.59.", point.Message, StringComparison.Ordinal));
        Each.Of(Generic(found), point => Assert.Equal(AgentPatchState.Passed, point.State));
    }

    [Fact]
    public async Task TwoAgentsAreBothNamed()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync(agent: new AgentOptions { MountsAuthority = true, SecondNamespace = "monitoring" });
        await cluster.InstallAsync(AgentCluster.Patch(new AgentPatchOptions { Check = AgentCheck.KubeVirt }));
        IReadOnlyList<AgentPatchStatus> found = await cluster.TestUntilAsync(point => point.Message.Contains("2 Agents run it", StringComparison.Ordinal));
        AgentPatchStatus point = Assert.Single(found, point => point is { Check: AgentPatchCheck.Agent, State: AgentPatchState.Warning });
        Assert.StartsWith("The same nodes have 2 Agents, DaemonSet datadog/datadog-agent and DaemonSet monitoring/datadog-agent: ", point.Message, StringComparison.Ordinal);
        Assert.Contains(found, point => point.Check == AgentPatchCheck.Metrics && System.Text.RegularExpressions.Regex.IsMatch(point.Message, @" 2 Agents run it for this pod, datadog-agent-\w+ and monitoring/datadog-agent-\w+: its metrics are sent twice\."));
    }

    [Fact]
    public async Task WhoMayNotRunCommandsInTheAgentIsToldSoAfterOneQuestion()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        await cluster.InstallAsync(AgentCluster.Patch());
        Assert.DoesNotContain(await cluster.TestAsync(), point => point.State == AgentPatchState.Failed);
        KubernetesConnection monitor = KubernetesConnection.FromToken(cluster.Api.Server.Uri, cluster.Api.Server.Tokens.Issue(new ApiUser("monitor")), new ServerOptions { CertificateAuthority = cluster.Api.Server.Kubeconfig.AuthorityFile });
        using KubeVirtSession session = await cluster.Api.OpenAsync(connection: monitor);
        int before = Asked();
        IReadOnlyList<AgentPatchStatus> found = await new AgentPatchTester(session, null, TimeSpan.FromSeconds(10)).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Each.Of(found.Where(point => point.Check == AgentPatchCheck.Metrics), point =>
        {
            Assert.Equal((AgentPatchState.Skipped, (Setting?)null), (point.State, point.Setting));
            Assert.Matches("^Whether (openmetrics|kubevirt_api) runs is not known: user 'monitor' may not .*pods/exec", point.Message);
        });
        // Of the two Agents one was asked, with both protocols of the stream; waiting would be of no use.
        Assert.InRange(Asked() - before, 1, 2);
        Assert.DoesNotContain(found, point => point.State == AgentPatchState.Failed);
        // The Cluster Agent cannot be asked by them either.
        Assert.Matches("^Whether the Cluster Agent runs the same checks as well is not known: user 'monitor' may not .*pods/exec", Assert.Single(found, static point => point is { Check: AgentPatchCheck.Agent, State: AgentPatchState.Skipped }).Message);

        int Asked() => cluster.Api.Server.Log.Requests.Count(request => request.Path.EndsWith("/exec", StringComparison.Ordinal) && request.Query.Contains("status", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AnAgentThatFailsWithTheCommandIsWaitedFor()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        await cluster.InstallAsync(AgentCluster.Patch());
        Assert.DoesNotContain(await cluster.TestAsync(), point => point.State == AgentPatchState.Failed);
        cluster.Api.Server.Commands["agent"] = static async (context, cancellation) =>
        {
            await context.WriteErrorAsync("Error: unable to read the authentication token file: open /etc/datadog-agent/auth_token: permission denied\n", cancellation);
            return 255;
        };
        AgentPatchStatus[] found = [.. await cluster.TestAsync(untilPassed: false)];
        Each.Of(found.Where(point => point.Check == AgentPatchCheck.Metrics), point => Assert.Equal((AgentPatchState.Skipped, Setting.Timeout), (point.State, point.Setting)));
        Assert.Contains("ended with 255: Error: unable to read the authentication token file: ", Generic(found)[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatTheClusterAgentRunsAsWellIsAWarning()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        cluster.Api.Server.Commands["datadog-cluster-agent"] = static async (context, cancellation) =>
        {
            await context.WriteAsync("===== Checks on node01 =====\n\n=== openmetrics cluster check ===\nConfig for instance ID: openmetrics:kubevirt_handler:1f\n===\n\n=== openmetrics cluster check ===\nConfig for instance ID: openmetrics:coredns:2a\n===\n", cancellation);
            return 0;
        };
        await cluster.InstallAsync(AgentCluster.Patch());
        AgentPatchStatus point = Assert.Single(await cluster.TestAsync(), static point => point is { Check: AgentPatchCheck.Agent, State: AgentPatchState.Warning });
        Assert.StartsWith("datadog-cluster-agent-", point.Target, StringComparison.Ordinal);
        Assert.Equal("The Cluster Agent runs check openmetrics as well, on node01: its metrics are collected twice.", point.Message);
    }

    [Theory]
    [InlineData("Cluster-check dispatching logic not running: not leader\n", "^Whether the Cluster Agent runs the same checks as well is not known: datadog-cluster-agent-\\S+ does not give out checks now\\.$")]
    [InlineData("=== Warmup in progress ===\n", "^Whether the Cluster Agent runs the same checks as well is not known: datadog-cluster-agent-\\S+ does not give out checks now\\.$")]
    [InlineData(null, "^Whether the Cluster Agent runs the same checks as well is not known: .*ended with 255: Error: no token")]
    public async Task AClusterAgentThatDoesNotTellIsSkippedWithTheReason(string? output, string message)
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        cluster.Api.Server.Commands["datadog-cluster-agent"] = async (context, cancellation) =>
        {
            if (output is null) await context.WriteErrorAsync("Error: no token\n", cancellation);
            else await context.WriteAsync(output, cancellation);
            return output is null ? 255 : 0;
        };
        await cluster.InstallAsync(AgentCluster.Patch());
        AgentPatchStatus point = Assert.Single(await cluster.TestAsync(), static point => point is { Check: AgentPatchCheck.Agent, State: AgentPatchState.Skipped });
        Assert.StartsWith("datadog-cluster-agent-", point.Target, StringComparison.Ordinal);
        Assert.Matches(message, point.Message);
        Assert.Equal(Setting.Timeout, point.Setting);
    }

    [Fact]
    public async Task TheNamesOfAClusterAgentAreShownAsTextOfOthers()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        cluster.Api.Server.Commands["datadog-cluster-agent"] = static async (context, cancellation) =>
        {
            await context.WriteAsync("===== Checks on https://me:secret@node =====\n\n=== openmetrics cluster check ===\nConfig for instance ID: openmetrics:kubevirt_handler:1f\n===\n", cancellation);
            return 0;
        };
        await cluster.InstallAsync(AgentCluster.Patch());
        AgentPatchStatus point = Assert.Single(await cluster.TestAsync(), static point => point is { Check: AgentPatchCheck.Agent, State: AgentPatchState.Warning });
        Assert.Equal("The Cluster Agent runs check openmetrics as well, on https://[redacted]@node: its metrics are collected twice.", point.Message);
    }

    [Fact]
    public async Task AnnotationsThatTheAgentCannotUseAreInItsWords()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        await cluster.InstallAsync(AgentCluster.Patch());
        Assert.DoesNotContain(await cluster.TestAsync(), point => point.State == AgentPatchState.Failed);
        string pod = cluster.Api.Pod("handler/0");
        JsonObject patch = new() { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["ad.datadoghq.com/virt-handlr.checks"] = "{}" } } };
        Assert.Equal(System.Net.HttpStatusCode.OK, (await cluster.Api.PatchAsync($"/api/v1/namespaces/kubevirt/pods/{pod}", "merge-patch+json", patch.ToJsonString())).Code);
        IReadOnlyList<AgentPatchStatus> found = await cluster.TestUntilAsync(static point => point is { Check: AgentPatchCheck.Annotation, State: AgentPatchState.Failed });
        AgentPatchStatus point = Assert.Single(found, static point => point is { Check: AgentPatchCheck.Annotation, State: AgentPatchState.Failed });
        Assert.Equal(pod, point.Target);
        Assert.Matches("^datadog-agent-[0-9a-f]+ cannot use the annotations: annotation ad\\.datadoghq\\.com/virt-handlr\\.checks is invalid: virt-handlr doesn't match a container identifier \\[virt-handler\\]", point.Message);
    }

    [Fact]
    public async Task WhatOthersHavePutInIsTestedToo()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        const string Instance = """{"kubevirt_handler_metrics_endpoint":"https://%%host%%:%%port%%/metrics","kubevirt_handler_healthz_endpoint":"https://%%host%%:%%port%%/healthz","kube_namespace":"%%kube_namespace%%","kube_pod_name":"%%kube_pod_name%%","tls_verify":"false"}""";
        JsonObject annotations = new()
        {
            ["ad.datadoghq.com/virt-handler.check_names"] = """["kubevirt_handler"]""",
            ["ad.datadoghq.com/virt-handler.init_configs"] = "[{}]",
            ["ad.datadoghq.com/virt-handler.instances"] = $"[{Instance}]",
        };
        JsonObject patch = new() { ["spec"] = new JsonObject { ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } } } };
        JsonObject entry = new() { ["resourceType"] = "DaemonSet", ["resourceName"] = "virt-handler", ["type"] = "strategic", ["patch"] = patch.ToJsonString() };
        await cluster.ChangeAsync(new JsonObject { ["spec"] = new JsonObject { ["customizeComponents"] = new JsonObject { ["patches"] = new JsonArray(entry) } } });
        AgentPatchStatus[] found = await RolledOutAsync(cluster, null, static point => point.State == AgentPatchState.Warning, "kubevirt_handler");
        // virt-handler's check counts no machines: it needs no permission, and nobody has given one.
        Assert.DoesNotContain(found, point => point.State == AgentPatchState.Failed || point.Check == AgentPatchCheck.Access);
        Assert.Equal("The patch of DaemonSet virt-handler is there.", Assert.Single(found, point => point.Check == AgentPatchCheck.Patch).Message);
        Assert.Equal("datadog/datadog-agent", Assert.Single(found, point => point.Check == AgentPatchCheck.Agent).Target);
        Assert.Equal(2, found.Count(point => point.Check == AgentPatchCheck.Metrics));
    }

    private static bool Runs(AgentPatchStatus point) => point.Check == AgentPatchCheck.Metrics && point.Message.Contains("ast run ", StringComparison.Ordinal);

    private static AgentPatchStatus[] Generic(IEnumerable<AgentPatchStatus> found) => [.. found.Where(point => point.Check == AgentPatchCheck.Metrics && point.Message.Contains("openmetrics", StringComparison.Ordinal))];

    private static AgentPatchStatus[] Handlers(IEnumerable<AgentPatchStatus> found) => [.. found.Where(point => point is { Check: AgentPatchCheck.Metrics, Component: ComponentKind.Handler })];

    // Installs, and tests until the pods carry the annotations and the Agents have run what they can.
    private static async Task<AgentPatchStatus[]> RolledOutAsync(AgentCluster cluster, AgentPatch? patch, Func<AgentPatchStatus, bool>? isWanted = null, string check = "openmetrics")
    {
        if (patch is not null) await cluster.InstallAsync(patch);
        // By the clock: on a busy machine a number of looks is over before a run that hangs is seen as one.
        Stopwatch clock = Stopwatch.StartNew();
        while (true)
        {
            AgentPatchStatus[] found = [.. await cluster.TestAsync(untilPassed: false)];
            bool isRolledOut = found.Where(point => point.Check is AgentPatchCheck.Operator or AgentPatchCheck.Rollout or AgentPatchCheck.Annotation).All(point => point.State != AgentPatchState.Failed);
            if (clock.Elapsed > TimeSpan.FromSeconds(60) || (isRolledOut && (isWanted is null || found.Where(point => point.Check == AgentPatchCheck.Metrics && point.Message.Contains(check, StringComparison.Ordinal)).All(isWanted)))) return found;
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }
}
