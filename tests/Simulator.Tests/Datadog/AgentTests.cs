using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Simulator.Api;
using KubeVirtMonitor.Simulator.Datadog;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Datadog;

/// <summary>The pods of an Agent, the files in them, and what is wrong with an Agent.</summary>
public sealed class AgentTests
{
    private const string DaemonSet = "/apis/apps/v1/namespaces/datadog/daemonsets/datadog-agent";
    private const string Mount = """{"spec":{"template":{"spec":{"volumes":[{"name":"kubevirt-ca","configMap":{"name":"datadog-agent-kubevirt-ca"OPTIONAL}}],"containers":[{"name":"agent","volumeMounts":[{"name":"kubevirt-ca","mountPath":"/etc/kubevirt-ca","readOnly":true}]}]}}}}""";
    private const string Issuer = "unable to get local issuer certificate";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_patch_with_kubectl_makes_the_pods_new_ones_that_have_the_volume()
    {
        Kubectl.Require();
        await using AgentStage stage = await AgentStage.StartAsync(new AgentOptions());
        await stage.ChecksAsync("handler/0", "openmetrics", AgentStage.Working);

        // By default nothing is mounted, as in a cluster where nobody has done anything yet.
        Assert.Contains(Issuer, stage.Result(await stage.InstanceAsync("handler/0", "openmetrics"), "handler/0").Error, StringComparison.Ordinal);
        string[] before = [.. new[] { "handler/0", "handler/1" }.Select(id => (string)stage.Agent(id)["metadata"]!["name"]!)];
        string patched = await Kubectl.OutputAsync(stage.Cluster, "patch", "daemonset", "datadog-agent", "-n", "datadog", "--type", "strategic", "-p", Mount.Replace("OPTIONAL", ",\"optional\":true", StringComparison.Ordinal));
        Assert.Equal("daemonset.apps/datadog-agent patched\n", patched);
        Assert.Contains("successfully rolled out", await Kubectl.OutputAsync(stage.Cluster, "rollout", "status", "daemonset/datadog-agent", "-n", "datadog", "--timeout", "30s"), StringComparison.Ordinal);
        await UntilAsync(() => Volumes(stage, "handler/0") == 2 && Volumes(stage, "handler/1") == 2);
        Assert.DoesNotContain((string)stage.Agent("handler/0")["metadata"]!["name"]!, before);
        string name = (string)stage.Agent("handler/0")["metadata"]!["name"]!;
        JsonNode status = JsonNode.Parse(await Kubectl.OutputAsync(stage.Cluster, "exec", "-n", "datadog", name, "-c", "agent", "--", "agent", "status", "--json"))!;
        Assert.Equal((31L, "", ""), stage.Result(Assert.Single(status["runnerStats"]!["Checks"]!["openmetrics"]!.AsObject()).Value!.AsObject(), "handler/0"));
        Assert.Equal(("agent", "7.71.0"), ((string?)status["flavor"], (string?)status["version"]));
    }

    [Fact]
    public async Task A_ConfigMap_that_is_not_optional_and_not_there_keeps_a_pod_from_beginning()
    {
        await using AgentStage stage = await AgentStage.StartAsync(new AgentOptions(), authority: false);
        Assert.Equal(HttpStatusCode.OK, (await stage.Cluster.PatchAsync(DaemonSet, "strategic-merge-patch+json", Mount.Replace("OPTIONAL", "", StringComparison.Ordinal))).Code);
        await UntilAsync(() => Pods(stage).Any(static pod => (string?)pod["status"]!["containerStatuses"]?[0]?["state"]?["waiting"]?["reason"] == "ContainerCreating"));
        await Task.Delay(200, Cancellation);

        // One after the other: the second one is still the old one.
        Assert.Equal(1, Pods(stage).Count(static pod => (string?)pod["status"]!["phase"] == "Pending"));
        Assert.Equal("1", (await stage.Cluster.GetAsync(DaemonSet)).At("status.numberReady"));
        await stage.PutAuthorityAsync(stage.Cluster.Host.CertificateAuthority.Certificate);
        await UntilAsync(() => Volumes(stage, "handler/0") == 2 && Volumes(stage, "handler/1") == 2 && Pods(stage).All(static pod => (string?)pod["status"]!["phase"] == "Running"));
    }

