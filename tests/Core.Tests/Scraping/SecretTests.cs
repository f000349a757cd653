using System.Net;
using KubeVirtMonitor.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.Scraping;

public class SecretTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("https://host:8443/metrics", "https://host:8443/metrics")]
    [InlineData("https://host/metrics", "https://host/metrics")]
    [InlineData("https://user:pa%20ss@host:8443/metrics#part", "https://host:8443/metrics")]
    [InlineData("http://h/m?target=a&module=b", "http://h/m?target=a&module=b")]
    [InlineData("http://h/m?access_token=abc&target=a", "http://h/m?access_token=***&target=a")]
    [InlineData("http://h/m?ApiKey=abc", "http://h/m?ApiKey=***")]
    [InlineData("http://h/m?q=eyJhbGciOi.x.y", "http://h/m?q=***")]
    [InlineData("http://h/m?eyJhbGciOi.x.y", "http://h/m?***")]
    [InlineData("me:s3cret@host:8443/metrics", "***@host:8443/metrics")]
    [InlineData("ftp://me:s3cret@host/metrics", "ftp://host/metrics")]
    public void Shown_addresses_hold_no_secret(string uri, string shown) => Assert.Equal(shown, ShownUri.From(new Uri(uri)));

    [Fact]
    public async Task Token_credential_headers_and_user_of_the_address_are_sent()
    {
        await using LoopbackServer server = LoopbackServer.Text("a 1\n");
        Uri withUser = new($"http://us%40er:pa%3Ass@127.0.0.1:{server.Port}/metrics");

        await Scraped.FromAsync(server.Uri(), new ScrapeOptions { Token = "abc.def" }, cancellationToken: Stop);
        await Scraped.FromAsync(server.Uri(), new ScrapeOptions { Credential = new NetworkCredential("user", "pass") }, cancellationToken: Stop);
        await Scraped.FromAsync(server.Uri(), new ScrapeOptions { Credential = new NetworkCredential("user", "pass", "DOM") }, cancellationToken: Stop);
        await Scraped.FromAsync(server.Uri(), new ScrapeOptions { Headers = [new("Authorization", "Custom x"), new("Accept", "text/plain"), new("user-agent", "me/1")] }, cancellationToken: Stop);
        Scraped scraped = await Scraped.FromAsync(withUser, cancellationToken: Stop);

        ReceivedRequest[] requests = [.. server.Requests];
        Assert.Equal("Bearer abc.def", requests[0]["Authorization"]);
        Assert.Equal("Basic dXNlcjpwYXNz", requests[1]["Authorization"]);
        Assert.Equal("Basic RE9NXHVzZXI6cGFzcw==", requests[2]["Authorization"]);
        Assert.Equal("Custom x", requests[3]["Authorization"]);
        Assert.Equal("text/plain", requests[3]["Accept"]);
        Assert.Equal("me/1", requests[3]["User-Agent"]);
        Assert.Equal("Basic dXNAZXI6cGE6c3M=", requests[4]["Authorization"]);
        Assert.Equal(server.Uri().ToString(), scraped.Samples[0].Target);
    }

    [Fact]
    public async Task What_a_server_sends_back_of_them_is_masked()
    {
        await using LoopbackServer server = new(request => Reply.Error(400, "Bad", $"you sent {request["Authorization"]} and {request["X-Api-Key"]} and {(request["Authorization"]!.StartsWith("Basic", StringComparison.Ordinal) ? "s3cret-pass" : "")}"));
        ScrapeOptions basic = new() { Credential = new NetworkCredential("user", "s3cret-pass"), Headers = [new("X-Api-Key", "k3y-value")] };
        ScrapeOptions bearer = new() { Token = "t0ken-value" };

        Scraped one = await Scraped.FromAsync(server.Uri(), basic, cancellationToken: Stop);
        Scraped two = await Scraped.FromAsync(server.Uri(), bearer, cancellationToken: Stop);
        Scraped three = await Scraped.FromAsync(new Uri($"http://user:s3cret-pass@127.0.0.1:{server.Port}/metrics"), cancellationToken: Stop);

        string all = string.Concat(one.Result.Error, two.Result.Error, three.Result.Error);
        Assert.Contains("you sent Basic [redacted] and [redacted] and [redacted]", one.Result.Error!.Message, StringComparison.Ordinal);
        Each.Of(["s3cret-pass", "k3y-value", "t0ken-value", "dXNlcjpzM2NyZXQtcGFzcw=="], secret => Assert.DoesNotContain(secret, all, StringComparison.Ordinal));
    }

    [Fact]
    public void Shown_addresses_that_are_none_hold_no_user() =>
        Assert.Equal("//***@host/metrics", ShownUri.From(new Uri("//me:s3cret@host/metrics", UriKind.Relative)));

    private static readonly Dictionary<string, Func<string, Reply>> Echoes = new()
    {
        { "body", secret => Reply.Error(500, "Bad", $"you sent {secret}") },
        { "body, behind the old cut", secret => Reply.Error(500, "Bad", new string('x', 190) + " " + secret) },
        { "body that breaks off within", secret => Reply.Error(500, "Bad", new string('x', 8192 - secret.Length) + " " + secret) },
        { "body, escaped", secret => Reply.Error(500, "Bad", Uri.EscapeDataString(secret) + " " + System.Text.Json.JsonSerializer.Serialize(secret)) },
        { "body, in base64", secret => Reply.Error(500, "Bad", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes("Authorization: Bearer " + secret))) },
        { "page", secret => Reply.Error(502, "Bad", $"<html><h1>Bad</h1>{secret}</html>") },
        { "reason phrase", secret => Reply.Error(500, secret, "") },
        { "Content-Type", secret => Reply.Text("{}") with { ContentType = "application/json; x=" + secret } },
        { "Content-Encoding", secret => Reply.Text("a 1\n") with { Headers = [("Content-Encoding", secret)] } },
        { "redirect that loops", secret => Reply.Redirect(302, "/metrics/" + secret) },
        { "redirect to another scheme", secret => Reply.Redirect(302, "x-" + secret + "://host/") },
        { "defect", secret => Reply.Text($"a{{b=\"{secret}}} 1\na{{{secret}}} 2\nb 1\n") },
        { "no exposition", secret => Reply.Text($"hello {secret}\n") },
        { "status line", secret => new Reply { Raw = async (stream, stop) => await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes($"NOPE {secret} x\r\n\r\n"), stop) } },
        { "header line", secret => new Reply { Raw = async (stream, stop) => await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nno header {secret}\r\n\r\n"), stop) } },
        { "chunk", secret => new Reply { Raw = async (stream, stop) => await stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{secret}\r\nx"), stop) } },
    };

    public static TheoryData<string> Places => [.. Echoes.Keys];

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Wherever_a_server_puts_it_a_secret_is_never_shown(string place)
    {
        Func<string, Reply> echo = Echoes[place];
        const string Secret = "t0ken-Value+of/some=Length";
        await using LoopbackServer server = new(_ => echo(Secret));
        ScrapeOptions options = new() { Token = Secret, MaximumRetryCount = 0 };

        Scraped scraped = await Scraped.FromAsync(server.Uri(), options, cancellationToken: Stop);
        HealthCheckResult health = await Scraped.HealthAsync(server.Uri("/healthz"), options, Stop);

        string all = string.Join('\n', [scraped.Result.Error?.ToString() ?? "", KubeVirtMonitor.Display.ResultText.Of(scraped.Result), .. scraped.Result.Defects.Select(defect => defect.ToString()), .. scraped.Result.Warnings, health.Error?.ToString() ?? "", health.Body ?? ""]);
        Assert.DoesNotContain("t0ken", all, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("some", all, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Secret))[4..20], all, StringComparison.Ordinal);
        Assert.True(scraped.Result.Error is not null || scraped.Result.Defects.Count > 0, place);
    }

    [Theory]
    [InlineData("http://metrics.example/metrics", true)]
    [InlineData("http://user:pw@metrics.example/metrics", false)]
    public async Task No_secret_goes_over_the_network_unencrypted_unless_allowed(string uri, bool token)
    {
        ScrapeOptions options = new() { Token = token ? "t0ken" : null, NoProxy = true };
        Scraped scraped = await Scraped.FromAsync(new Uri(uri), options, cancellationToken: Stop);
        Assert.Equal(ScrapeError.UnencryptedAuthentication, scraped.Error);
        Assert.DoesNotContain("pw@", scraped.Result.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_it_is_allowed_the_request_is_made()
    {
        ScrapeOptions options = new() { Token = "t0ken", NoProxy = true, AllowUnencryptedAuthentication = true };
        Scraped scraped = await Scraped.FromAsync(new Uri("http://metrics.invalid/metrics"), options, cancellationToken: Stop);
        Assert.Equal(ScrapeError.NameResolution, scraped.Error);
    }

    [Theory]
    [InlineData("abc\n")]
    [InlineData("Bearer abc")]
    [InlineData("")]
    public void A_token_that_is_none_is_refused_without_showing_it(string token)
    {
        ScrapeException error = Assert.Throws<ScrapeException>(() => Scraped.Scraper(new ScrapeOptions { Token = token }));
        Assert.Equal((ScrapeError.InvalidOption, Setting.Token), (error.Cause, error.Setting));
        Assert.DoesNotContain("abc", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Key", "s3cret\r\nX-Other: 1")]
    [InlineData("X Key", "s3cret")]
    [InlineData("", "s3cret")]
    [InlineData("Content-Type", "s3cret")]
    public void A_header_that_cannot_be_sent_is_refused_without_its_value(string name, string value)
    {
        ScrapeException error = Assert.Throws<ScrapeException>(() => Scraped.Scraper(new ScrapeOptions { Headers = [new(name, value)] }));
        Assert.Equal((ScrapeError.InvalidOption, Setting.Headers), (error.Cause, error.Setting));
        Assert.DoesNotContain("s3cret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Token_and_credential_together_are_refused()
    {
        ScrapeException error = Assert.Throws<ScrapeException>(() => Scraped.Scraper(new ScrapeOptions { Token = "a", Credential = new NetworkCredential("u", "p") }));
        Assert.Equal(ScrapeError.InvalidOption, error.Cause);
    }
}
