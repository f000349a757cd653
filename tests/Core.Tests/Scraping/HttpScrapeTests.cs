using System.Net;
using System.Text;
using KubeVirtMonitor.Exposition;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.Scraping;

public class HttpScrapeTests
{
    private const string Two = "a{x=\"1\"} 1.5\nb 2\n";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_body_becomes_samples_and_a_summary()
    {
        await using LoopbackServer server = LoopbackServer.Text(Two);

        Scraped scraped = await Scraped.FromAsync(server.Uri("/metrics"), cancellationToken: Stop);

        Assert.Null(scraped.Result.Error);
        Assert.Equal(["a{x=1, endpoint=" + server.Uri() + "} 1.5", "b{endpoint=" + server.Uri() + "} 2"], scraped.Lines);
        Assert.Equal(HttpStatusCode.OK, scraped.Result.StatusCode);
        Assert.Equal(17, scraped.Result.WireBytes);
        Assert.Equal(17, scraped.Result.BodyBytes);
        Assert.Equal(2, scraped.Result.Summary!.Series);
        Assert.Equal(1, scraped.Result.Attempts);
        Assert.Null(scraped.Result.CertificateExpires);
        Assert.Null(scraped.Result.RedirectedTo);
        Assert.True(scraped.Result.Latency > TimeSpan.Zero);
    }

    [Fact]
    public async Task The_request_asks_as_Prometheus_does()
    {
        await using LoopbackServer server = LoopbackServer.Text(Two);

        await Scraped.FromAsync(server.Uri("/metrics?target=x"), new ScrapeOptions { Compression = BodyCompression.Gzip }, cancellationToken: Stop);

        ReceivedRequest request = Assert.Single(server.Requests);
        Assert.Equal("GET", request.Method);
        Assert.Equal("/metrics?target=x", request.Path);
        Assert.Equal("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1", request["Accept"]);
        Assert.Equal("gzip", request["Accept-Encoding"]);
        Assert.StartsWith("KubeVirtMonitor/", request["User-Agent"], StringComparison.Ordinal);
        Assert.Equal($"127.0.0.1:{server.Port}", request["Host"]);
        Assert.Null(request["Authorization"]);
        Assert.Null(request["Cookie"]);
        Assert.Null(request["traceparent"]);
    }

