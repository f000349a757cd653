using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Sessions;
using KubeVirtMonitor.Tests.KubeVirt;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeVirtMonitor.Tests.Sessions;

public sealed class RouteTests
{
    [Fact]
    public async Task DirectVerifiesEachComponentByTheNameOfItsService()
    {
        await using FakeCluster cluster = new();
        LoopbackServer handler = cluster.Start("virt-handler", "a", Answer);
        LoopbackServer op = cluster.Start("virt-operator", "o", request => FakeCluster.Operator(request, SessionScrape.Threads), name: "kubevirt-operator-webhook.kv.svc");
        using KubeVirtSession session = await cluster.OpenAsync();
        SessionScrape scrape = await SessionScrape.OfAsync(session);
        Each.Of(scrape.Results, result => Assert.Null(result.Error));
        Assert.Equal(
            $"kubevirt_handler.process.open_fds{{endpoint=https://127.0.0.1:{handler.Port}/metrics, pod_name=virt-handler-a, kube_namespace=kv, kube_node=node-a}} 12",
            Assert.Single(scrape.Samples, sample => sample.Contains("virt-handler-a", StringComparison.Ordinal)));
        Assert.Contains("virt-handler.kv.svc", handler.ServerNames);
        Assert.Contains("virt-operator.kv.svc", op.ServerNames);
        Assert.Equal((ComponentRoute.Direct, "asked for"), (session.ActiveRoute, session.RouteReason));
        Assert.NotNull(scrape["virt-handler-a"].CertificateExpires);
    }