    [Fact]
    public async Task Pods_stay_where_the_strategy_is_OnDelete_and_come_again_where_they_are_deleted()
    {
        await using AgentStage stage = await AgentStage.StartAsync(new AgentOptions());
        string first = (string)stage.Agent("handler/0")["metadata"]!["name"]!;
        await stage.Cluster.PatchAsync(DaemonSet, "merge-patch+json", """{"spec":{"updateStrategy":{"type":"OnDelete","rollingUpdate":null}}}""");
        await stage.Cluster.PatchAsync(DaemonSet, "strategic-merge-patch+json", Mount.Replace("OPTIONAL", ",\"optional\":true", StringComparison.Ordinal));
        await Task.Delay(300, Cancellation);
        Assert.Equal((first, 1), ((string?)stage.Agent("handler/0")["metadata"]!["name"], Volumes(stage, "handler/0")));
        await stage.Cluster.SendAsync(HttpMethod.Delete, $"/api/v1/namespaces/datadog/pods/{first}");
        await UntilAsync(() => Pods(stage).Length == 2 && Volumes(stage, "handler/0") == 2);
        Assert.Equal(1, Volumes(stage, "handler/1"));
    }

    [Fact]
    public async Task A_directory_that_fills_later_is_looked_into_again_and_an_authority_is_kept()
    {
        await using AgentStage stage = await AgentStage.StartAsync(authority: false);
        await stage.ChecksAsync("handler/0", "openmetrics", AgentStage.Working);
        Assert.Contains(Issuer, await ErrorAsync(stage), StringComparison.Ordinal);
        X509Certificate2 right = stage.Cluster.Host.CertificateAuthority.Certificate;

        // Under another name than its hash it is not found; of another authority there is nothing to find.
        await stage.PutAuthorityAsync(right, "ca.crt");
        Assert.Contains(Issuer, await ErrorAsync(stage), StringComparison.Ordinal);
        await stage.PutAuthorityAsync(right, SubjectHash.Of(right.SubjectName.RawData) + ".1");
        Assert.Contains(Issuer, await ErrorAsync(stage), StringComparison.Ordinal);
        await stage.PutAuthorityAsync(Pki.New("kubevirt.io@1709121983").Certificate);
        Assert.Contains(Issuer, await ErrorAsync(stage), StringComparison.Ordinal);
        await stage.PutAuthorityAsync(right);
        Assert.Equal("", await ErrorAsync(stage));

        // Base 37.16 and later keep what they have found.
        await stage.PutAuthorityAsync(Pki.New("kubevirt.io@1709121983").Certificate);
        Assert.Equal("", await ErrorAsync(stage));
    }

