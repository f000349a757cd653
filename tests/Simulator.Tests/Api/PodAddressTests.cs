using System.Net;
using System.Text.Json;
using KubeVirtMonitor.Simulator;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Api;

/// <summary>The addresses of pods, as the API server tells them and as they are.</summary>
public class PodAddressTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_the_api_server_says_leads_to_the_pod(bool own)
    {
        Assert.SkipWhen(own && !OperatingSystem.IsLinux(), "Only Linux has all of 127.0.0.0/8 on its loopback interface.");
        await using ApiCluster cluster = await ApiCluster.StartAsync(podAddresses: own);
        ApiReply pods = await cluster.GetAsync("/api/v1/namespaces/kubevirt/pods?labelSelector=prometheus.kubevirt.io%3Dtrue");
        HashSet<string> seen = [];
        foreach (JsonElement pod in pods.Json.GetProperty("items").EnumerateArray())
        {
            SimulatedEndpoint endpoint = cluster.Host.Endpoints.Single(each => each.Pod.Name == pod.GetProperty("metadata").GetProperty("name").GetString());
            string address = pod.GetProperty("status").GetProperty("podIP").GetString()!;
            JsonElement port = pod.GetProperty("spec").GetProperty("containers")[0].GetProperty("ports")[0];
            Assert.Equal("metrics", port.GetProperty("name").GetString());
            if (own) Assert.Equal(8443, port.GetProperty("containerPort").GetInt32());
            Assert.True(seen.Add($"{address}:{port.GetProperty("containerPort")}"));
            using HttpClient client = Client.For(cluster.Host, endpoint);
            using HttpResponseMessage answer = await client.GetAsync(new Uri($"https://{address}:{port.GetProperty("containerPort")}/metrics"), Cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(1, endpoint.Requests);
        }

        Assert.Equal(8, seen.Count);
        Assert.Equal(own ? 8 : 1, seen.Select(each => each.Split(':')[0]).Distinct().Count());
    }

    [Fact]
    public async Task The_services_lead_to_the_same_addresses()
    {
        await using ApiCluster cluster = await ApiCluster.StartAsync();
        string[] expected = [.. cluster.Host.Endpoints.Select(endpoint => $"{endpoint.Address}:{endpoint.Port}").Order(StringComparer.Ordinal)];
        ApiReply endpoints = await cluster.GetAsync("/api/v1/namespaces/kubevirt/endpoints/kubevirt-prometheus-metrics");
        Assert.Equal(expected, endpoints.Json.GetProperty("subsets").EnumerateArray()
            .SelectMany(subset => subset.GetProperty("addresses").EnumerateArray().Select(address => $"{address.GetProperty("ip")}:{subset.GetProperty("ports")[0].GetProperty("port")}")).Order(StringComparer.Ordinal));
        ApiReply slices = await cluster.GetAsync("/apis/discovery.k8s.io/v1/namespaces/kubevirt/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dkubevirt-prometheus-metrics");
        Assert.Equal(expected, slices.Json.GetProperty("items").EnumerateArray()
            .SelectMany(slice => slice.GetProperty("endpoints").EnumerateArray().Select(each => $"{each.GetProperty("addresses")[0]}:{slice.GetProperty("ports")[0].GetProperty("port")}")).Order(StringComparer.Ordinal));
    }
}