    [Theory]
    [InlineData(BodyCompression.None, "identity")]
    [InlineData(BodyCompression.Gzip, "gzip")]
    internal async Task Compression_is_asked_for_unless_it_is_not_wanted(BodyCompression compression, string expected)
    {
        await using LoopbackServer server = LoopbackServer.Text(Two);
        await Scraped.FromAsync(server.Uri(), new ScrapeOptions { Compression = compression }, cancellationToken: Stop);
        Assert.Equal(expected, Assert.Single(server.Requests)["Accept-Encoding"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_gzip_body_is_unpacked_whatever_was_asked_for(bool chunked)
    {
        string text = string.Concat(Enumerable.Range(0, 5000).Select(i => $"m{{i=\"{i}\"}} {i}\n"));
        await using LoopbackServer server = new(_ => Reply.Gzip(text) with { Chunked = chunked });

        Scraped scraped = await Scraped.FromAsync(server.Uri(), cancellationToken: Stop);

        Assert.Null(scraped.Result.Error);
        Assert.Equal(5000, scraped.Samples.Count);
        Assert.Equal(4999, scraped.Samples[4999].Value);
        Assert.Equal(Reply.Pack(text).Length, scraped.Result.WireBytes);
        Assert.Equal(text.Length, scraped.Result.BodyBytes);
    }

    [Fact]
    public async Task A_gzip_file_on_a_web_server_is_unpacked()
    {
        await using LoopbackServer server = new(_ => Reply.Gzip(Two) with { Headers = [], ContentType = "application/gzip" });
        Scraped scraped = await Scraped.FromAsync(server.Uri("/virt-api.prom.gz"), cancellationToken: Stop);
        Assert.Equal(2, scraped.Samples.Count);
    }

    [Fact]
    public async Task Chunked_bodies_and_bodies_until_close_are_whole()
    {
        foreach (Reply reply in new[] { Reply.Text(Two) with { Chunked = true }, Reply.Text(Two) with { UntilClose = true } })
        {
            await using LoopbackServer server = new(_ => reply);
            Scraped scraped = await Scraped.FromAsync(server.Uri(), cancellationToken: Stop);
            Assert.Null(scraped.Result.Error);
            Assert.Equal(2, scraped.Samples.Count);
        }
    }

    [Theory]
    [InlineData("application/openmetrics-text; version=1.0.0; charset=utf-8", "a 1 1.5\n# EOF\n", ExpositionFormat.OpenMetrics, 1500)]
    [InlineData("text/plain; version=0.0.4", "a 1 1500\n", ExpositionFormat.PrometheusText, 1500)]
    [InlineData("text/plain", "a 1 1.5\n# EOF\n", ExpositionFormat.OpenMetrics, 1500)]
    [InlineData(null, "a 1 1500\n", ExpositionFormat.PrometheusText, 1500)]
    internal async Task The_content_type_decides_the_format_and_the_content_where_it_does_not(string? contentType, string body, ExpositionFormat format, long milliseconds)
    {
        await using LoopbackServer server = new(_ => Reply.Text(body) with { ContentType = contentType });

        Scraped scraped = await Scraped.FromAsync(server.Uri(), cancellationToken: Stop);

        Assert.Equal(format, scraped.Result.Summary!.Format);
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), Assert.Single(scraped.Samples).Timestamp);
    }

    [Fact]
    public async Task Connections_are_kept_between_scrapes_and_scrapers()
    {
        X509 tls = X509.New();
        await using LoopbackServer server = LoopbackServer.Text(Two, tls.Server);
        using TransportPool pool = new();

        for (int round = 0; round < 5; round++)
        {
            // New options each time, as each call of a cmdlet makes them.
            ScrapeOptions options = new() { Tls = new TlsOptions { CertificateAuthority = [tls.Authority] }, Token = $"token-{round}" };
            Scraped scraped = await Scraped.FromAsync(server.Uri(), options, pool: pool, cancellationToken: Stop);
            Assert.Null(scraped.Result.Error);
        }

        Assert.Equal(1, server.Connections);
        Assert.Equal(1, pool.Count);
        Assert.Equal("Bearer token-0", server.Requests.First()["Authorization"]);
        Assert.Equal("Bearer token-4", server.Requests.Last()["Authorization"]);
    }

    [Fact]
    public async Task An_empty_body_is_a_scrape_without_samples()
    {
        await using LoopbackServer server = LoopbackServer.Text("");
        Scraped scraped = await Scraped.FromAsync(server.Uri(), cancellationToken: Stop);
        Assert.Null(scraped.Result.Error);
        Assert.Empty(scraped.Samples);
        Assert.Equal(0, scraped.Result.Summary!.Series);
    }

    [Fact]
    public async Task Target_information_reaches_the_tags()
    {
        await using LoopbackServer server = LoopbackServer.Text("b 2\n");
        ScrapeTarget target = ScrapeTarget.FromUri(server.Uri()) with { PodName = "virt-api-1", KubeNamespace = "kubevirt", AddTags = [new("cluster", "a")] };

        Scraped scraped = await Scraped.FromAsync(target, cancellationToken: Stop);

        Assert.Equal($"endpoint={server.Uri()}, pod_name=virt-api-1, kube_namespace=kubevirt, cluster=a", Assert.Single(scraped.Samples).Tags.ToString());
        Assert.Equal(server.Uri().ToString(), scraped.Samples[0].Target);
    }

    [Fact]
    public async Task Bytes_are_read_as_UTF_8_with_and_without_a_mark()
    {
        await using LoopbackServer server = new(_ => new Reply { Body = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes("b{n=\"é\"} 2\n")] });
        Scraped scraped = await Scraped.FromAsync(server.Uri(), cancellationToken: Stop);
        Assert.Null(scraped.Result.Error);
        Assert.Equal("é", Assert.Single(scraped.Samples).Tags["n"]);
    }

    [Fact]
    public async Task Content_of_no_component_is_an_error_unless_everything_is_wanted()
    {
        await using LoopbackServer server = LoopbackServer.Text(Two);

        Scraped mapped = await Scraped.FromAsync(server.Uri(), mapping: new MappingOptions(), cancellationToken: Stop);
        Scraped raw = await Scraped.FromAsync(server.Uri(), mapping: new MappingOptions { Raw = true, IncludeUnmapped = true }, cancellationToken: Stop);

        Assert.Equal(ScrapeError.UnknownComponent, mapped.Error);
        Assert.Equal(Setting.Component, mapped.Result.Error!.Setting);
        Assert.Null(raw.Error);
    }
}
