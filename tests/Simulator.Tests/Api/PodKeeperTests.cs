using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using KubeVirtMonitor.Simulator.Api;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Api;

/// <summary>Pods go and come, one after the other, and leases are renewed.</summary>
public class PodKeeperTests
{
    private const string Pods = "/api/v1/namespaces/kubevirt/pods";
    private const string Leases = "/apis/coordination.k8s.io/v1/namespaces/kubevirt/leases";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deleted_pod_is_replaced_by_one_with_another_name_and_address_that_is_refused_until_it_is_ready()
    {
        await using ApiCluster cluster = await ApiCluster.StartAsync(new ApiServerOptions { PodStep = TimeSpan.FromSeconds(3) });
        string name = cluster.Pod("api/1");
        IPEndPoint old = new(cluster.Host["api/1"].Address, cluster.Host["api/1"].Port);
        ApiReply deleted = await cluster.SendAsync(HttpMethod.Delete, $"{Pods}/{name}");
        Assert.Equal(("Pod", "30"), (deleted.At("kind"), deleted.At("metadata.deletionGracePeriodSeconds")));

        // It is seen as it goes, then the other one as it comes: without an address, without being ready, and ready.
        List<string> seen = [];
        while (seen.LastOrDefault() != "other Running True")
        {
            JsonElement[] pods = [.. (await cluster.GetAsync(Pods + "?labelSelector=kubevirt.io%3Dvirt-api")).Json.GetProperty("items").EnumerateArray()];
            foreach (JsonElement pod in pods.Where(pod => pod.GetProperty("metadata").GetProperty("name").GetString() != cluster.Pod("api/0")))
            {
                JsonElement status = pod.GetProperty("status");
                string ready = status.GetProperty("conditions").EnumerateArray().Where(condition => condition.GetProperty("type").GetString() == "Ready").Select(condition => condition.GetProperty("status").GetString()!).SingleOrDefault("none");
                string phase = $"{(pod.GetProperty("metadata").GetProperty("name").GetString() == name ? "old" : "other")} {status.GetProperty("phase").GetString()} {ready}";
                // On a busy machine it may have become ready since it was read.
                if (phase == "other Running False" && !await IsRefusedAsync(IPEndPoint.Parse($"{status.GetProperty("podIP").GetString()}:8443")))
                    Assert.Equal("True", await ReadinessAsync(cluster, pod.GetProperty("metadata").GetProperty("name").GetString()!));
                if (seen.LastOrDefault() != phase) seen.Add(phase);
            }

            await Task.Delay(20, Cancellation);
        }

        Assert.Equal(["old Running False", "other Pending none", "other Running False", "other Running True"], seen.SkipWhile(phase => phase == "old Running True"));
        Assert.NotEqual(name, cluster.Pod("api/1"));
        await RefusedAsync(old);
        using HttpClient client = Client.For(cluster.Host, cluster.Host["api/1"]);
        Assert.Contains("kubevirt_", await client.GetStringAsync("metrics", Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restart_replaces_all_pods_and_publishes_their_addresses()
    {
        await using ApiCluster cluster = await ApiCluster.StartAsync();
        string[] before = [.. cluster.Host.Endpoints.Select(endpoint => endpoint.Pod.Name)];
        await cluster.Server.RestartAsync();
        Assert.Empty(before.Intersect(cluster.Host.Endpoints.Select(endpoint => endpoint.Pod.Name)));
        JsonElement subsets = (await cluster.GetAsync("/api/v1/namespaces/kubevirt/endpoints/kubevirt-prometheus-metrics")).Json.GetProperty("subsets");
        string[] published = [.. subsets.EnumerateArray().SelectMany(subset => subset.GetProperty("addresses").EnumerateArray()).Select(address => address.GetProperty("ip").GetString()!)];
        Assert.Equal(cluster.Host.Endpoints.Select(endpoint => endpoint.Address.ToString()).Order(), published.Order());
    }

    [Fact]
    public async Task The_longer_patch_is_applied_last_whatever_the_order_and_pods_take_the_annotations_over()
    {
        await using ApiCluster cluster = await ApiCluster.StartAsync();
        string Patch(string text) => JsonSerializer.Serialize(new { resourceName = "virt-api", resourceType = "Deployment", type = "strategic", patch = text });
        string longer = """{"spec":{"template":{"metadata":{"annotations":{"who":"longer"}}}}}""";
        string shorter = """{"spec":{"template":{"metadata":{"annotations":{"who":"less"}}}}}""";
        string before = cluster.Pod("api/0");
        await cluster.PatchAsync("/apis/kubevirt.io/v1/namespaces/kubevirt/kubevirts/kubevirt", "merge-patch+json", "{\"spec\":{\"customizeComponents\":{\"patches\":[" + Patch(longer) + "," + Patch(shorter) + "]}}}");
        for (int i = 0; i < 200 && (await cluster.GetAsync($"{Pods}/{cluster.Pod("api/1")}")).At("metadata.annotations.who") is null; i++) await Task.Delay(50, Cancellation);
        Assert.Equal("longer", (await cluster.GetAsync($"{Pods}/{cluster.Pod("api/1")}")).At("metadata.annotations.who"));
        Assert.NotEqual(before, cluster.Pod("api/0"));
        ApiReply deployment = await cluster.GetAsync("/apis/apps/v1/namespaces/kubevirt/deployments/virt-api");
        Assert.Equal(("2", "2"), (deployment.At("metadata.generation"), deployment.At("status.observedGeneration")));
    }

    [Fact]
    public async Task Leases_are_renewed_until_their_holder_stops_and_are_taken_over_when_it_is_gone()
    {
        FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using ApiCluster cluster = await ApiCluster.StartAsync(time: time);
        string leader = cluster.Pod("controller/0");
        async Task<(string?, string?)> LeaseAsync()
        {
            ApiReply lease = await cluster.GetAsync(Leases + "/virt-controller");
            return (lease.At("spec.holderIdentity"), lease.At("spec.renewTime"));
        }

        Assert.Equal((leader, "2026-01-01T00:00:00.000000Z"), await LeaseAsync());
        time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal((leader, "2026-01-01T00:00:07.000000Z"), await LeaseAsync());
        using (cluster.Server.StopRenewing("virt-controller"))
        {
            time.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal((leader, "2026-01-01T00:00:07.000000Z"), await LeaseAsync());
        }

        await LeaseAsync();
        await cluster.Server.ReplacePodAsync("controller/0");
        Assert.Equal((leader, "2026-01-01T00:01:07.000000Z"), await LeaseAsync());
        time.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal("2026-01-01T00:01:23.000000Z", (await LeaseAsync()).Item2);
        Assert.Equal(1, cluster.Host.Cluster.PodsOf(ComponentKind.Controller).Count(pod => pod.Leading));
        Assert.Equal((await LeaseAsync()).Item1, cluster.Host.Cluster.PodsOf(ComponentKind.Controller).Single(pod => pod.Leading).Name);
    }

    private static async Task<bool> IsRefusedAsync(IPEndPoint at)
    {
        try
        {
            await RefusedAsync(at);
            return true;
        }
        catch (Xunit.Sdk.ThrowsException)
        {
            return false;
        }
    }

    private static async Task<string?> ReadinessAsync(ApiCluster cluster, string pod) =>
        (await cluster.GetAsync($"{Pods}/{pod}")).Json.GetProperty("status").GetProperty("conditions").EnumerateArray()
            .Where(condition => condition.GetProperty("type").GetString() == "Ready").Select(condition => condition.GetProperty("status").GetString()).SingleOrDefault();

    private static async Task RefusedAsync(IPEndPoint at)
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        SocketException refused = await Assert.ThrowsAsync<SocketException>(async () => await socket.ConnectAsync(at, Cancellation));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }
}
