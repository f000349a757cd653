using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Sessions;
using KubeVirtMonitor.Tests.KubeVirt;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeVirtMonitor.Tests.Sessions;

/// <summary>What a session remembers of the way to its components while pods come and go.</summary>
public sealed class RouteChangeTests
{
    private const int Nobody = 1;

    [Fact]
    public async Task APodThatIsBeingReplacedDecidesNothingForTheSession()
    {
        await using FakeCluster cluster = new();
        // Still Ready in the API server's eyes, and gone.
        cluster.AddPod("virt-api", "old", Nobody);
        cluster.ForbidTunnel("virt-api-old");
        cluster.Answers[FakeCluster.Pods + "/https:virt-api-old:1/proxy/healthz"] = _ => FakeCluster.Refusal(503, "ServiceUnavailable", "error trying to reach service: dial tcp 127.0.0.1:1: connect: connection refused");
        cluster.Start("virt-handler", "a", Answer);
        using KubeVirtSession session = await cluster.OpenAsync(ComponentRoute.Auto);
        ComponentSurvey survey = await session.FindComponentsAsync([ComponentKind.Api], withLeaders: false, TestContext.Current.CancellationToken);
        ScrapeResult result = Assert.Single(Scrape(session, [.. survey.Components.Where(component => component.Component == ComponentKind.Api)]));
        Assert.Equal(ScrapeError.ConnectionRefused, result.Error!.Cause);
        Assert.Contains(", Direct): the connection was refused.", result.Error.Message, StringComparison.Ordinal);
        Assert.Null(session.TakeWarning());

        cluster.RemovePod("virt-api", "old");
        cluster.Start("virt-api", "new", Answer);
        Each.Of((await SessionScrape.OfAsync(session)).Results, one => Assert.Null(one.Error));
        Assert.Equal(ComponentRoute.Direct, session.ActiveRoute);
    }

    [Fact]
    public async Task WithoutAnyReadyPodTheErrorNamesThemAndNothingIsRemembered()
    {
        await using FakeCluster cluster = new();
        cluster.AddPod("virt-api", "a", Nobody, ready: false);
        cluster.AddPod("virt-controller", "b", Nobody, ready: false);
        using KubeVirtSession session = await cluster.OpenAsync(ComponentRoute.Auto);
        SessionScrape scrape = await SessionScrape.OfAsync(session);
        Each.Of(scrape.Results, result => Assert.Equal(ScrapeError.Unreachable, result.Error!.Cause));
        Assert.Equal(
            "virt-api-a (https://127.0.0.1:1/metrics, Auto): no pod of KubeVirt is Ready (virt-api-a, virt-controller-b), so no route could be chosen. Wait until one is, and check them with 'kubectl get pods -n kv'.",
            scrape["virt-api-a"].Error!.Message);
        Assert.Null(session.ActiveRoute);

        cluster.RemovePod("virt-api", "a");
        cluster.Start("virt-api", "a", Answer);
        scrape = await SessionScrape.OfAsync(session);
        Assert.Null(scrape["virt-api-a"].Error);
        Assert.Equal(ScrapeError.ConnectionRefused, scrape["virt-controller-b"].Error!.Cause);
        Assert.Equal(ComponentRoute.Direct, session.ActiveRoute);
    }

    [Fact]
    public async Task AnUntrustedCertificateWithoutPermissionForTunnelsIsAnErrorAndNoDowngrade()
    {
        await using FakeCluster cluster = new();
        LoopbackServer stranger = cluster.Start("virt-api", "a", Answer, root: Pki.New("somebody"));
        cluster.ForbidTunnel("virt-api-a");
        cluster.AnswerByProxy("virt-api-a", stranger.Port, SessionScrape.Threads);
        using KubeVirtSession session = await cluster.OpenAsync(ComponentRoute.Auto);
        for (int run = 0; run < 2; run++)
        {
            ScrapeResult result = Assert.Single((await SessionScrape.OfAsync(session)).Results);
            Assert.Equal(ScrapeError.TlsUntrusted, result.Error!.Cause);
            Assert.Contains("; PortForward: user 'jane' may not create pods/portforward in namespace kv; a route without verification does not replace one that fails verification. ", result.Error.Message, StringComparison.Ordinal);
            Assert.Null(session.ActiveRoute);
        }

        Assert.Empty(cluster.RequestsTo($"{FakeCluster.Pods}/https:virt-api-a:{stranger.Port}/proxy/metrics"));
        Assert.Empty(cluster.RequestsTo($"{FakeCluster.Pods}/https:virt-api-a:{stranger.Port}/proxy/healthz"));
        Assert.Null(session.TakeWarning());
    }

    [Fact]
    public async Task AWayWithoutVerificationIsToldOnceAndLookedAtAgain()
    {
        await using FakeCluster cluster = new();
        FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
        foreach (string suffix in new[] { "a", "b" })
        {
            cluster.AddPod("virt-handler", suffix, Nobody);
            cluster.ForbidTunnel("virt-handler-" + suffix);
            cluster.AnswerByProxy("virt-handler-" + suffix, Nobody, SessionScrape.Threads);
        }

        using KubeVirtSession session = await cluster.OpenAsync(ComponentRoute.Auto, clock);
        Each.Of((await SessionScrape.OfAsync(session)).Results, result => Assert.Null(result.Error));
        Assert.Equal(ComponentRoute.ApiServerProxy, session.ActiveRoute);
        Assert.EndsWith(
            "are reached through the API server (ApiServerProxy), which does not verify their certificates (Direct: the connection was refused; PortForward: user 'jane' may not create pods/portforward in namespace kv).",
            session.TakeWarning(),
            StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromMinutes(4));
        await SessionScrape.OfAsync(session);
        Assert.Null(session.TakeWarning());

        cluster.RemovePod("virt-handler", "a");
        cluster.Start("virt-handler", "a", Answer);
        clock.Advance(TimeSpan.FromMinutes(2));
        await SessionScrape.OfAsync(session);
        Assert.Equal(ComponentRoute.Direct, session.ActiveRoute);
    }

