using System.Text.Json.Nodes;
using KubeVirtMonitor.Simulator.Datadog;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Datadog;

/// <summary>Which annotations an Agent reads, what it makes of them, and what it says about those that it cannot use.</summary>
public sealed class AutodiscoveryTests
{
    private const string Names = "ad.datadoghq.com/virt-handler.check_names";
    private const string Inits = "ad.datadoghq.com/virt-handler.init_configs";
    private const string Instances = "ad.datadoghq.com/virt-handler.instances";
    private const string Checks = "ad.datadoghq.com/virt-handler.checks";

    [Fact]
    public async Task An_instance_is_joined_to_its_pod_by_the_id_of_the_container()
    {
        await using AgentStage stage = await AgentStage.StartAsync();
        await stage.ChecksAsync("handler/0", "openmetrics", AgentStage.Working);
        JsonObject instance = await stage.InstanceAsync("handler/0", "openmetrics");
        ApiReply pod = await stage.Cluster.GetAsync($"/api/v1/namespaces/kubevirt/pods/{stage.Cluster.Pod("handler/0")}");
        string container = pod.At("status.containerStatuses.0.containerID")!;
        Assert.Matches("^containerd://[0-9a-f]{64}$", container);
        Assert.Equal($"container:{container}", (string?)instance["CheckConfigSource"]);
        Assert.Matches("^openmetrics:kubevirt_handler:[0-9a-f]{16}$", (string?)instance["CheckID"]);
        Assert.Equal(("openmetrics", "7.0.1", 15_000_000_000L, 1, 0, 31L), ((string?)instance["CheckName"], (string?)instance["CheckVersion"], (long)instance["Interval"]!, (int)instance["TotalRuns"]!, (int)instance["TotalErrors"]!, (long)instance["TotalMetricSamples"]!));

        // Only the Agent of the pod's node has it, and another pod is another container.
        Assert.Empty((await stage.StatusAsync("handler/1"))["runnerStats"]!["Checks"]!.AsObject());
        await stage.Cluster.Server.ReplacePodAsync("handler/0");
        pod = await stage.Cluster.GetAsync($"/api/v1/namespaces/kubevirt/pods/{stage.Cluster.Pod("handler/0")}");
        Assert.NotEqual(container, pod.At("status.containerStatuses.0.containerID"));
        Assert.Empty((await stage.StatusAsync())["runnerStats"]!["Checks"]!.AsObject());
    }

