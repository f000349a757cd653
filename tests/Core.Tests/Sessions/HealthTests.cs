using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Sessions;
using KubeVirtMonitor.Tests.KubeVirt;
using Xunit;

namespace KubeVirtMonitor.Tests.Sessions;

public sealed class HealthTests
{
    private const string Both = "2 replicas of virt-controller are leaders at the same time: virt-controller-a, virt-controller-b. The lease is held by virt-controller-a.";

    [Fact]
    public async Task AHealthyComponentIsHealthyInEveryRespect()
    {
        await using FakeCluster cluster = new();
        DateTimeOffset end = new(DateTimeOffset.UtcNow.Year + 1, 3, 1, 12, 0, 0, TimeSpan.Zero);
        LoopbackServer api = cluster.Start("virt-api", "a", request => FakeCluster.Component(request, SessionScrape.Threads), until: end);
        HealthResult result = Assert.Single(await RunAsync(cluster, ComponentKind.Api));
        Assert.True(result.Healthy);
        Assert.Equal(("virt-api-a", "node-a", $"https://127.0.0.1:{api.Port}/healthz"), (result.Name, result.Node, result.Target));
        Assert.Equal((true, true, true, 200, "ok"), (result.Ready, result.CanConnect, result.CanScrape, result.StatusCode, result.Body));
        Assert.Equal(end, result.CertificateExpires);
        Assert.Equal(ComponentRoute.Direct, result.Route);
        Assert.Null(result.Leading);
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public async Task ConnectingAndScrapingAreTwoThings()
    {
        await using FakeCluster cluster = new();
        cluster.Start("virt-api", "sick", request => request.Path == "/healthz" ? Reply.Error(500, "Internal Server Error", "etcd is gone") : Reply.Text(SessionScrape.Threads));
        cluster.Start("virt-api", "mute", request => request.Path == "/healthz" ? Reply.Text("ok") : Reply.Error(404, "Not Found", "no"));
        cluster.AddPod("virt-api", "new", 0);
        Dictionary<string, HealthResult> results = (await RunAsync(cluster, ComponentKind.Api)).ToDictionary(result => result.Name);
        Assert.Equal((false, true, 500, "etcd is gone"), (results["virt-api-sick"].CanConnect, results["virt-api-sick"].CanScrape, results["virt-api-sick"].StatusCode, results["virt-api-sick"].Body));
        Assert.Equal((true, false), (results["virt-api-mute"].CanConnect, results["virt-api-mute"].CanScrape));
        Assert.Equal(ScrapeError.HttpStatus, results["virt-api-mute"].Error!.Cause);
        Assert.Equal((false, false), (results["virt-api-new"].CanConnect, results["virt-api-new"].Ready));
        Assert.StartsWith("virt-api-new: the pod has no address.", results["virt-api-new"].Error!.Message, StringComparison.Ordinal);
        Each.Of(results.Values, result => Assert.False(result.Healthy));
    }

    [Fact]
    public async Task APodThatIsOnlyNotReadyTellsWhy()
    {
        await using FakeCluster cluster = new();
        LoopbackServer api = cluster.Start("virt-api", "a", request => FakeCluster.Component(request, SessionScrape.Threads));
        cluster.RemovePod("virt-api", "a");
        cluster.AddPodText($$"""
            {"metadata":{"name":"virt-api-a","namespace":"kv","labels":{"kubevirt.io":"virt-api"} },
             "spec":{"containers":[{"ports":[{"name":"metrics","containerPort":{{api.Port}} }]}]},
             "status":{"phase":"Running","podIP":"127.0.0.1","conditions":[{"type":"Ready","status":"False","reason":"ContainersNotReady","message":"containers with unready status: [virt-api]","lastTransitionTime":"2026-11-28T03:10:05Z"}]} }
            """);
        HealthResult result = Assert.Single(await RunAsync(cluster, ComponentKind.Api));
        Assert.Equal((false, false, true, true), (result.Healthy, result.Ready, result.CanConnect, result.CanScrape));
        Assert.Equal("Not Ready since 2026-11-28 03:10:05 UTC: ContainersNotReady: containers with unready status: [virt-api].", result.ReadyNote);
    }

    [Fact]
    public async Task ACertificateThatIsAboutToEndIsWarnedOf()
    {
        await using FakeCluster cluster = new();
        cluster.Start("virt-api", "a", request => FakeCluster.Component(request, SessionScrape.Threads), until: DateTimeOffset.UtcNow.AddMinutes(59));
        cluster.Start("virt-api", "b", request => FakeCluster.Component(request, SessionScrape.Threads), until: DateTimeOffset.UtcNow.AddMinutes(62));
        HealthResult[] results = [.. (await RunAsync(cluster, ComponentKind.Api)).OrderBy(result => result.Name)];
        Assert.StartsWith("The certificate of virt-api-a expires at ", Assert.Single(results[0].Warnings), StringComparison.Ordinal);
        Assert.True(results[0].Healthy);
        Assert.Empty(results[1].Warnings);
    }

    [Theory]
    [InlineData(1, 0, "", "")]
    [InlineData(0, 0, "No replica of virt-controller is the leader, so its work is not done.", "No replica of virt-controller is the leader, so its work is not done.")]
    [InlineData(1, 1, Both, Both)]
    public async Task ExactlyOneControllerLeads(int first, int second, string problemOfFirst, string problemOfSecond)
    {
        await using FakeCluster cluster = new();
        cluster.Start("virt-controller", "a", request => FakeCluster.Component(request, Leading(first)));
        cluster.Start("virt-controller", "b", request => FakeCluster.Component(request, Leading(second)));
        HealthResult[] results = [.. (await RunAsync(cluster, ComponentKind.Controller)).OrderBy(result => result.Name)];
        Assert.Equal((first == 1, second == 1), (results[0].Leading, results[1].Leading));
        Assert.Equal((problemOfFirst, problemOfSecond), (string.Join('|', results[0].Problems), string.Join('|', results[1].Problems)));
        Assert.Equal((problemOfFirst.Length == 0, problemOfSecond.Length == 0), (results[0].Healthy, results[1].Healthy));
    }

    [Fact]
    public async Task AControllerThatGivesNoAnswerIsKnownByItsLease()
    {
        await using FakeCluster cluster = new();
        cluster.AddPod("virt-controller", "a", 1);
        cluster.Start("virt-controller", "b", request => FakeCluster.Component(request, Leading(0)));
        HealthResult[] results = [.. (await RunAsync(cluster, ComponentKind.Controller)).OrderBy(result => result.Name)];
        Assert.Equal((true, false), (results[0].Leading, results[1].Leading));
        Assert.Empty(results[1].Problems);
        Assert.True(results[1].Healthy);
        Assert.False(results[0].Healthy);
    }

    [Fact]
    public async Task WhereNobodySaysWhoLeadsThatIsAWarningAndNoProblem()
    {
        await using FakeCluster cluster = new();
        cluster.Answers[FakeCluster.Leases] = _ => FakeCluster.List("Lease");
        cluster.AddPod("virt-controller", "a", 1);
        cluster.Start("virt-controller", "b", request => FakeCluster.Component(request, Leading(0)));
        HealthResult second = (await RunAsync(cluster, ComponentKind.Controller)).Single(result => result.Name == "virt-controller-b");
        Assert.True(second.Healthy);
        Assert.Equal(
            ["Whether a replica of virt-controller is the leader is unknown, because virt-controller-a did not say. Which replica of virt-controller is the leader is unknown, because there is no lease virt-controller."],
            second.Warnings);
    }

    [Fact]
    public async Task VirtOperatorHasNoHealthAddressAndIsHealthyAllTheSame()
    {
        await using FakeCluster cluster = new();
        cluster.Answers[FakeCluster.Leases] = _ => FakeCluster.List("Lease", """{"metadata":{"name":"virt-operator"},"spec":{"holderIdentity":"virt-operator-a"}}""");
        LoopbackServer op = cluster.Start("virt-operator", "a", request => FakeCluster.Operator(request, "# TYPE kubevirt_virt_operator_leading_status gauge\nkubevirt_virt_operator_leading_status 1\n"));
        HealthResult result = Assert.Single(await RunAsync(cluster, ComponentKind.Operator));
        Assert.Equal((true, true, true, 200, true), (result.Healthy, result.CanConnect, result.CanScrape, result.StatusCode, result.Leading));
        Assert.Equal($"https://127.0.0.1:{op.Port}/metrics", result.Target);
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public async Task ALeaderAgainstItsLeaseIsToldOnBothReplicas()
    {
        await using FakeCluster cluster = new();
        cluster.Start("virt-controller", "a", request => FakeCluster.Component(request, Leading(0)));
        cluster.Start("virt-controller", "b", request => FakeCluster.Component(request, Leading(1)));
        HealthResult[] results = [.. (await RunAsync(cluster, ComponentKind.Controller)).OrderBy(result => result.Name)];
        Assert.Equal((false, true), (results[0].Leading, results[1].Leading));
        Assert.Equal(["virt-controller-a says of itself that it does not lead, and the lease says that it leads."], results[0].Warnings);
        Assert.Equal(["virt-controller-b says of itself that it leads, and the lease says that it does not."], results[1].Warnings);
    }

    [Fact]
    public async Task ALeaseThatIsNotRenewedIsToldBesideTheLeader()
    {
        await using FakeCluster cluster = new();
        cluster.Answers[FakeCluster.Leases] = _ => FakeCluster.List(
            "Lease", """{"metadata":{"name":"virt-controller"},"spec":{"holderIdentity":"virt-controller-a","leaseDurationSeconds":15,"renewTime":"2026-03-01T10:00:00Z"}}""");
        cluster.Answers["/version"] = _ => FakeCluster.Json("{}") with { Headers = [("Date", "Sun, 01 Mar 2026 10:01:00 GMT")] };
        cluster.Start("virt-controller", "a", request => FakeCluster.Component(request, Leading(1)));
        cluster.Start("virt-controller", "b", request => FakeCluster.Component(request, Leading(0)));
        HealthResult[] results = [.. (await RunAsync(cluster, ComponentKind.Controller)).OrderBy(result => result.Name)];
        Assert.Equal((true, false), (results[0].Leading, results[1].Leading));
        Assert.Equal(
            ["Which replica of virt-controller is the leader is unknown, because virt-controller-a holds the lease and has not renewed it since 2026-03-01 10:00:00 UTC, 60 s ago by the clock of the API server; it lasts 15 s. virt-controller-a reports that it is the leader."],
            results[0].Warnings);
        Assert.Empty(results[1].Warnings);
    }

    [Theory]
    [InlineData("true", true, null)]
    [InlineData("false", true, "virt-controller-a contradicts itself: according to its metrics it leads, according to its address /leader it does not.")]
    public async Task TheAddressForTheLeaderIsAskedAsWell(string leader, bool leading, string? warning)
    {
        await using FakeCluster cluster = new();
        cluster.Start("virt-controller", "a", request => request.Path == "/leader" ? FakeCluster.Json($$$"""{ "apiserver": { "leader": "{{{leader}}}" } }""") : FakeCluster.Component(request, Leading(1)));
        HealthResult result = Assert.Single(await RunAsync(cluster, ComponentKind.Controller));
        Assert.Equal(leading, result.Leading);
        Assert.Equal(warning, result.Warnings.SingleOrDefault());
    }

    [Fact]
    public async Task WithoutItsMetricTheReplicaIsKnownByItsAddressForTheLeader()
    {
        await using FakeCluster cluster = new();
        cluster.Answers[FakeCluster.Leases] = _ => FakeCluster.Forbidden("list", "leases", "coordination.k8s.io", "in the namespace \"kv\"");
        foreach ((string suffix, string leader) in new[] { ("a", "false"), ("b", "true") })
        {
            cluster.Start("virt-controller", suffix, request => request.Path == "/leader" ? FakeCluster.Json($$$"""{"apiserver":{"leader":"{{{leader}}}"}}""") : FakeCluster.Component(request, SessionScrape.Threads));
        }

        HealthResult[] results = [.. (await RunAsync(cluster, ComponentKind.Controller)).OrderBy(result => result.Name)];
        Assert.Equal((false, true), (results[0].Leading, results[1].Leading));
        Assert.Equal(
            ["Which replica of virt-controller is the leader is unknown, because user 'jane' may not list leases.coordination.k8s.io in namespace kv. virt-controller-b reports that it is the leader."],
            results[1].Warnings);
    }

    [Fact]
    public async Task AComponentWithoutAnyPodIsAProblem()
    {
        await using FakeCluster cluster = new();
        HealthResult result = Assert.Single(await RunAsync(cluster, ComponentKind.Handler));
        Assert.Equal("virt-handler", result.Name);
        Assert.Equal(["There is no pod of virt-handler in namespace kv."], result.Problems);
        Assert.False(result.Healthy);
    }

    private static string Leading(int value) => $"# TYPE kubevirt_virt_controller_leading_status gauge\nkubevirt_virt_controller_leading_status {value}\n";

    private static async Task<HealthResult[]> RunAsync(FakeCluster cluster, params ComponentKind[] expected)
    {
        using KubeVirtSession session = await cluster.OpenAsync();
        ComponentSurvey survey = await session.FindComponentsAsync(null, withLeaders: true, TestContext.Current.CancellationToken);
        ScrapeOptions options = new() { MaximumRetryCount = 0, Timeout = TimeSpan.FromSeconds(10) };
        return [.. new SessionHealth(session, options, TimeSpan.FromHours(1)).Run(survey.Components, expected, TestContext.Current.CancellationToken)];
    }
}
