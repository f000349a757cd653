using System.Net;
using System.Text.Json;
using KubeVirtMonitor.Simulator;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Api;

/// <summary>What moves is told by the API server too, and can be steered through it.</summary>
public sealed class MotionTests
{
    private const string Instances = "/apis/kubevirt.io/v1/namespaces/ns1/virtualmachineinstances/vm-00001";
    private const string Machine = "/apis/kubevirt.io/v1/namespaces/ns1/virtualmachines/vm-00001";
    private const string Pods = "/api/v1/namespaces/ns1/pods";

    private readonly FakeTimeProvider _time = new(Scrapes.Start);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_restart_makes_another_instance()
    {
        await using ApiCluster cluster = await StartAsync();
        JsonElement before = (await cluster.GetAsync(Instances)).Json;
        await PostAsync(cluster, "events", """{"event":"restart:vm-00001:down=5s"}""");
        JsonElement starting = (await cluster.GetAsync(Instances)).Json;
        Assert.NotEqual(At(before, "metadata", "uid"), At(starting, "metadata", "uid"));
        Assert.Equal("Scheduling", At(starting, "status", "phase"));
        Assert.False(starting.GetProperty("status").TryGetProperty("nodeName", out _));
        Assert.Equal("Starting", At((await cluster.GetAsync(Machine)).Json, "status", "printableStatus"));
        Assert.Equal("Pending", At(Assert.Single(await LaunchersAsync(cluster)), "status", "phase"));
        _time.Advance(TimeSpan.FromSeconds(5));
        JsonElement running = (await cluster.GetAsync(Instances)).Json;
        Assert.Equal(("Running", "node01", "node01"), (At(running, "status", "phase"), At(running, "status", "nodeName"), running.GetProperty("metadata").GetProperty("labels").GetProperty("kubevirt.io/nodeName").GetString()));
        Assert.Equal(At(starting, "metadata", "uid"), At(running, "metadata", "uid"));
        Assert.Equal("Running", At((await cluster.GetAsync(Machine)).Json, "status", "printableStatus"));
        Assert.Equal("Running", At(Assert.Single(await LaunchersAsync(cluster)), "status", "phase"));
    }

    [Fact]
    public async Task A_migration_moves_the_instance()
    {
        await using ApiCluster cluster = await StartAsync();
        await PostAsync(cluster, "events", """{"event":"migrate:vm-00001:total=1000MB,rate=100MB,dirty=20MB"}""");
        JsonElement moving = (await cluster.GetAsync(Instances)).Json.GetProperty("status");
        Assert.Equal(("node01", "node01", "node02", "2026-03-01T12:00:00Z"), (At(moving, "nodeName"), At(moving, "migrationState", "sourceNode"), At(moving, "migrationState", "targetNode"), At(moving, "migrationState", "startTimestamp")));
        Assert.Equal(2, moving.GetProperty("activePods").EnumerateObject().Count());
        Assert.Equal("Migrating", At((await cluster.GetAsync(Machine)).Json, "status", "printableStatus"));
        Assert.Equal(["node01 Running", "node02 Running"], (await LaunchersAsync(cluster)).Select(static pod => $"{At(pod, "spec", "nodeName")} {At(pod, "status", "phase")}").Order(StringComparer.Ordinal));
        Assert.Equal("Running", await PhaseAsync(cluster));

        // 1000 MB at 80 MB/s.
        _time.Advance(TimeSpan.FromSeconds(12.5));
        JsonElement moved = (await cluster.GetAsync(Instances)).Json;
        JsonElement status = moved.GetProperty("status");
        Assert.Equal(("node02", "2026-03-01T12:00:12Z", true), (At(status, "nodeName"), At(status, "migrationState", "endTimestamp"), status.GetProperty("migrationState").GetProperty("completed").GetBoolean()));
        Assert.Equal("node02", Assert.Single(status.GetProperty("activePods").EnumerateObject()).Value.GetString());
        Assert.Equal("node02", moved.GetProperty("metadata").GetProperty("labels").GetProperty("kubevirt.io/nodeName").GetString());
        Assert.Equal("Running", At((await cluster.GetAsync(Machine)).Json, "status", "printableStatus"));
        Assert.Equal(["node01 Succeeded", "node02 Running"], (await LaunchersAsync(cluster)).Select(static pod => $"{At(pod, "spec", "nodeName")} {At(pod, "status", "phase")}").Order(StringComparer.Ordinal));
        Assert.Equal("Succeeded", await PhaseAsync(cluster));

        static async Task<string?> PhaseAsync(ApiCluster cluster)
        {
            JsonElement[] all = [.. (await cluster.GetAsync("/apis/kubevirt.io/v1/namespaces/ns1/virtualmachineinstancemigrations")).Json.GetProperty("items").EnumerateArray()];
            return At(Assert.Single(all, static each => At(each, "status", "migrationState", "startTimestamp") == "2026-03-01T12:00:00Z"), "status", "phase");
        }
    }