    [Fact]
    public async Task Version_1_is_read_where_there_is_no_version_2_or_the_Agent_is_too_old_for_it()
    {
        foreach (string version in new[] { "7.71.0", "7.35.0" })
        {
            await using AgentStage stage = await AgentStage.StartAsync(new AgentOptions { MountsAuthority = true, Version = version });
            await stage.AnnotateAsync("handler/0", Names, """["openmetrics","openmetrics"]""");
            await stage.AnnotateAsync("handler/0", Inits, "[{},{}]");
            await stage.AnnotateAsync("handler/0", Instances, $"[{AgentStage.But("namespace", "\"one\"")},[{AgentStage.But("namespace", "\"two\"")}]]");
            Assert.Equal(["one", "two"], await NamespacesAsync(stage));
            await stage.ChecksAsync("handler/0", "openmetrics", AgentStage.But("namespace", "\"three\""));
            Assert.Equal(version == "7.71.0" ? ["three"] : new[] { "one", "two" }, await NamespacesAsync(stage));
        }
    }

    [Fact]
    public async Task An_old_Agent_does_not_see_annotations_of_version_2_at_all()
    {
        await using AgentStage stage = await AgentStage.StartAsync(new AgentOptions { MountsAuthority = true, Version = "7.35.0" });
        await stage.AnnotateAsync("handler/0", Checks, "no JSON");
        JsonObject status = await stage.StatusAsync();
        Assert.Equal(("7.35.0", "{}", "{}"), ((string?)status["version"], status["adConfigErrors"]!.ToJsonString(), status["runnerStats"]!["Checks"]!.ToJsonString()));
    }

    [Fact]
    public async Task An_Agent_without_the_checks_says_that_it_cannot_load_them()
    {
        await using AgentStage stage = await AgentStage.StartAsync(new AgentOptions { MountsAuthority = true, Version = "7.58.0" });
        await stage.AnnotateAsync("handler/0", Checks, $"{{\"openmetrics\":{{\"instances\":[{AgentStage.Working}]}},\"kubevirt_handler\":{{\"instances\":[{{}}]}}}}");
        JsonObject status = await stage.StatusAsync();
        Assert.Equal("unable to import module 'kubevirt_handler': No module named 'kubevirt_handler'", (string?)Assert.Single(status["checkSchedulerStats"]!["LoaderErrors"]!.AsObject()).Value!["Python Check Loader"]);
        JsonObject instance = Assert.Single(status["runnerStats"]!["Checks"]!["openmetrics"]!.AsObject()).Value!.AsObject();
        Assert.Equal(("5.0.0", 31L), ((string?)instance["CheckVersion"], (long)instance["MetricSamples"]!));
    }

    [Theory]
    [InlineData("could not extract checks config: cannot parse check configuration: invalid character '<' looking for beginning of value", Checks, "<json>")]
    [InlineData("could not extract checks config: cannot parse check configuration: unexpected end of JSON input", Checks, "{\"openmetrics\":")]
    [InlineData("could not extract checks config: missing init_configs key", Names, "[\"openmetrics\"]")]
    [InlineData("annotation ad.datadoghq.com/virt-handlr.checks is invalid: virt-handlr doesn't match a container identifier [virt-handler]", "ad.datadoghq.com/virt-handlr.checks", "{}")]
    public async Task Annotations_that_cannot_be_used_are_errors_of_the_pod(string message, string key, string value)
    {
        await using AgentStage stage = await AgentStage.StartAsync();
        await stage.AnnotateAsync("handler/0", key, value);
        JsonObject status = await stage.StatusAsync();
        KeyValuePair<string, JsonNode?> pod = Assert.Single(Assert.Single(status["adConfigErrors"]!.AsObject(), static one => one.Key == "kubernetes-container-allinone").Value!.AsObject());
        Assert.Equal($"kubevirt/{stage.Cluster.Pod("handler/0")} ({stage.Cluster.Host["handler/0"].Pod.Uid})", pod.Key);
        Assert.Equal((message, "{}"), (Assert.Single(pod.Value!.AsObject()).Key, Assert.Single(pod.Value!.AsObject()).Value!.ToJsonString()));
        Assert.Empty(status["runnerStats"]!["Checks"]!.AsObject());
    }

    [Theory]
    [InlineData("error resolving template openmetrics for service CONTAINER: port nosuch not found, skipping container CONTAINER", "https://%%host%%:%%port_nosuch%%/metrics")]
    [InlineData("error resolving template openmetrics for service CONTAINER: index given for the port template var is too big, skipping container CONTAINER", "https://%%host%%:%%port_1%%/metrics")]
    [InlineData("error resolving template openmetrics for service CONTAINER: unable to add tags for service 'CONTAINER', err: invalid %%hoost%% tag", "https://%%hoost%%:8443/metrics")]
    public async Task Variables_without_a_value_are_warnings_and_nothing_runs(string warning, string endpoint)
    {
        await using AgentStage stage = await AgentStage.StartAsync();
        await stage.ChecksAsync("handler/0", "openmetrics", AgentStage.But("openmetrics_endpoint", $"\"{endpoint}\""));
        JsonObject status = await stage.StatusAsync();
        ApiReply pod = await stage.Cluster.GetAsync($"/api/v1/namespaces/kubevirt/pods/{stage.Cluster.Pod("handler/0")}");
        string container = pod.At("status.containerStatuses.0.containerID")!;
        Assert.Equal([warning.Replace("CONTAINER", container, StringComparison.Ordinal)], status["autoConfigStats"]!["ResolveWarnings"]!["openmetrics"]!.AsArray().Select(static one => (string?)one));
        Assert.Empty(status["runnerStats"]!["Checks"]!.AsObject());
    }

    [Fact]
    public void The_highest_port_is_taken_where_none_is_named()
    {
        JsonObject pod = Pod("""[{"containerPort":8443,"name":"metrics"},{"containerPort":8187,"name":"vmstats"}]""", """{"openmetrics":{"instances":[{"a":"%%port%%","b":"%%port_0%%:%%port_metrics%%","c":"%%kube_pod_uid%% 100%%","d":"%%host%%"}]}}""");
        Autodiscovery found = new(new AgentRelease("7.71.0"), [pod]);
        Assert.Empty(found.Warnings);
        JsonObject instance = Assert.Single(found.Checks).Instance;
        Assert.Equal(("8443", "\"8187:8443\"", "\"u-1 100%%\"", "\"10.1.2.3\""), (instance["a"]!.ToJsonString(), instance["b"]!.ToJsonString(), instance["c"]!.ToJsonString(), instance["d"]!.ToJsonString()));
    }

    [Fact]
    public void Tags_of_the_pod_are_added_unless_they_are_not_wanted()
    {
        static string[] Tags(string check) => [.. Assert.Single(new Autodiscovery(new AgentRelease("7.71.0"), [Pod("[]", check)]).Checks).Instance["tags"]?.AsArray().Select(static one => (string)one!) ?? []];
        Assert.Equal(["image_name:registry.example/virt-handler", "image_tag:v1", "kube_container_name:virt-handler", "kube_daemon_set:virt-handler", "kube_namespace:kubevirt", "mine:1"], Tags("""{"x":{"instances":[{"tags":["mine:1"]}]}}"""));
        Assert.Empty(Tags("""{"x":{"instances":[{}],"ignore_autodiscovery_tags":true}}"""));
    }

    [Fact]
    public void A_pod_that_is_not_ready_is_not_resolved_unless_that_is_tolerated()
    {
        JsonObject pod = Pod("[]", """{"x":{"instances":[{}]}}""");
        pod["status"]!["conditions"]![0]!["status"] = "False";
        Autodiscovery found = new(new AgentRelease("7.71.0"), [pod]);
        Assert.Empty(found.Checks);
        Assert.Equal("error resolving template x for service containerd://c1: unable to resolve, service not ready", Assert.Single(found.Warnings["x"]));
        pod["metadata"]!["annotations"]!["ad.datadoghq.com/tolerate-unready"] = "true";
        Assert.Single(new Autodiscovery(new AgentRelease("7.71.0"), [pod]).Checks);
    }

    [Fact]
    public async Task What_was_resolved_is_listed_whether_it_ran_or_not()
    {
        await using AgentStage stage = await AgentStage.StartAsync(new AgentOptions { Fault = AgentFault.NotRun, Version = "7.74.0" });
        await stage.ChecksAsync("handler/0", "openmetrics", """{"openmetrics_endpoint":"https://%%host%%:%%port_metrics%%/metrics","namespace":"kubevirt_handler","metrics":[{"kubevirt_info":{"name":"info","type":"gauge"}}]}""");
        await stage.AnnotateAsync("handler/1", "ad.datadoghq.com/nobody.logs", "[]");
        Assert.Empty((await stage.StatusAsync())["runnerStats"]!["Checks"]!.AsObject());
        ApiReply pod = await stage.Cluster.GetAsync($"/api/v1/namespaces/kubevirt/pods/{stage.Cluster.Pod("handler/0")}");
        string container = pod.At("status.containerStatuses.0.containerID")!;
        string id = Assert.Single(stage.Cluster.Server.Agents![stage.Agent("handler/0")].Found.Checks).Id;
        Assert.Equal(
            $$"""
            === openmetrics check ===
            Configuration provider: kubernetes-container-allinone
            Configuration source: container:{{container}}
            Config for instance ID: {{id}}
            metrics:
            - kubevirt_info:
                name: info
                type: gauge
            namespace: kubevirt_handler
            openmetrics_endpoint: https://{{stage.Cluster.Host["handler/0"].Address}}:8443/metrics
            tags:
            - image_name:registry.example/kubevirt/virt-handler
            - image_tag:v1.9.0
            - kube_container_name:virt-handler
            - kube_daemon_set:virt-handler
            - kube_namespace:kubevirt
            ~
            Init Config:
            {}
            Auto-discovery IDs:
            * {{container}}
            ===


            """.ReplaceLineEndings("\n"),
            (await stage.RunAsync("handler/0", "agent", "agent", "configcheck")).Output);
        JsonNode listed = Assert.Single(JsonNode.Parse((await stage.RunAsync("handler/0", "agent", "agent", "configcheck", "--json")).Output)!.AsArray())!;
        Assert.Equal(("openmetrics", id), ((string?)listed["check_name"], (string?)listed["instances"]![0]!["id"]));
        Assert.Contains("openmetrics_endpoint: https://", (string?)listed["instances"]![0]!["config"], StringComparison.Ordinal);
        Assert.Contains("=== Configuration errors ===\n\nkubevirt/", (await stage.RunAsync("handler/1", "agent", "agent", "configcheck")).Output, StringComparison.Ordinal);
        await using AgentStage old = await AgentStage.StartAsync();
        Assert.Equal((255, "", "Error: unknown flag: --json\n"), await old.RunAsync("handler/0", "agent", "agent", "configcheck", "--json"));
    }

    private static async Task<string[]> NamespacesAsync(AgentStage stage)
    {
        JsonObject status = await stage.StatusAsync();
        return [.. status["runnerStats"]!["Checks"]!["openmetrics"]!.AsObject().Select(static one => one.Key.Split(':')[1]).Order(StringComparer.Ordinal)];
    }

    private static JsonObject Pod(string ports, string checks)
    {
        JsonObject pod = JsonNode.Parse(
            """
            {"metadata":{"name":"p","namespace":"kubevirt","uid":"u-1","annotations":{},"ownerReferences":[{"kind":"DaemonSet","name":"virt-handler"}]},
             "spec":{"containers":[{"name":"virt-handler","image":"registry.example/virt-handler:v1"}]},
             "status":{"podIP":"10.1.2.3","conditions":[{"type":"Ready","status":"True"}],"containerStatuses":[{"name":"virt-handler","containerID":"containerd://c1","state":{"running":{}}}]}}
            """)!.AsObject();
        pod["spec"]!["containers"]![0]!["ports"] = JsonNode.Parse(ports);
        pod["metadata"]!["annotations"]![Checks] = checks;
        return pod;
    }
}