    [Fact]
    public async Task AComponentThatFailsIsNamedAndHidesNoOther()
    {
        await using FakeCluster cluster = new();
        cluster.Start("virt-handler", "good", Answer);
        cluster.Start("virt-handler", "named", Answer, name: "elsewhere.example");
        cluster.Start("virt-handler", "strange", Answer, root: Pki.New("somebody"));
        cluster.AddPod("virt-handler", "gone", 1);
        using KubeVirtSession session = await cluster.OpenAsync();
        SessionScrape scrape = await SessionScrape.OfAsync(session);
        Assert.Contains("pod_name=virt-handler-good", Assert.Single(scrape.Samples), StringComparison.Ordinal);
        Assert.Equal(ScrapeError.TlsNameMismatch, scrape["virt-handler-named"].Error!.Cause);
        Assert.Equal(ScrapeError.TlsUntrusted, scrape["virt-handler-strange"].Error!.Cause);
        Assert.Equal(ScrapeError.ConnectionRefused, scrape["virt-handler-gone"].Error!.Cause);
        Assert.Equal(
            "virt-handler-gone (https://127.0.0.1:1/metrics, Direct): the connection was refused. Check that pod addresses can be reached from here.",
            scrape["virt-handler-gone"].Error!.Message);
        Assert.Equal(Setting.Route, scrape["virt-handler-gone"].Error!.Setting);
        Assert.StartsWith("virt-handler-named (", scrape["virt-handler-named"].Health!.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnAuthorityThatWasRenewedIsReadAgain()
    {
        await using FakeCluster cluster = new();
        FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
        cluster.Start("virt-api", "a", Answer);
        using KubeVirtSession session = await cluster.OpenAsync(time: clock);
        Assert.Null((await SessionScrape.OfAsync(session))["virt-api-a"].Error);
        cluster.Root = Pki.New("the next");
        cluster.Start("virt-api", "b", Answer);
        Assert.Null((await SessionScrape.OfAsync(session))["virt-api-b"].Error);
        Assert.Equal(2, cluster.RequestsTo(FakeCluster.Authority).Count());
    }

    [Fact]
    public async Task ACertificateThatIsWrongForGoodMakesNoQuestionOfEveryRequest()
    {
        await using FakeCluster cluster = new();
        FakeTimeProvider clock = new(DateTimeOffset.UtcNow);
        cluster.Start("virt-api", "strange", Answer, root: Pki.New("somebody"));
        using KubeVirtSession session = await cluster.OpenAsync(time: clock);
        for (int run = 0; run < 3; run++) Assert.Equal(ScrapeError.TlsUntrusted, (await SessionScrape.OfAsync(session))["virt-api-strange"].Error!.Cause);
        Assert.Equal(2, cluster.RequestsTo(FakeCluster.Authority).Count());
        clock.Advance(TimeSpan.FromSeconds(11));
        await SessionScrape.OfAsync(session);
        Assert.Equal(3, cluster.RequestsTo(FakeCluster.Authority).Count());
    }

    [Fact]
    public async Task TheProxyPathNamesPodAndPort()
    {
        await using FakeCluster cluster = new();
        cluster.AddPod("virt-handler", "a", 8443);
        cluster.Answers[FakeCluster.Pods + "/https:virt-handler-a:8443/proxy/metrics"] = _ => Reply.Text(SessionScrape.Threads);
        cluster.Answers[FakeCluster.Pods + "/https:virt-handler-a:8443/proxy/healthz"] = _ => Reply.Text("ok");
        using KubeVirtSession session = await cluster.OpenAsync(ComponentRoute.ApiServerProxy);
        SessionScrape scrape = await SessionScrape.OfAsync(session);
        Assert.Equal("kubevirt_handler.process.open_fds{endpoint=https://127.0.0.1:8443/metrics, pod_name=virt-handler-a, kube_namespace=kv, kube_node=node-a} 12", Assert.Single(scrape.Samples));
        Assert.True(scrape["virt-handler-a"].Health!.CanConnect);
        Assert.Null(scrape["virt-handler-a"].CertificateExpires);
        Assert.Empty(cluster.RequestsTo(FakeCluster.Authority));
    }

    [Fact]
    public async Task WhatTheApiServerRefusesNamesThePermission()
    {
        await using FakeCluster cluster = new();
        cluster.AddPod("virt-handler", "a", 8443);
        cluster.AddPod("virt-handler", "b", 8443);
        cluster.Answers[FakeCluster.Pods + "/https:virt-handler-a:8443/proxy/metrics"] = _ => FakeCluster.Refusal(
            403, "Forbidden", "pods \"virt-handler-a\" is forbidden: User \"jane\" cannot get resource \"pods/proxy\" in API group \"\" in the namespace \"kv\"");
        cluster.Answers[FakeCluster.Pods + "/https:virt-handler-b:8443/proxy/metrics"] = _ => FakeCluster.Refusal(503, "ServiceUnavailable", "error trying to reach service: dial tcp 10.0.0.5:8443: connect: connection refused");
        using KubeVirtSession session = await cluster.OpenAsync(ComponentRoute.ApiServerProxy);
        SessionScrape scrape = await SessionScrape.OfAsync(session);
        ScrapeException refused = scrape["virt-handler-a"].Error!;
        Assert.Equal(ScrapeError.Forbidden, refused.Cause);
        Assert.StartsWith("virt-handler-a (https://127.0.0.1:8443/metrics, ApiServerProxy): user 'jane' may not get pods/proxy in namespace kv. Ask for a Role", refused.Message, StringComparison.Ordinal);
        ScrapeException unreachable = scrape["virt-handler-b"].Error!;
        Assert.Equal(ScrapeError.Unreachable, unreachable.Cause);
        Assert.Contains("dial tcp 10.0.0.5:8443: connect: connection refused", unreachable.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ABusyComponentBehindTheProxyIsAskedAgain()
    {
        await using FakeCluster cluster = new();
        cluster.AddPod("virt-handler", "a", 8443);
        int asked = 0;
        cluster.Answers[FakeCluster.Pods + "/https:virt-handler-a:8443/proxy/metrics"] = _ => Interlocked.Increment(ref asked) < 3
            ? Reply.Error(503, "Service Unavailable", "Limit of concurrent requests reached (3), try again later.")
            : Reply.Text(SessionScrape.Threads);
        using KubeVirtSession session = await cluster.OpenAsync(ComponentRoute.ApiServerProxy);
        SessionScrape scrape = await SessionScrape.OfAsync(session);
        Assert.Single(scrape.Samples);
        Assert.Equal(3, scrape["virt-handler-a"].Attempts);
    }

    [Fact]
    public async Task ASecretForSomebodyElseNeverReachesAComponent()
    {
        await using FakeCluster cluster = new();
        LoopbackServer api = cluster.Start("virt-api", "a", Answer);
        using KubeVirtSession session = await cluster.OpenAsync();
        ComponentSurvey survey = await session.FindComponentsAsync(null, withLeaders: true, TestContext.Current.CancellationToken);
        SessionScraper scraper = new(session, new ScrapeOptions { Token = "for-somebody-else" }, new MappingOptions()) { WithHealth = true };
        Each.Of(scraper.Run(survey.Components, TestContext.Current.CancellationToken).ToArray(), item => Assert.Null(item.Result?.Error));
        Assert.Equal(2, api.Requests.Count);
        Each.Of(api.Requests, request => Assert.Null(request["Authorization"]));
    }

    [Fact]
    public async Task AutoTakesTheDirectWayWhereItLeadsSomewhere()
    {
        await using FakeCluster cluster = new();
        cluster.Start("virt-handler", "a", Answer);
        cluster.AddPod("virt-api", "gone", 1);
        using KubeVirtSession session = await cluster.OpenAsync(ComponentRoute.Auto);
        SessionScrape scrape = await SessionScrape.OfAsync(session);
        Assert.Single(scrape.Samples);
        Assert.Equal((ComponentRoute.Direct, "the addresses of pods can be reached from here"), (session.ActiveRoute, session.RouteReason));
        await SessionScrape.OfAsync(session);
        Assert.Single(cluster.RequestsTo(FakeCluster.Authority));
    }

    [Fact]
    public async Task AutoComesToTheProxyWhenNothingElseLeadsAnywhere()
    {
        await using FakeCluster cluster = new();
        cluster.AddPod("virt-handler", "a", 1);
        cluster.AnswerByProxy("virt-handler-a", 1, SessionScrape.Threads);
        cluster.ForbidTunnel("virt-handler-a");
        using KubeVirtSession session = await cluster.OpenAsync(ComponentRoute.Auto);
        SessionScrape scrape = await SessionScrape.OfAsync(session);
        Assert.Single(scrape.Samples);
        Assert.Equal(ComponentRoute.ApiServerProxy, session.ActiveRoute);
        Assert.Equal("Direct: the connection was refused; PortForward: user 'jane' may not create pods/portforward in namespace kv", session.RouteReason);
    }

    [Fact]
    public async Task WhereEveryWayIsForbiddenAllAreToldAndTheVerifiedOneIsAdvised()
    {
        await using FakeCluster cluster = new();
        cluster.AddPod("virt-handler", "a", 1);
        cluster.ForbidTunnel("virt-handler-a");
        Func<Reply> refuse = () => FakeCluster.Refusal(
            403, "Forbidden", "pods \"virt-handler-a\" is forbidden: User \"jane\" cannot get resource \"pods/proxy\" in API group \"\" in the namespace \"kv\"");
        cluster.Answers[FakeCluster.Pods + "/https:virt-handler-a:1/proxy/metrics"] = _ => refuse();
        cluster.Answers[FakeCluster.Pods + "/https:virt-handler-a:1/proxy/healthz"] = _ => refuse();
        using KubeVirtSession session = await cluster.OpenAsync(ComponentRoute.Auto);
        ScrapeException error = (await SessionScrape.OfAsync(session))["virt-handler-a"].Error!;
        Assert.Equal(ScrapeError.Forbidden, error.Cause);
        Assert.Equal(
            "virt-handler-a (https://127.0.0.1:1/metrics, Auto): Direct: the connection was refused; PortForward: user 'jane' may not create pods/portforward in namespace kv; ApiServerProxy: user 'jane' may not get pods/proxy in namespace kv. "
            + "Ask for a Role or ClusterRole with the verbs 'get' and 'create' on 'pods/portforward' in namespace kv, bound to that user; check with 'kubectl auth can-i create pods --subresource=portforward -n kv'.",
            error.Message);
    }

    [Fact]
    public async Task WithoutTheAuthorityOnlyTheProxyIsLeft()
    {
        await using FakeCluster cluster = new();
        LoopbackServer handler = cluster.Start("virt-handler", "a", Answer);
        cluster.AnswerByProxy("virt-handler-a", handler.Port, SessionScrape.Threads);
        cluster.Answers[FakeCluster.Authority] = _ => FakeCluster.Refusal(
            403, "Forbidden", "configmaps \"kubevirt-ca\" is forbidden: User \"jane\" cannot get resource \"configmaps\" in API group \"\" in the namespace \"kv\"");
        using KubeVirtSession session = await cluster.OpenAsync(ComponentRoute.Auto);
        Assert.Null((await SessionScrape.OfAsync(session))["virt-handler-a"].Error);
        Assert.Equal(ComponentRoute.ApiServerProxy, session.ActiveRoute);
        Assert.StartsWith("certificates of pods cannot be verified from here: user 'jane' may not get configmap", session.RouteReason, StringComparison.Ordinal);
        Assert.NotNull(session.TakeWarning());
    }

    [Fact]
    public async Task AnAuthorityThatIsNotThereIsAnError()
    {
        await using FakeCluster cluster = new();
        LoopbackServer handler = cluster.Start("virt-handler", "a", Answer);
        cluster.AnswerByProxy("virt-handler-a", handler.Port, SessionScrape.Threads);
        cluster.Answers.TryRemove(FakeCluster.Authority, out _);
        using KubeVirtSession session = await cluster.OpenAsync(ComponentRoute.Auto);
        Assert.Contains("cannot get /api/v1/namespaces/kv/configmaps/kubevirt-ca", (await SessionScrape.OfAsync(session))["virt-handler-a"].Error!.Message, StringComparison.Ordinal);
        Assert.Null(session.ActiveRoute);
    }

    private static Reply Answer(ReceivedRequest request) => FakeCluster.Component(request, SessionScrape.Threads);
}