    /// <summary>virt-controller keeps the last five migrations of an instance that are over.</summary>
    [Fact]
    public async Task Old_migrations_are_forgotten()
    {
        await using ApiCluster cluster = await StartAsync(static options => options with { Events = [ClusterEvent.Parse("10s+10s:migrate:vm-00004:total=1GB,rate=1GB,dirty=0")] });
        _time.Advance(TimeSpan.FromSeconds(109));
        JsonElement[] all = [.. (await cluster.GetAsync("/apis/kubevirt.io/v1/namespaces/ns4/virtualmachineinstancemigrations")).Json.GetProperty("items").EnumerateArray().Where(static each => At(each, "spec", "vmiName") == "vm-00004")];
        Assert.Equal(["2026-03-01T12:01:01Z", "2026-03-01T12:01:11Z", "2026-03-01T12:01:21Z", "2026-03-01T12:01:31Z", "2026-03-01T12:01:41Z"], all.Select(static each => At(each, "status", "migrationState", "endTimestamp")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Watchers_hear_of_what_happens_at_its_time()
    {
        await using ApiCluster cluster = await StartAsync(static options => options with { Events = [ClusterEvent.Parse("10s:hotplug:vm-00001:disk=data1")] });
        string version = At((await cluster.GetAsync("/apis/kubevirt.io/v1/virtualmachineinstances")).Json, "metadata", "resourceVersion")!;
        using HttpClient client = cluster.Client(cluster.Server.Tokens.Issue(new KubeVirtMonitor.Simulator.Api.ApiUser("admin")));
        await using Stream stream = await client.GetStreamAsync($"/apis/kubevirt.io/v1/virtualmachineinstances?watch=1&resourceVersion={version}", Cancellation);
        using StreamReader reader = new(stream);
        _time.Advance(TimeSpan.FromSeconds(10));
        JsonElement change = JsonDocument.Parse((await reader.ReadLineAsync(Cancellation))!).RootElement;
        Assert.Equal(("MODIFIED", "vm-00001"), (At(change, "type"), At(change, "object", "metadata", "name")));
        JsonElement disk = change.GetProperty("object").GetProperty("status").GetProperty("volumeStatus")[1];
        Assert.Equal(("data1", "sda", "Ready"), (At(disk, "name"), At(disk, "target"), At(disk, "phase")));
        Assert.True(change.GetProperty("object").GetProperty("spec").GetProperty("volumes")[1].GetProperty("persistentVolumeClaim").GetProperty("hotpluggable").GetBoolean());
    }

    [Fact]
    public async Task Loads_are_given_and_told_and_taken_back()
    {
        await using ApiCluster cluster = await StartAsync();
        await PutAsync(cluster, """{"vm":"vm-0000[12]","load":"cpu=1"}""".Replace("[12]", "?", StringComparison.Ordinal));
        await PutAsync(cluster, """{"vm":"vm-00001","load":"ready=6%,agent=no"}""");
        JsonElement loads = (await cluster.GetAsync("/simulator/load")).Json;
        Assert.Equal(("agent=no,cpu=1,ready=0.06", "cpu=1"), (At(loads, "ns1/vm-00001"), At(loads, "ns2/vm-00002")));
        Assert.DoesNotContain("AgentConnected", (await cluster.GetAsync(Instances)).Text, StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromSeconds(2.5));
        Assert.Equal(382.5, Scrapes.Line(cluster.Host.Cluster, "handler/0", "kubevirt_vmi_cpu_usage_seconds_total", "name=vm-00001").Value);
        JsonElement clock = (await cluster.GetAsync("/simulator/clock")).Json;
        Assert.Equal((2.5, "2026-03-01T12:00:02.5+00:00"), (clock.GetProperty("elapsed").GetDouble(), At(clock, "now")));
        await PutAsync(cluster, """{"vm":"*","load":null}""");
        Assert.Equal("{}", (await cluster.GetAsync("/simulator/load")).Text.Trim());
    }

    [Theory]
    [InlineData("PUT", "load", """{"load":"cpu=1"}""", "The body has no 'vm'.")]
    [InlineData("PUT", "load", """{"vm":"vm-00001"}""", "The body has no 'load'.")]
    [InlineData("PUT", "load", """{"vm":"vm-00001","load":"cpux=1"}""", "'cpux' is not known. What can be given: cpu")]
    [InlineData("PUT", "load", """{"vm":"vm-77777","load":"cpu=1"}""", "There is no running machine 'vm-77777'.")]
    [InlineData("POST", "events", "{}", "The body has no 'event'.")]
    [InlineData("POST", "events", """{"event":"explode:vm-00001"}""", "'explode' cannot happen.")]
    public async Task Mistakes_are_explained(string method, string path, string body, string expected)
    {
        await using ApiCluster cluster = await StartAsync();
        ApiReply reply = await cluster.SendAsync(new HttpMethod(method), $"/simulator/{path}", body);
        Assert.Equal(HttpStatusCode.BadRequest, reply.Code);
        Assert.Contains(expected, reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_virt_handler_can_be_restarted()
    {
        await using ApiCluster cluster = await ApiCluster.StartAsync(new KubeVirtMonitor.Simulator.Api.ApiServerOptions { PodStep = TimeSpan.FromMilliseconds(20) }, podAddresses: false);
        string before = cluster.Pod("handler/0");
        await PostAsync(cluster, "events", """{"event":"restart:handler/0"}""");
        Assert.True(SpinWait.SpinUntil(() => cluster.Pod("handler/0") != before && cluster.Host["handler/0"].IsOpen, TimeSpan.FromSeconds(20)));
    }

    private static string? At(JsonElement json, params string[] path) => path.Aggregate(json, static (at, name) => at.GetProperty(name)).GetString();

    private static async Task<JsonElement[]> LaunchersAsync(ApiCluster cluster) =>
        [.. (await cluster.GetAsync($"{Pods}?labelSelector=vm.kubevirt.io/name=vm-00001,kubevirt.io=virt-launcher")).Json.GetProperty("items").EnumerateArray()];

    private static async Task PostAsync(ApiCluster cluster, string path, string body) => Assert.Equal(HttpStatusCode.NoContent, (await cluster.SendAsync(HttpMethod.Post, $"/simulator/{path}", body)).Code);

    private static async Task PutAsync(ApiCluster cluster, string body) => Assert.Equal(HttpStatusCode.NoContent, (await cluster.SendAsync(HttpMethod.Put, "/simulator/load", body)).Code);

    private Task<ApiCluster> StartAsync(Func<ClusterOptions, ClusterOptions>? change = null) => ApiCluster.StartAsync(time: _time, podAddresses: false, change: change);
}
