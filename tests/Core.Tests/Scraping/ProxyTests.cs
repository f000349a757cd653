using System.Net;
using KubeVirtMonitor.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.Scraping;

public class ProxyTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Https_goes_through_the_proxy_and_is_verified_end_to_end()
    {
        X509 tls = X509.New();
        await using LoopbackServer server = LoopbackServer.Text("a 1\n", tls.Server);
        await using ProxyServer proxy = ProxyServer.Http();
        ScrapeOptions options = new() { Tls = new TlsOptions { CertificateAuthority = [tls.Authority] }, Token = "t0ken", Proxy = proxy.Uri() };

        Scraped scraped = await Scraped.FromAsync(server.Uri(), options, cancellationToken: Stop);

        Assert.Null(scraped.Result.Error);
        string request = Assert.Single(proxy.Said);
        Assert.StartsWith($"CONNECT 127.0.0.1:{server.Port} HTTP/1.1", request, StringComparison.Ordinal);
        Assert.DoesNotContain("t0ken", request, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_proxy_gets_its_own_credential(bool inTheAddress)
    {
        X509 tls = X509.New();
        await using LoopbackServer server = LoopbackServer.Text("a 1\n", tls.Server);
        await using ProxyServer proxy = ProxyServer.HttpFor("Basic dXNlcjpwYXNz");
        ScrapeOptions options = new()
        {
            Tls = new TlsOptions { CertificateAuthority = [tls.Authority] },
            Proxy = proxy.Uri(inTheAddress ? "user:pass@" : ""),
            ProxyCredential = inTheAddress ? null : new NetworkCredential("user", "pass"),
        };

        Scraped scraped = await Scraped.FromAsync(server.Uri(), options, cancellationToken: Stop);

        Assert.Null(scraped.Result.Error);
    }

    [Fact]
    public async Task A_proxy_that_wants_authentication_says_so()
    {
        X509 tls = X509.New();
        await using LoopbackServer server = LoopbackServer.Text("a 1\n", tls.Server);
        await using ProxyServer proxy = ProxyServer.HttpFor("Basic dXNlcjpwYXNz");
        ScrapeOptions options = new() { Tls = new TlsOptions { CertificateAuthority = [tls.Authority] }, Proxy = proxy.Uri("user:wr0ng@") };

        Scraped scraped = await Scraped.FromAsync(server.Uri(), options, cancellationToken: Stop);

        Assert.Equal(ScrapeError.Proxy, scraped.Error);
        Assert.Equal(HttpStatusCode.ProxyAuthenticationRequired, scraped.Result.Error!.StatusCode);
        Assert.Contains($"http://127.0.0.1:{proxy.Uri().Port}/", scraped.Result.Error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wr0ng", scraped.Result.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_proxy_that_is_not_there_is_named()
    {
        ProxyServer gone = ProxyServer.Http();
        Uri proxy = gone.Uri();
        await gone.DisposeAsync();
        Scraped scraped = await Scraped.FromAsync(new Uri("https://10.0.0.5:8443/metrics"), new ScrapeOptions { Proxy = proxy }, cancellationToken: Stop);
        Assert.Equal(ScrapeError.ConnectionRefused, scraped.Error);
        Assert.Contains($"through the proxy {proxy}", scraped.Result.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_proxy_address_is_refused()
    {
        ScrapeException error = Assert.Throws<ScrapeException>(() => Scraped.Scraper(new ScrapeOptions { Proxy = new Uri("ftp://u:s3cret@proxy/") }));
        Assert.Equal(ScrapeError.InvalidOption, error.Cause);
        Assert.DoesNotContain("s3cret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Proxies_that_differ_do_not_share_connections_and_their_identity_holds_no_password()
    {
        ScrapeOptions[] all =
        [
            new(),
            new() { NoProxy = true },
            new() { Proxy = new Uri("http://p:1") },
            new() { Proxy = new Uri("http://p:2") },
            new() { Proxy = new Uri("http://u:s3cret@p:1") },
            new() { Proxy = new Uri("http://u:other@p:1") },
        ];
        string[] identities = all.Select(options => new ProxyPolicy(options).Identity()).ToArray();
        Assert.Equal(all.Length, identities.Distinct().Count());
        Assert.DoesNotContain(identities, identity => identity.Contains("s3cret", StringComparison.Ordinal));
        Assert.Equal(identities[4], new ProxyPolicy(new ScrapeOptions { Proxy = new Uri("http://p:1"), ProxyCredential = new NetworkCredential("u", "s3cret") }).Identity());
    }
}
