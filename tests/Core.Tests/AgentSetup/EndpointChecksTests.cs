using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using KubeVirtMonitor.AgentSetup;
using KubeVirtMonitor.Tests.KubeVirt;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentSetup;

/// <summary>What is asked at the addresses in the annotations of a pod, and how they are shown.</summary>
public sealed class EndpointChecksTests
{
    private const string Options = "\"namespace\":\"kubevirt_handler\",\"tls_verify\":true,\"tls_ca_cert\":\"/etc/kubevirt-ca\",\"tls_use_host_header\":true,\"extra_headers\":{\"Host\":\"virt-handler.kv.svc\"}";

    [Theory]
    [InlineData("::1")]
    [InlineData("0:0:0:0:0:0:0:1")]
    public async Task AnAddressOfVersion6IsWrittenInBracketsAndAsked(string address)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        await using FakeCluster cluster = new();
        X509Certificate2 certificate = cluster.Root.Issue(["virt-handler.kv.svc"]);
        await using LoopbackServer server = new(static request => FakeCluster.Component(request, "up 1\n"), new ServerTls(certificate));
        using TcpListener listener = new(IPAddress.IPv6Loopback, 0);
        listener.Start();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task relay = RelayAsync(listener, server.Port, stop.Token);
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        AgentPatchStatus point = await AskAsync(cluster, $$"""{"openmetrics_endpoint":"https://%%host%%:%%port_metrics%%/metrics",{{Options}}}""", address, $$"""[{"name":"metrics","containerPort":{{port}}}]""");
        Assert.Equal((AgentPatchState.Passed, $"https://[::1]:{port}/metrics answers, with a certificate of KubeVirt for virt-handler.kv.svc."), (point.State, point.Message));
        await stop.CancelAsync();
        await relay;
    }

    [Theory]
    // The port is the highest, whatever its name; a number counts from the lowest.
    [InlineData("%%port%%", "https://127.0.0.1:9443/metrics is not the address of the pod, and was not contacted.")]
    [InlineData("%%port_vmstats%%", "https://127.0.0.1:8187/metrics is not the address of the pod, and was not contacted.")]
    [InlineData("%%port_0%%", "https://127.0.0.1:8187/metrics is not the address of the pod, and was not contacted.")]
    [InlineData("%%port_2%%", "https://127.0.0.1:9443/metrics is not the address of the pod, and was not contacted.")]
    [InlineData("%%port_3%%", "https://%%host%%:%%port_3%%/metrics: the container has no port 3.")]
    [InlineData("%%port_nowhere%%", "https://%%host%%:%%port_nowhere%%/metrics: the container has no port nowhere.")]
    [InlineData("%%env_PORT%%", "https://%%host%%:%%env_PORT%%/metrics: %%env_PORT%% has no value.")]
    public async Task PortsAreThoseThatTheAgentTakes(string port, string message)
    {
        await using FakeCluster cluster = new();
        AgentPatchStatus point = await AskAsync(cluster, $$"""{"openmetrics_endpoint":"https://%%host%%:{{port}}/metrics",{{Options}}}""", "127.0.0.1", """[{"name":"metrics","containerPort":8443},{"name":"other","containerPort":9443},{"name":"vmstats","containerPort":8187}]""");
        Assert.Equal(message, point.Message);
        if (point.State == AgentPatchState.Failed) Assert.Equal(("Correct openmetrics_endpoint in the annotations.", Setting.InstalledPatch), (point.Advice, point.Setting));
    }

    [Theory]
    [InlineData("https://me:hunter2@elsewhere.example:8443/metrics?token=abc&a=b", "https://elsewhere.example:8443/metrics?token=[redacted]&a=b is not the address of the pod, and was not contacted.")]
    [InlineData("https://me:hunter2@%%nowhere%%:8443/metrics", "https://[redacted]@%%nowhere%%:8443/metrics: %%nowhere%% has no value.")]
    [InlineData("ftp://me:hunter2@x/metrics\u001b[31m", "ftp://[redacted]@x/metrics is not an address.")]
    public async Task CredentialsInAnAddressAreNotShown(string address, string message)
    {
        await using FakeCluster cluster = new();
        AgentPatchStatus point = await AskAsync(cluster, new JsonObject { ["openmetrics_endpoint"] = address }.ToJsonString(), "127.0.0.1", """[{"name":"metrics","containerPort":8443}]""");
        Assert.Equal(message, point.Message);
    }

    private static async Task<AgentPatchStatus> AskAsync(FakeCluster cluster, string instance, string address, string ports)
    {
        string annotation = $$$"""{"openmetrics":{"init_config":{},"instances":[{{{instance}}}]}}""";
        JsonObject pod = JsonNode.Parse($$$$"""
            {"metadata":{"name":"virt-handler-x","namespace":"kv","uid":"u-1","labels":{"kubevirt.io":"virt-handler"}},
             "spec":{"nodeName":"node-1","containers":[{"name":"virt-handler","ports":{{{{ports}}}}}]},
             "status":{"phase":"Running","podIP":"{{{{address}}}}","conditions":[{"type":"Ready","status":"True"}]}}
            """)!.AsObject();
        pod["metadata"]!["annotations"] = new JsonObject { ["ad.datadoghq.com/virt-handler.checks"] = annotation };
        cluster.AddPodText(pod.ToJsonString());
        using KubeVirtSession session = await cluster.OpenAsync();
        AgentPatch wanted = AgentCluster.Patch(new AgentPatchOptions { InstallNamespace = "kv", Components = [ComponentKind.Handler] });
        return Assert.Single(await new EndpointChecks(session, TimeSpan.FromSeconds(10)).RunAsync(wanted, TestContext.Current.CancellationToken), static point => point.Check == AgentPatchCheck.Endpoint);
    }

    // The small server listens on an address of version 4 only.
    private static async Task RelayAsync(TcpListener listener, int port, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                using TcpClient from = await listener.AcceptTcpClientAsync(stop);
                using TcpClient to = new();
                await to.ConnectAsync(IPAddress.Loopback, port, stop);
                await Task.WhenAny(from.GetStream().CopyToAsync(to.GetStream(), stop), to.GetStream().CopyToAsync(from.GetStream(), stop));
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
