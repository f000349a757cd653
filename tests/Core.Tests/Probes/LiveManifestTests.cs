using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Probes;
using KubeVirtMonitor.Tests.KubeVirt;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace KubeVirtMonitor.Tests.Probes;

/// <summary>Probes of a cluster are set on the machine that was read, and on no other of its name.</summary>
public sealed class LiveManifestTests
{
    private const string Path = "/apis/kubevirt.io/v1/namespaces/ns1/virtualmachines/web";

    private static readonly VmiProbe Tcp = new() { Kind = ProbeKind.TcpSocket, Port = 22 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ThePatchHoldsOnlyForTheUidThatWasRead()
    {
        await using FakeApiServer server = await FakeApiServer.StartAsync(
            context => context.Response.WriteAsync(context.Request.Path.Value switch
            {
                "/version" => "{}",
                FakeCluster.Installations => """{"items":[{"metadata":{"name":"kubevirt","namespace":"kv"}}]}""",
                _ => Machine("u-1"),
            }),
            plain: true);
        using KubeVirtSession session = await KubeVirtSession.OpenAsync(new KubernetesClient(new KubernetesConnection(server.Address, NoCredential.Instance), new KubernetesLibrary()), cancellationToken: Cancellation);
        VmiManifest read = await LiveManifests.GetAsync(session, machine: true, "ns1", "web", "u-1", Cancellation);
        Assert.Same(session, read.Session);
        VmiManifest after = await LiveManifests.SetProbeAsync(session, read, ProbeRole.Readiness, Tcp, Cancellation);
        Assert.Same(session, after.Session);
        FakeApiServer.Asked patch = Assert.Single(server.Requests, request => request.Method == "PATCH");
        Assert.Equal("application/json-patch+json", patch.Headers["Content-Type"]);
        JsonNode expected = JsonNode.Parse("""
            [
              {"op":"test","path":"/metadata/uid","value":"u-1"},
              {"op":"add","path":"/spec/template/spec/readinessProbe","value":{"tcpSocket":{"port":22}}}
            ]
            """)!;
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(patch.Body)), patch.Body);
    }

    [Fact]
    public async Task AnotherOfTheNameIsNotEvenRead()
    {
        await using FakeCluster cluster = new();
        cluster.Answers[Path] = _ => FakeCluster.Json(Machine("u-2"));
        using KubeVirtSession session = await cluster.OpenAsync();
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => LiveManifests.GetAsync(session, machine: true, "ns1", "web", "u-1", Cancellation));
        Assert.Equal(KubernetesError.Replaced, error.Error);
        Assert.Equal("VirtualMachine ns1/web is not the one that was listed: that one was deleted, and another has its name since 2026-11-28T09:00:00Z", error.What);
    }

    [Fact]
    public async Task OneThatWasDeletedIsSaidToBe()
    {
        await using FakeCluster cluster = new();
        using KubeVirtSession session = await cluster.OpenAsync();
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => LiveManifests.GetAsync(session, machine: true, "ns1", "web", "u-1", Cancellation));
        Assert.Equal((KubernetesError.NotFound, "VirtualMachine ns1/web no longer exists: it was deleted after it had been listed"), (error.Error, error.What));
    }

    /// <summary>The answer to a test that fails is the one of a real API server, which does not say what failed.</summary>
    [Theory]
    [InlineData("u-2", KubernetesError.Replaced)]
    [InlineData(null, KubernetesError.NotFound)]
    [InlineData("u-1", KubernetesError.Invalid)]
    public async Task BetweenReadAndWriteTheServerItselfLooks(string? uidThen, KubernetesError expected)
    {
        await using FakeCluster cluster = new();
        bool isPatched = false;
        cluster.Answers[Path] = request =>
        {
            if (request.Method == "PATCH")
            {
                isPatched = true;
                return uidThen is null
                    ? FakeCluster.Refusal(404, "NotFound", "virtualmachines.kubevirt.io \"web\" not found")
                    : FakeCluster.Refusal(422, "Invalid", "the server rejected our request due to an error in our request");
            }

            return !isPatched ? FakeCluster.Json(Machine("u-1")) : uidThen is null ? FakeCluster.Refusal(404, "NotFound", "virtualmachines.kubevirt.io \"web\" not found") : FakeCluster.Json(Machine(uidThen));
        };
        using KubeVirtSession session = await cluster.OpenAsync();
        VmiManifest read = await LiveManifests.GetAsync(session, machine: true, "ns1", "web", cancellationToken: Cancellation);
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => LiveManifests.SetProbeAsync(session, read, ProbeRole.Readiness, Tcp, Cancellation));
        Assert.Equal(expected, error.Error);
    }

    [Fact]
    public async Task AMachineThatIsDeletedAndMadeAnewStaysAsItIs()
    {
        await using ApiCluster cluster = await ApiCluster.StartAsync(handlers: 1, vmis: 1);
        using KubeVirtSession session = await cluster.OpenAsync();
        const string path = "/apis/kubevirt.io/v1/namespaces/ns0/virtualmachines/vm-00000";
        VmiManifest read = await LiveManifests.GetAsync(session, machine: true, "ns0", "vm-00000", cancellationToken: Cancellation);
        JsonObject again = JsonNode.Parse((await cluster.GetAsync(path)).Text)!.AsObject();
        JsonObject meta = new() { ["name"] = "vm-00000", ["namespace"] = "ns0" };
        again["metadata"] = meta;
        again.Remove("status");
        Assert.Equal(System.Net.HttpStatusCode.OK, (await cluster.SendAsync(HttpMethod.Delete, path)).Code);
        Assert.Equal(System.Net.HttpStatusCode.Created, (await cluster.SendAsync(HttpMethod.Post, path[..path.LastIndexOf('/')], again.ToJsonString())).Code);
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => LiveManifests.SetProbeAsync(session, read, ProbeRole.Readiness, Tcp, Cancellation));
        Assert.Equal(KubernetesError.Replaced, error.Error);
        JsonElement now = (await cluster.GetAsync(path)).Json;
        Assert.False(now.GetProperty("spec").GetProperty("template").GetProperty("spec").TryGetProperty("readinessProbe", out _));
    }

    [Fact]
    public async Task ObjectsSayOfWhichSessionTheyAre()
    {
        await using FakeCluster cluster = new();
        cluster.Answers["/apis/kubevirt.io/v1/virtualmachines"] = _ => FakeCluster.List("VirtualMachine", Machine("u-1").Replace("\"spec\":{}", "\"spec\":{\"livenessProbe\":{\"guestAgentPing\":{}}}", StringComparison.Ordinal));
        using KubeVirtSession session = await cluster.OpenAsync();
        VmiManifest listed = await LiveManifests.ListAsync(session, machines: true, cancellationToken: Cancellation).SingleAsync(Cancellation);
        VmiProbe probe = listed.GetProbe(ProbeRole.Liveness)!;
        Assert.Same(session, probe.Session);
        Assert.Equal("u-1", probe.Uid);
    }

    private static string Machine(string uid) =>
        """{"apiVersion":"kubevirt.io/v1","kind":"VirtualMachine","metadata":{"name":"web","namespace":"ns1","uid":"UID","creationTimestamp":"2026-11-28T09:00:00Z"},"spec":{"template":{"spec":{}}}}"""
            .Replace("UID", uid, StringComparison.Ordinal);
}
