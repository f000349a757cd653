using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.Scraping;

public class RedirectTests
{
    private static readonly ScrapeOptions WithSecrets = new() { Token = "t0ken", Headers = [new("X-Scope-OrgID", "tenant"), new("X-Api-Key", "k3y")] };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_on_the_same_host_keeps_the_secrets(int status)
    {
        await using LoopbackServer server = new(request => request.Path == "/metrics" ? Reply.Redirect(status, "/v2/metrics?x=1") : Reply.Text("a 1\n"));

        Scraped scraped = await Scraped.FromAsync(server.Uri(), WithSecrets, cancellationToken: Stop);

        Assert.Null(scraped.Result.Error);
        Assert.Equal($"{server.Uri("/v2/metrics")}?x=1", scraped.Result.RedirectedTo);
        Assert.Equal(server.Uri().ToString(), Assert.Single(scraped.Samples).Target);
        Each.Of(server.Requests, request => Assert.Equal("Bearer t0ken", request["Authorization"]));
        Assert.Equal("GET", server.Requests.Last().Method);
    }

    [Fact]
    public async Task Another_host_gets_no_secret_not_even_when_it_leads_back()
    {
        LoopbackServer? first = null;
        await using LoopbackServer other = new(request => request.Path == "/back" ? Reply.Redirect(302, first!.Uri("/end").ToString()) : Reply.Text("a 1\n"));
        await using LoopbackServer asked = first = new LoopbackServer(request => request.Path == "/end" ? Reply.Text("a 1\n") : Reply.Redirect(302, other.Uri("/back").ToString()));

        Scraped scraped = await Scraped.FromAsync(asked.Uri(), WithSecrets, cancellationToken: Stop);

        Assert.Null(scraped.Result.Error);
        Assert.Equal("Bearer t0ken", asked.Requests.First()["Authorization"]);
        Assert.Equal("k3y", asked.Requests.First()["X-Api-Key"]);
        ReceivedRequest[] later = [other.Requests.Single(), asked.Requests.Last()];
        Each.Of(later, request =>
        {
            Assert.Null(request["Authorization"]);
            Assert.Null(request["X-Scope-OrgID"]);
            Assert.Null(request["X-Api-Key"]);
            Assert.NotNull(request["Accept"]);
        });
    }

    [Fact]
    public async Task The_same_machine_under_another_name_is_another_host()
    {
        await using LoopbackServer server = new(request => request.Path == "/metrics" ? Reply.Redirect(302, $"http://localhost:{request["Host"]!.Split(':')[1]}/end") : Reply.Text("a 1\n"));
        await Scraped.FromAsync(server.Uri(), WithSecrets, cancellationToken: Stop);
        Assert.Null(server.Requests.Last()["Authorization"]);
    }

    [Fact]
    public async Task A_refusal_of_another_host_says_that_the_secret_stayed_here()
    {
        await using LoopbackServer other = new(_ => Reply.Error(401, "Unauthorized", ""));
        await using LoopbackServer server = new(_ => Reply.Redirect(302, other.Uri().ToString()));
        Scraped scraped = await Scraped.FromAsync(server.Uri(), WithSecrets, cancellationToken: Stop);
        Assert.Equal(ScrapeError.Unauthorized, scraped.Error);
        Assert.Equal(Setting.Address, scraped.Result.Error!.Setting);
    }

    [Fact]
    public async Task User_and_password_of_the_address_do_not_follow_to_another_host()
    {
        await using LoopbackServer other = LoopbackServer.Text("a 1\n");
        await using LoopbackServer server = new(_ => Reply.Redirect(302, other.Uri().ToString()));
        await Scraped.FromAsync(new Uri($"http://user:pass@127.0.0.1:{server.Port}/metrics"), cancellationToken: Stop);
        Assert.Equal("Basic dXNlcjpwYXNz", server.Requests.Single()["Authorization"]);
        Assert.Null(other.Requests.Single()["Authorization"]);
    }

    [Fact]
    public async Task A_redirect_from_https_to_http_is_refused()
    {
        X509 tls = X509.New();
        await using LoopbackServer plain = LoopbackServer.Text("a 1\n");
        await using LoopbackServer server = new(_ => Reply.Redirect(302, plain.Uri().ToString()), tls.Server);

        Scraped scraped = await Scraped.FromAsync(server.Uri(), tls.Trusting(), cancellationToken: Stop);

        Assert.Equal(ScrapeError.BadRedirect, scraped.Error);
        Assert.Contains(plain.Uri().ToString(), scraped.Result.Error!.Message, StringComparison.Ordinal);
        Assert.Empty(plain.Requests);
    }

    [Fact]
    public async Task The_server_name_and_the_client_certificate_stay_with_the_first_host()
    {
        X509 tls = X509.New("virt-api", "localhost");
        X509Certificate2Collection own = [tls.Issuer.Issue([], usage: Pki.ClientUsage, subject: "scraper")];
        await using LoopbackServer other = LoopbackServer.Text("a 1\n", tls.Server with { AsksForCertificate = true });
        await using LoopbackServer server = new(_ => Reply.Redirect(302, other.Uri(host: "localhost").ToString()), tls.Server with { ClientAuthority = tls.Authority });

        Scraped scraped = await Scraped.FromAsync(server.Uri(), tls.Trusting(new TlsOptions { ServerName = "virt-api", ClientCertificate = own }), cancellationToken: Stop);

        Assert.Null(scraped.Result.Error);
        Assert.Equal("CN=scraper", server.Requests.Single().ClientCertificate);
        Assert.Equal("localhost", other.ServerNames.Single());
        Assert.Null(other.Requests.Single().ClientCertificate);
    }

    [Fact]
    public async Task Redirects_have_a_limit()
    {
        await using LoopbackServer server = new(_ => Reply.Redirect(302, "/metrics"));
        Scraped scraped = await Scraped.FromAsync(server.Uri(), new ScrapeOptions { MaximumRedirection = 3 }, cancellationToken: Stop);
        Assert.Equal(ScrapeError.TooManyRedirects, scraped.Error);
        Assert.Equal(4, server.Requests.Count);
        Assert.Equal($"{server.Uri()}: more than 3 redirects, the last to {server.Uri()}.", scraped.Result.Error!.Message);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("ftp://127.0.0.1/metrics")]
    public async Task A_redirect_to_nowhere_is_told(string? location)
    {
        await using LoopbackServer server = new(_ => location is null ? Reply.Redirect(302, "") with { Headers = [] } : Reply.Redirect(302, location));
        Scraped scraped = await Scraped.FromAsync(server.Uri(), cancellationToken: Stop);
        Assert.Equal(ScrapeError.BadRedirect, scraped.Error);
    }

    [Fact]
    public async Task Secrets_in_a_redirect_are_not_shown()
    {
        await using LoopbackServer server = new(_ => Reply.Redirect(302, "http://u:hidden1@127.0.0.1:1/login?access_token=hidden2"));
        Scraped scraped = await Scraped.FromAsync(server.Uri(), new ScrapeOptions { MaximumRedirection = 0 }, cancellationToken: Stop);
        Assert.Equal(ScrapeError.TooManyRedirects, scraped.Error);
        Assert.DoesNotContain("hidden", scraped.Result.Error!.ToString(), StringComparison.Ordinal);
    }
}