    [Fact]
    public async Task AComponentThatTheWayDoesNotLeadToGetsOneOfItsOwn()
    {
        await using FakeCluster cluster = new();
        cluster.Start("virt-api", "a", Answer);
        cluster.AddPod("virt-handler", "far", Nobody);
        cluster.ForbidTunnel("virt-handler-far");
        cluster.AnswerByProxy("virt-handler-far", Nobody, SessionScrape.Threads);
        using KubeVirtSession session = await cluster.OpenAsync(ComponentRoute.Auto);
        Assert.Equal(ScrapeError.ConnectionRefused, (await SessionScrape.OfAsync(session))["virt-handler-far"].Error!.Cause);
        SessionScrape second = await SessionScrape.OfAsync(session);
        Each.Of(second.Results, result => Assert.Null(result.Error));
        Assert.Null(second["virt-handler-far"].CertificateExpires);
        Assert.NotNull(second["virt-api-a"].CertificateExpires);
        Assert.Equal(ComponentRoute.Direct, session.ActiveRoute);
        Assert.Contains("does not verify their certificates", session.TakeWarning(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ManyWhoAskAtOnceShareOneSearch()
    {
        await using FakeCluster cluster = new();
        int asked = 0;
        cluster.Start("virt-api", "a", request =>
        {
            if (request.Path == "/healthz") Interlocked.Increment(ref asked);
            return Answer(request) with { Delay = TimeSpan.FromMilliseconds(50) };
        });
        using KubeVirtSession session = await cluster.OpenAsync(ComponentRoute.Auto);
        KubeVirtComponent api = Assert.Single((await session.FindComponentsAsync(null, withLeaders: true, TestContext.Current.CancellationToken)).Components);
        RouteDecision[] decisions = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => SessionRoutes.Of(session).ChooseAsync(api, TestContext.Current.CancellationToken))));
        Assert.Single(decisions.Distinct());
        Assert.Equal(1, asked);
        Assert.Single(cluster.RequestsTo(FakeCluster.Authority));
    }

    [Fact]
    public async Task OneWhoGivesUpLeavesTheSearchToTheOthers()
    {
        await using FakeCluster cluster = new();
        cluster.Start("virt-api", "a", request => Answer(request) with { Delay = TimeSpan.FromMilliseconds(300) });
        using KubeVirtSession session = await cluster.OpenAsync(ComponentRoute.Auto);
        KubeVirtComponent api = Assert.Single((await session.FindComponentsAsync(null, withLeaders: true, TestContext.Current.CancellationToken)).Components);
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(100));
        Task<RouteDecision> first = SessionRoutes.Of(session).ChooseAsync(api, stop.Token);
        Task<RouteDecision> second = SessionRoutes.Of(session).ChooseAsync(api, TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(ComponentRoute.Direct, (await second).Client.Route);
    }

    [Theory]
    [InlineData(ComponentRoute.Direct)]
    [InlineData(ComponentRoute.Auto)]
    public async Task APodIsAskedWhereItIsNowAndNotWhereItWas(ComponentRoute route)
    {
        await using FakeCluster cluster = new();
        cluster.AddPod("virt-api", "moved", Nobody);
        cluster.AddPod("virt-api", "gone", Nobody);
        using KubeVirtSession session = await cluster.OpenAsync(route);
        ComponentSurvey old = await session.FindComponentsAsync(null, withLeaders: true, TestContext.Current.CancellationToken);
        cluster.RemovePod("virt-api", "gone");
        cluster.Start("virt-api", "moved", Answer);
        List<ScrapeResult> results = Scrape(session, old.Components);
        Assert.Equal(2, results.Count);
        Assert.Null(results.Single(result => result.Target.PodName == "virt-api-moved").Error);
        ScrapeException gone = results.Single(result => result.Target.PodName == "virt-api-gone").Error!;
        Assert.Equal(ScrapeError.ConnectionRefused, gone.Cause);
        Assert.StartsWith("virt-api-gone (https://127.0.0.1:1/metrics, Direct): the connection was refused, and the pod no longer exists. It was replaced or deleted: ", gone.Message, StringComparison.Ordinal);
    }

    private static Reply Answer(ReceivedRequest request) => FakeCluster.Component(request, SessionScrape.Threads);

    private static List<ScrapeResult> Scrape(KubeVirtSession session, IReadOnlyList<KubeVirtComponent> components)
    {
        ScrapeOptions options = new() { MaximumRetryCount = 0, Timeout = TimeSpan.FromSeconds(10) };
        return [.. new SessionScraper(session, options, new MappingOptions()).Run(components, TestContext.Current.CancellationToken).Select(item => item.Result).OfType<ScrapeResult>()];
    }
}
