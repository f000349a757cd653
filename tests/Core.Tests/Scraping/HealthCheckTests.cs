using System.Net;
using KubeVirtMonitor.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.Scraping;

public class HealthCheckTests
{
    private static readonly ScrapeOptions Quick = new() { Timeout = TimeSpan.FromMilliseconds(300), NoProxy = true };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_good_answer_can_connect()
    {
        X509 tls = X509.New();
        await using LoopbackServer server = LoopbackServer.Text("{\"apiserver\":{\"connectivity\":\"ok\"}}", tls.Server);

        HealthCheckResult result = await Scraped.HealthAsync(server.Uri("/healthz"), tls.Trusting(), Stop);

        Assert.True(result.CanConnect);
        Assert.Null(result.Error);
        Assert.Equal(HttpStatusCode.OK, result.StatusCode);
        Assert.Equal("{\"apiserver\":{\"connectivity\":\"ok\"}}", result.Body);
        Assert.Equal(server.Uri("/healthz").ToString(), result.Target);
        Assert.Equal(new DateTimeOffset(tls.Server.Certificate.NotAfter.ToUniversalTime()), result.CertificateExpires);
        Assert.True(result.Latency > TimeSpan.Zero);
        Assert.True(DateTimeOffset.UtcNow - result.Timestamp < TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_bad_answer_keeps_its_status_and_body()
    {
        await using LoopbackServer server = new(_ => Reply.Error(500, "Internal Server Error", "apiserver: failed"));
        HealthCheckResult result = await Scraped.HealthAsync(server.Uri("/healthz"), Quick, Stop);
        Assert.False(result.CanConnect);
        Assert.Equal(HttpStatusCode.InternalServerError, result.StatusCode);
        Assert.Equal("apiserver: failed", result.Body);
        Assert.Equal(ScrapeError.HttpStatus, result.Error!.Cause);
    }

    [Fact]
    public async Task A_long_body_is_cut_at_one_KiB()
    {
        await using LoopbackServer server = LoopbackServer.Text(new string('x', 100_000));
        HealthCheckResult result = await Scraped.HealthAsync(server.Uri(), Quick, Stop);
        Assert.Equal(1024, result.Body!.Length);
    }

    [Fact]
    public async Task No_answer_is_a_result_with_the_reason()
    {
        await using LoopbackServer server = new(_ => Reply.Text("") with { Delay = TimeSpan.FromSeconds(20) });
        HealthCheckResult slow = await Scraped.HealthAsync(server.Uri(), Quick, Stop);
        HealthCheckResult nowhere = await Scraped.HealthAsync(new Uri("http://virt.invalid/healthz"), Quick, Stop);

        Assert.Equal(ScrapeError.Timeout, slow.Error!.Cause);
        Assert.Equal(ScrapeError.NameResolution, nowhere.Error!.Cause);
        Each.Of([slow, nowhere], result => Assert.False(result.CanConnect));
        Assert.Null(nowhere.StatusCode);
        Assert.Null(nowhere.Body);
    }

    [Fact]
    public async Task A_failed_health_check_does_not_stop_the_scrape()
    {
        await using LoopbackServer server = new(request => request.Path == "/healthz" ? Reply.Error(503, "Busy", "") : Reply.Text("a 1\n"));
        Scraped scraped = await Scraped.FromAsync(ScrapeTarget.FromUri(server.Uri(), ComponentKind.Api, server.Uri("/healthz")), cancellationToken: Stop);
        Assert.Null(scraped.Error);
        Assert.Single(scraped.Samples);
        Assert.False(scraped.Result.Health!.CanConnect);
        Assert.Equal(ScrapeError.Busy, scraped.Result.Health.Error!.Cause);
    }

    [Fact]
    public async Task A_failed_scrape_does_not_hide_the_health()
    {
        await using LoopbackServer server = new(request => request.Path == "/healthz" ? Reply.Text("ok") : Reply.Error(404, "Not Found", ""));
        Scraped scraped = await Scraped.FromAsync(ScrapeTarget.FromUri(server.Uri(), ComponentKind.Api, server.Uri("/healthz")), cancellationToken: Stop);
        Assert.Equal(ScrapeError.HttpStatus, scraped.Error);
        Assert.True(scraped.Result.Health!.CanConnect);
    }

    [Theory]
    [InlineData(ComponentKind.Api, "kubevirt_api.can_connect", true)]
    [InlineData(ComponentKind.Controller, "kubevirt_controller.can_connect", false)]
    [InlineData(ComponentKind.Handler, "kubevirt_handler.can_connect", true)]
    public void It_becomes_a_sample(ComponentKind component, string name, bool good)
    {
        HealthCheckResult result = new() { Target = "https://10.0.0.5:8443/healthz", CanConnect = good, Timestamp = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero) };
        ScrapeTarget target = ScrapeTarget.FromUri(new Uri("https://10.0.0.5:8443/metrics")) with
        {
            PodName = "virt-1",
            KubeNamespace = "kubevirt",
            AddTags = [new("cluster", "a"), new("pod_name", "other")],
        };

        MetricSample sample = CanConnect.ToSample(result, target, component)!;

        Assert.Equal(name, sample.Name);
        Assert.Equal(good ? 1 : 0, sample.Value);
        Assert.Equal(MetricKind.Gauge, sample.Kind);
        Assert.Equal(component, sample.Component);
        Assert.Equal("https://10.0.0.5:8443/healthz", sample.Target);
        Assert.Equal(result.Timestamp, sample.Timestamp);
        Assert.Null(sample.Correction);
        Assert.Equal("endpoint=https://10.0.0.5:8443/healthz, kube_namespace=kubevirt, cluster=a, pod_name=other", sample.Tags.ToString());
    }

    [Fact]
    public void A_component_without_such_a_metric_gives_none() =>
        Assert.Null(CanConnect.ToSample(new HealthCheckResult { Target = "t" }, ScrapeTarget.FromText([]), ComponentKind.Operator));

    [Fact]
    public async Task Cancelling_is_no_result()
    {
        await using LoopbackServer server = new(_ => Reply.Text("") with { Delay = TimeSpan.FromSeconds(20) });
        using CancellationTokenSource user = new(100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Scraped.HealthAsync(server.Uri(), null, user.Token));
    }
}