    [Fact]
    public async Task An_authority_of_the_same_name_with_another_key_is_none_of_theirs()
    {
        await using AgentStage stage = await AgentStage.StartAsync(authority: false);
        X509Certificate2 right = stage.Cluster.Host.CertificateAuthority.Certificate;
        await stage.PutAuthorityAsync(Pki.New(right.Subject["CN=".Length..]).Certificate);
        await stage.ChecksAsync("handler/0", "openmetrics", AgentStage.Working);
        Assert.Contains(Issuer, await ErrorAsync(stage), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7.71.0", false)]
    [InlineData("7.68.0", true)]
    public async Task A_file_that_changes_is_read_again_by_older_Agents_alone(string version, bool again)
    {
        await using AgentStage stage = await AgentStage.StartAsync(new AgentOptions { MountsAuthority = true, Version = version }, authority: false);
        await stage.PutAuthorityAsync(Pki.New("kubevirt.io@1").Certificate, "ca.crt");
        await stage.ChecksAsync("handler/0", "openmetrics", AgentStage.But("tls_ca_cert", "\"/etc/kubevirt-ca/ca.crt\""));
        Assert.Contains(Issuer, await ErrorAsync(stage), StringComparison.Ordinal);
        await stage.PutAuthorityAsync(stage.Cluster.Host.CertificateAuthority.Certificate, "ca.crt");
        Assert.Equal(again, (await ErrorAsync(stage)).Length == 0);

        // Another configuration is another instance, which begins anew.
        await stage.ChecksAsync("handler/0", "openmetrics", AgentStage.But("tags", "[]", AgentStage.But("tls_ca_cert", "\"/etc/kubevirt-ca/ca.crt\"")));
        Assert.Equal("", await ErrorAsync(stage));
    }

    [Fact]
    public async Task Files_come_as_items_as_a_subPath_and_out_of_projections()
    {
        await using AgentStage stage = await AgentStage.StartAsync(new AgentOptions());
        JsonObject Pod(string volumes, string mounts) => JsonNode.Parse($$$"""{"metadata":{"name":"p","namespace":"datadog"},"spec":{"volumes":[{{{volumes}}}],"containers":[{"name":"agent","volumeMounts":[{{{mounts}}}]}]}}""")!.AsObject();
        ResourceStore store = stage.Cluster.Server.Store;
        await stage.Cluster.SendAsync(HttpMethod.Post, "/api/v1/namespaces/datadog/configmaps", """{"metadata":{"name":"m"},"data":{"a":"1","b":"2"}}""");
        await stage.Cluster.SendAsync(HttpMethod.Post, "/api/v1/namespaces/datadog/secrets", """{"metadata":{"name":"s"},"data":{"c":"Mw=="}}""");
        ContainerFiles items = new(store, Pod("""{"name":"v","configMap":{"name":"m","items":[{"key":"a","path":"deep/x"}]}}""", """{"name":"v","mountPath":"/etc/v/"}"""), "agent");
        Assert.Equal(("1", null, true, true, false), (Text(items, "/etc/v/deep/x"), Text(items, "/etc/v/b"), items.IsDirectory("/etc/v"), items.IsDirectory("/etc/v/deep"), items.IsDirectory("/etc/v/deep/x")));
        ContainerFiles part = new(store, Pod("""{"name":"v","configMap":{"name":"m"}}""", """{"name":"v","mountPath":"/etc/a.pem","subPath":"a"}"""), "agent");
        ContainerFiles both = new(store, Pod("""{"name":"v","projected":{"sources":[{"configMap":{"name":"m"}},{"secret":{"name":"s"}}]}}""", """{"name":"v","mountPath":"/etc/v"}"""), "agent");
        Assert.Equal(("1", false, "2", "3"), (Text(part, "/etc/a.pem"), part.IsDirectory("/etc/a.pem"), Text(both, "/etc/v/b"), Text(both, "/etc/v//c")));
        await stage.Cluster.PatchAsync("/api/v1/namespaces/datadog/configmaps/m", "merge-patch+json", """{"data":{"a":"new"}}""");
        Assert.Equal(("new", "1", "new"), (Text(items, "/etc/v/deep/x"), Text(part, "/etc/a.pem"), Text(both, "/etc/v/a")));
        ContainerFiles absent = new(store, Pod("""{"name":"v","configMap":{"name":"none","optional":true}}""", """{"name":"v","mountPath":"/etc/v"}"""), "agent");
        Assert.Equal((true, null, false), (absent.IsDirectory("/etc/v"), Text(absent, "/etc/v/a"), absent.IsDirectory("/etc/other")));
        Assert.Equal("configmap \"none\" not found", Assert.Single(ContainerFiles.Missing(store, Pod("""{"name":"v","configMap":{"name":"none"}}""", ""))));
    }

    [Fact]
    public async Task Runs_are_as_far_apart_as_the_interval_by_the_clock_of_the_cluster()
    {
        FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using AgentStage stage = await AgentStage.StartAsync(new AgentOptions { MountsAuthority = true, RunStep = null }, time);
        await stage.ChecksAsync("handler/0", "openmetrics", AgentStage.But("min_collection_interval", "20"));
        async Task<(long, long, long)> LookAsync()
        {
            JsonObject instance = await stage.InstanceAsync("handler/0", "openmetrics");
            Assert.Equal(20_000_000_000L, (long)instance["Interval"]!);
            return ((long)instance["TotalRuns"]!, (long)instance["UpdateTimestamp"]!, (long)instance["LastSuccessDate"]!);
        }

        const long Began = 1_767_225_600;
        Assert.Equal((1, Began, Began), await LookAsync());
        time.Advance(TimeSpan.FromSeconds(19));
        Assert.Equal((1, Began, Began), await LookAsync());
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((2, Began + 20, Began + 20), await LookAsync());

        // A failure moves the last run, not the last success; a run without samples leaves their number.
        stage.Cluster.Host["handler/0"].Fault = KubeVirtMonitor.Simulator.Fault.Parse("status:500");
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal((3, Began + 50, Began + 20), await LookAsync());
        JsonObject last = await stage.InstanceAsync("handler/0", "openmetrics");
        Assert.Equal((31L, 62L, 1L, 3L), ((long)last["MetricSamples"]!, (long)last["TotalMetricSamples"]!, (long)last["TotalErrors"]!, (long)last["TotalServiceChecks"]!));
    }

    [Fact]
    public async Task Faults_of_an_Agent_are_seen_in_its_answers()
    {
        await using AgentStage stage = await AgentStage.StartAsync();
        await stage.ChecksAsync("handler/0", "openmetrics", AgentStage.Working);
        SimulatedAgents agents = stage.Cluster.Server.Agents!;
        agents.Fault = AgentFault.Hanging;
        JsonNode runner = (await stage.StatusAsync())["runnerStats"]!;
        Assert.Empty(runner["Checks"]!.AsObject());
        Assert.StartsWith("openmetrics:kubevirt_handler:", Assert.Single(runner["Running"]!.AsObject()).Key, StringComparison.Ordinal);
        Assert.True(DateTimeOffset.TryParse((string?)runner["Running"]!.AsObject().First().Value, out _));
        agents.Fault = AgentFault.NoPython;
        JsonObject status = await stage.StatusAsync();
        Assert.Empty(status["runnerStats"]!["Checks"]!.AsObject());
        Assert.StartsWith("could not initialize rtloader", (string?)Assert.Single(status["pythonInit"]!["Errors"]!.AsArray()), StringComparison.Ordinal);
        agents.Fault = AgentFault.Unreachable;
        (int code, string output, _) = await stage.RunAsync("handler/0", "agent", "agent", "status", "--json");
        Assert.Equal((255, true), (code, output.StartsWith("Could not reach agent: ", StringComparison.Ordinal)));
        agents.Fault = AgentFault.NoJson;
        (code, output, _) = await stage.RunAsync("handler/0", "agent", "agent", "status", "--json");
        Assert.Equal((0, true), (code, output.StartsWith("===============\nAgent (v7.71.0)\n", StringComparison.Ordinal)));
        agents.Fault = AgentFault.None;
        (_, output, _) = await stage.RunAsync("handler/0", "agent", "agent", "status");
        Assert.Matches("Instance ID: openmetrics:kubevirt_handler:[0-9a-f]{16} \\[OK\\]\n +Configuration Source: container:containerd://[0-9a-f]{64}\n +Total Runs: 2\n +Metric Samples: Last Run: 31, Total: 62\n", output);
    }

    [Fact]
    public async Task Faults_are_set_from_outside_and_exec_can_be_refused()
    {
        await using AgentStage stage = await AgentStage.StartAsync(new AgentOptions { Fault = AgentFault.NotRun });
        Assert.Equal(HttpStatusCode.BadRequest, (await stage.Cluster.SendAsync(HttpMethod.Put, "/simulator/agent", """{"fault":"lazy"}""")).Code);
        Assert.Equal(HttpStatusCode.NoContent, (await stage.Cluster.SendAsync(HttpMethod.Put, "/simulator/agent", """{"fault":"no-json"}""")).Code);
        Assert.Equal(AgentFault.NoJson, stage.Cluster.Server.Agents!.Fault);
        await stage.Cluster.SendAsync(HttpMethod.Put, "/simulator/agent", """{"fault":null}""");
        Assert.Equal(AgentFault.None, stage.Cluster.Server.Agents.Fault);
        string exec = $"/api/v1/namespaces/datadog/pods/{stage.Agent("handler/0")["metadata"]!["name"]}/exec?command=agent&stdout=true";
        using IDisposable refusal = stage.Cluster.Server.Refuse(new ApiRefusal { Resource = "pods/exec" });
        Assert.Equal(HttpStatusCode.Forbidden, (await stage.Cluster.GetAsync(exec)).Code);
    }

    [Fact]
    public async Task Failures_are_JSON_in_a_text_with_blanks_in_old_Agents()
    {
        foreach ((string version, string start) in new[] { ("7.71.0", "[{\"message\":\"There was"), ("7.57.0", "[{\"message\": \"There was") })
        {
            await using AgentStage stage = await AgentStage.StartAsync(new AgentOptions { Version = version });
            await stage.ChecksAsync("handler/0", "openmetrics", AgentStage.But("tls_ca_cert", null));
            string error = (string)(await stage.InstanceAsync("handler/0", "openmetrics"))["LastError"]!;
            Assert.StartsWith(start, error, StringComparison.Ordinal);
            Assert.StartsWith("Traceback (most recent call last):\n", (string?)JsonNode.Parse(error)![0]!["traceback"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_Cluster_Agent_runs_none_of_the_checks_of_pods_and_containers_beside_the_Agent_have_no_program()
    {
        await using AgentStage stage = await AgentStage.StartAsync(new AgentOptions { SecondNamespace = "monitoring", MountsAuthority = true });
        await stage.ChecksAsync("handler/0", "openmetrics", AgentStage.Working);
        JsonObject cluster = stage.Cluster.Server.Store["", "pods"].List().Single(static pod => pod.Namespace == "datadog" && pod.Labels["agent.datadoghq.com/component"] == "cluster-agent").ToJson();
        (int code, string output, _) = await stage.RunAsync(cluster, "cluster-agent", "datadog-cluster-agent", "status", "--json");
        Assert.Equal((0, "cluster_agent", "{}"), (code, (string?)JsonNode.Parse(output)!["flavor"], JsonNode.Parse(output)!["runnerStats"]!["Checks"]!.ToJsonString()));
        (_, output, _) = await stage.RunAsync(cluster, "cluster-agent", "agent", "clusterchecks");
        Assert.StartsWith("=== 2 agents reporting ===\n\nName    Running checks\nnode0", output, StringComparison.Ordinal);
        Assert.Equal((127, "", "sh: agent: not found\n"), await stage.RunAsync("handler/0", "trace-agent", "agent", "status"));
        Assert.Equal((255, "", "Error: unknown flag: --nope\n"), await stage.RunAsync("handler/0", "agent", "agent", "status", "--nope"));

        // Two Agents on a node both run it.
        (_, output, _) = await stage.RunAsync(stage.Agent("handler/0", "monitoring"), "agent", "agent", "status", "-j");
        JsonObject second = Assert.Single(JsonNode.Parse(output)!["runnerStats"]!["Checks"]!["openmetrics"]!.AsObject()).Value!.AsObject();
        Assert.Contains(Issuer, stage.Result(second, "handler/0").Error, StringComparison.Ordinal);
        Assert.Equal("", await ErrorAsync(stage));
    }

    private static async Task<string> ErrorAsync(AgentStage stage) => stage.Result(await stage.InstanceAsync("handler/0", "openmetrics"), "handler/0").Error;

    private static string? Text(ContainerFiles files, string path) => files.Read(path) is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes) : null;

    private static JsonObject[] Pods(AgentStage stage) =>
        [.. stage.Cluster.Server.Store["", "pods"].List().Where(static pod => pod.Namespace == "datadog" && pod.Labels["agent.datadoghq.com/component"] == "agent").Select(static pod => pod.ToJson())];

    private static int Volumes(AgentStage stage, string id) => Pods(stage).Where(pod => (string?)pod["spec"]!["nodeName"] == stage.Cluster.Host[id].Pod.Node).Select(static pod => pod["spec"]!["volumes"]!.AsArray().Count).FirstOrDefault();

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (int i = 0; i < 400; i++)
        {
            if (holds()) return;
            await Task.Delay(25, Cancellation);
        }

        Assert.Fail("It did not come about in 10 seconds.");
    }
}
