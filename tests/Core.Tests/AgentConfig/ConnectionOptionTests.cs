using KubeVirtMonitor.AgentConfig;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Tests.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentConfig;

public sealed class ConnectionOptionTests
{
    [Theory]
    [InlineData("", 10)]
    [InlineData("timeout: 3", 3)]
    [InlineData("timeout: '2.5'", 2.5)]
    [InlineData("timeout: 3\nread_timeout: 20", 23)]
    [InlineData("connect_timeout: 1\nread_timeout: 2", 3)]
    public async Task The_timeout_is_of_the_whole_scrape(string options, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Assert.Single((await Configured.ScrapeAsync(options)).File.Instances).Options.Timeout);

    [Fact]
    public async Task A_target_that_hangs_ends_with_the_timeout()
    {
        await using LoopbackServer server = new(_ => Reply.Text("a 1\n") with { Delay = TimeSpan.FromSeconds(30) });

        Assert.Equal(ScrapeError.Timeout, (await Configured.ScrapeAsync(server, "timeout: 0.2")).Error?.Cause);
    }

    [Theory]
    [InlineData("{no_proxy: [127.0.0.0/8]}", true)]
    [InlineData("{no_proxy: 'example.org,127.0.0.1'}", true)]
    [InlineData("{no_proxy: [10.0.0.0/8]}", false)]
    public void No_proxy_holds_for_ranges_and_addresses(string proxy, bool isDirect)
    {
        AgentConfigFile file = Configured.Load($"init_config:\n  proxy: {proxy[..^1]}, http: 'http://127.0.0.1:9'}}\ninstances:\n- kubevirt_handler_metrics_endpoint: http://127.0.0.1:1/metrics\n");

        Assert.Equal(isDirect, file.Instances[0].Options.NoProxy);
        Assert.Equal(isDirect ? null : new Uri("http://127.0.0.1:9"), file.Instances[0].Options.Proxy);
    }

    [Theory]
    [InlineData("example.org", "example.org", true)]
    [InlineData("example.org", "a.example.org", true)]
    [InlineData("example.org", "notexample.org", false)]
    [InlineData(".example.org", "example.org", false)]
    [InlineData("*.example.org", "a.example.org", true)]
    [InlineData("*.example.org", "example.org", false)]
    [InlineData("10.0.0.0/8", "10.1.2.3", true)]
    [InlineData("10.0.0.5", "10.0.0.6", false)]
    [InlineData("*", "anything", true)]
    [InlineData("", "anything", false)]
    public void Entries_of_no_proxy_are_names_patterns_addresses_and_ranges(string rule, string host, bool isException) => Assert.Equal(isException, ProxyReader.IsException(rule, host));

    [Fact]
    public async Task A_proxy_is_used_and_skip_proxy_goes_past_it()
    {
        X509 tls = X509.New();
        await using LoopbackServer server = LoopbackServer.Text(Configured.Body, tls.Server);
        await using ProxyServer proxy = ProxyServer.Http();
        string options = $"tls_verify: false\npersist_connections: false\nproxy: {{https: '{proxy.Uri()}'}}";

        Assert.Null((await Configured.ScrapeAsync(server, options)).Error);
        Assert.Single(proxy.Said);
        Assert.Null((await Configured.ScrapeAsync(server, options + "\nskip_proxy: true")).Error);
        Assert.Single(proxy.Said);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Allow_redirects_false_makes_a_redirect_an_error()
    {
        await using LoopbackServer server = new(request => request.Path == "/metrics" ? Reply.Redirect(302, "/moved") : Reply.Text(Configured.Body));

        Assert.Equal(3, (await Configured.ScrapeAsync(server, "")).Samples.Count);
        Assert.Equal(ScrapeError.TooManyRedirects, (await Configured.ScrapeAsync(server, "allow_redirects: false")).Error?.Cause);
    }

    [Theory]
    [InlineData("use_latest_spec: true", "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1")]
    [InlineData("use_latest_spec: false", "text/plain")]
    [InlineData("use_latest_spec: true\nheaders: {accept: mine/own}", "mine/own")]
    public async Task Use_latest_spec_decides_what_is_asked_for(string options, string accept)
    {
        await using LoopbackServer server = LoopbackServer.Text(Configured.Body);

        await Configured.ScrapeAsync(server, options);

        Assert.Equal(accept, Assert.Single(server.Requests)["Accept"]);
    }

    [Theory]
    [InlineData("persist_connections: false", 2)]
    [InlineData("persist_connections: true", 1)]
    public async Task Persist_connections_false_closes_each(string options, int connections)
    {
        await using LoopbackServer server = new(request => Reply.Text(Configured.Body) with { UntilClose = request["Connection"] == "close" });

        await Configured.ScrapeAsync(server, options);
        await Configured.ScrapeAsync(server, options);

        Assert.Equal(connections, server.Connections);
    }

    [Fact]
    public async Task The_healthz_endpoint_is_asked_beside_the_metrics()
    {
        await using LoopbackServer server = new(request => request.Path == "/healthz" ? Reply.Error(500, "Bad", "no API") : Reply.Text(Configured.Body));

        Configured got = await Configured.ScrapeKubeVirtAsync(server, $"kubevirt_handler_healthz_endpoint: {server.Uri("/healthz")}\nkube_pod_name: p");

        ScrapeResult result = Assert.Single(got.Results);
        Assert.Null(result.Error);
        Assert.Equal(3, got.Samples.Count);
        MetricSample sample = CanConnect.ToSample(result.Health!, result.Target, result.Target.Component!.Value)!;
        Assert.Equal($"kubevirt_handler.can_connect{{endpoint={server.Uri("/healthz")}, pod_name=p}} 0", sample.ToString());
    }

    [Fact]
    public async Task Instances_are_scraped_at_the_same_time_and_a_bad_one_hides_none()
    {
        await using LoopbackServer server = new(_ => Reply.Text(Configured.Body) with { Delay = TimeSpan.FromMilliseconds(300) });
        string address = $"kubevirt_handler_metrics_endpoint: {server.Uri()}";

        Configured got = await Configured.RunAsync($"instances:\n- {address}\n- timeout: 3\n- {address}\n  max_returned_metrics: [5]\n- {address}\n  service: n\n");

        Assert.Equal(6, got.Samples.Count);
        Assert.Equal(2, server.MostActive);
        Assert.Equal(["instance 2", "instance 3"], got.File.Errors.Select(error => error.Target.Split(", ")[1]));
        Each.Of(got.File.Errors, error => Assert.Equal(ScrapeError.BadConfiguration, error.Cause));
    }
}
