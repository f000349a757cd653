using System.Net;
using System.Net.Sockets;
using KubeVirtMonitor.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.Scraping;

public class HttpFailureTests
{
    private static readonly ScrapeOptions Quick = new() { RetryInterval = TimeSpan.FromMilliseconds(1), NoProxy = true };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_listens()
    {
        int port = TcpServer.FreePort();

        Scraped scraped = await Scraped.FromAsync(new Uri($"http://127.0.0.1:{port}/metrics"), Quick, cancellationToken: Stop);

        Assert.Equal(ScrapeError.ConnectionRefused, scraped.Error);
        Assert.Equal("ConnectionRefused", scraped.Result.Error!.Id);
        Assert.Equal($"http://127.0.0.1:{port}/metrics: the connection was refused.", scraped.Result.Error.Message);
        Assert.Equal(1, scraped.Result.Attempts);
    }

    [Fact]
    public async Task The_name_is_unknown()
    {
        Scraped scraped = await Scraped.FromAsync(new Uri("http://virt-api.kubevirt.invalid/metrics"), Quick, cancellationToken: Stop);
        Assert.Equal(ScrapeError.NameResolution, scraped.Error);
        Assert.Equal("http://virt-api.kubevirt.invalid/metrics: the host name has no address.", scraped.Result.Error!.Message);
    }

    [Theory]
    [InlineData(401, ScrapeError.Unauthorized)]
    [InlineData(403, ScrapeError.Forbidden)]
    [InlineData(404, ScrapeError.HttpStatus)]
    [InlineData(500, ScrapeError.HttpStatus)]
    [InlineData(204, ScrapeError.HttpStatus)]
    public async Task A_status_is_told_with_its_reason_and_the_first_line_of_the_body(int status, ScrapeError cause)
    {
        await using LoopbackServer server = new(_ => status == 204
            ? Reply.Error(status, "Some Reason", "") with { Raw = null }
            : Reply.Error(status, "Some Reason", "what \u001b[31mhappened\u0007\r\nsecond line"));

        Scraped scraped = await Scraped.FromAsync(server.Uri(), Quick, cancellationToken: Stop);

        Assert.Equal(cause, scraped.Error);
        Assert.Equal((HttpStatusCode)status, scraped.Result.StatusCode);
        Assert.Equal((HttpStatusCode)status, scraped.Result.Error!.StatusCode);
        string text = status == 204 ? "" : ": what happened";
        Assert.Equal($"{server.Uri()}: the server answered {status} Some Reason{text}.", scraped.Result.Error.Message);
        Assert.DoesNotContain("second", scraped.Result.Error.Message, StringComparison.Ordinal);
        Assert.Equal(1, scraped.Result.Attempts);
    }

    [Fact]
    public async Task A_failed_gathering_is_told_with_the_line_that_says_why()
    {
        // What client_golang writes where two collectors give the same series.
        const string Body = "An error has occurred while serving metrics:\n\n1 error(s) occurred:\n\n* collected metric \"kubevirt_vmi_info\" { label:{name:\"name\" value:\"web\"} gauge:{value:1}} was collected before with the same name and label values\n";
        await using LoopbackServer server = new(_ => Reply.Error(500, "Internal Server Error", Body));
        Scraped scraped = await Scraped.FromAsync(server.Uri(), Quick, cancellationToken: Stop);
        Assert.StartsWith(
            $"{server.Uri()}: the server answered 500 Internal Server Error: collected metric \"kubevirt_vmi_info\" {{ label:{{name:\"name\" value:\"web\"}} gauge:{{value:1}}}} was collected before with the same name and label values.",
            scraped.Result.Error!.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_500_of_a_report_is_told_with_its_reason()
    {
        string body = await File.ReadAllTextAsync(SharedFiles.Require("cases/controller-500.txt"), Stop);
        await using LoopbackServer server = new(_ => Reply.Error(500, "Internal Server Error", body));
        Scraped scraped = await Scraped.FromAsync(server.Uri(), Quick, cancellationToken: Stop);
        Assert.Contains("collected metric \"kubevirt_vmi_status_addresses\"", scraped.Result.Error!.Message, StringComparison.Ordinal);
        Assert.Contains("was collected before with the same name and label values.", scraped.Result.Error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "the server responded with 200 and an empty body. ")]
    [InlineData("\n \n", "the server responded with 200 and no series, only comments or blank lines (3 bytes). ")]
    [InlineData("# HELP a b\n", "the server responded with 200 and no series, only comments or blank lines (11 bytes). ")]
    public async Task An_empty_answer_is_a_warning(string body, string words)
    {
        await using LoopbackServer server = LoopbackServer.Text(body);
        Scraped scraped = await Scraped.FromAsync(server.Uri(), Quick, cancellationToken: Stop);
        Assert.Null(scraped.Result.Error);
        Assert.StartsWith($"{server.Uri()}: {words}", Assert.Single(scraped.Result.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a 1\n", 0)]
    [InlineData("", 1)]
    [InlineData("# EOF\n", 1)]
    public async Task An_empty_text_is_a_warning_and_any_other_is_not(string text, int warnings) =>
        Assert.Equal(warnings, (await Scraped.FromAsync(ScrapeTarget.FromText([text]), cancellationToken: Stop)).Result.Warnings.Count);

    [Theory]
    [InlineData("The proxy tunnel request to proxy 'http://127.0.0.1:3128/' failed with status code '407'.", 407)]
    [InlineData("Der Proxy 'http://10.0.0.200:8080/' antwortete mit 503", 503)]
    [InlineData("no number at all", null)]
    public void A_proxys_status_is_found_where_the_platform_says_it_in_words_only(string message, int? status)
    {
        ScrapeException error = HttpFailures.FromRequest("https://h/", new HttpRequestException(HttpRequestError.ProxyTunnelError, message), new Uri("http://127.0.0.1:3128"));
        Assert.Equal((HttpStatusCode?)status, error.StatusCode);
        Assert.Equal(ScrapeError.Proxy, error.Cause);
    }

    [Fact]
    public void The_system_s_own_error_of_a_handshake_is_one_whatever_its_words()
    {
        // As Schannel's come, in the language of the system.
        HttpRequestException early = new(HttpRequestError.SecureConnectionError, "x", new System.Security.Authentication.AuthenticationException("x", new System.ComponentModel.Win32Exception(unchecked((int)0x80090327), "Unbekannter Fehler")));
        HttpRequestException late = new(HttpRequestError.Unknown, "x", new IOException("x", new System.ComponentModel.Win32Exception(unchecked((int)0x80090327), "Unbekannter Fehler")));
        Assert.Equal(ScrapeError.TlsHandshake, HttpFailures.FromRequest("https://h/", early, null).Cause);
        Assert.Equal(ScrapeError.TlsHandshake, HttpFailures.FromRequest("https://h/", late, null).Cause);
        Assert.Equal(Setting.ClientCertificate, HttpFailures.FromRequest("https://h/", late, null, wantsCertificate: true).Setting);
        // A socket's error is a system's error too, and no handshake's.
        HttpRequestException reset = new(HttpRequestError.Unknown, "x", new IOException("x", new SocketException((int)SocketError.ConnectionReset)));
        Assert.Equal(ScrapeError.ConnectionReset, HttpFailures.FromRequest("https://h/", reset, null).Cause);
    }

    [Fact]
    public async Task A_long_body_line_is_cut_and_a_packed_one_is_unpacked()
    {
        await using LoopbackServer server = new(_ => Reply.Gzip(new string('x', 5000)) with { Status = 500, Reason = "No" });
        Scraped scraped = await Scraped.FromAsync(server.Uri(), Quick, cancellationToken: Stop);
        Assert.Contains($": {new string('x', 180)} ... {new string('x', 120)}.", scraped.Result.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<!DOCTYPE html>\n<html><body>Sign in</body></html>", "text/html", "web page")]
    [InlineData("{\"status\": \"ok\"}", "application/json", "JSON")]
    [InlineData("\n {}", "application/json", "JSON")]
    [InlineData("[1, 2]", null, "JSON")]
    [InlineData("\u0001\u0002\u0000abc", "application/octet-stream", "binary")]
    [InlineData("it is all fine\n", "text/plain", "no line of it could be read")]
    public async Task What_is_no_exposition_is_named(string body, string? type, string what)
    {
        await using LoopbackServer server = new(_ => Reply.Text(body) with { ContentType = type });

        Scraped scraped = await Scraped.FromAsync(server.Uri(), Quick, cancellationToken: Stop);

        Assert.Equal(ScrapeError.NotExposition, scraped.Error);
        Assert.Contains(what, scraped.Result.Error!.Message, StringComparison.Ordinal);
        if (type is not null) Assert.Contains($"(Content-Type {type})", scraped.Result.Error.Message, StringComparison.Ordinal);
        Assert.Empty(scraped.Samples);
    }

    [Fact]
    public async Task A_quoted_name_at_the_start_is_exposition_and_no_JSON()
    {
        await using LoopbackServer server = LoopbackServer.Text("{\"a.b\", c=\"d\"} 1\n");
        Scraped scraped = await Scraped.FromAsync(server.Uri(), Quick, cancellationToken: Stop);
        Assert.Null(scraped.Result.Error);
        Assert.Equal("a.b", Assert.Single(scraped.Samples).Name);
    }

    [Fact]
    public async Task What_answers_is_no_HTTP()
    {
        await using LoopbackServer server = new(_ => new Reply { Raw = async (stream, stop) => await stream.WriteAsync("220 smtp.example ESMTP\r\n"u8.ToArray(), stop) });
        Scraped scraped = await Scraped.FromAsync(server.Uri(), Quick, cancellationToken: Stop);
        Assert.Equal(ScrapeError.InvalidResponse, scraped.Error);
        Assert.EndsWith(": the response is not HTTP.", scraped.Result.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_encoding_nobody_asked_for_is_named()
    {
        await using LoopbackServer server = new(_ => Reply.Text("a 1\n") with { Headers = [("Content-Encoding", "br")] });
        Scraped scraped = await Scraped.FromAsync(server.Uri(), Quick, cancellationToken: Stop);
        Assert.Equal(ScrapeError.UnsupportedEncoding, scraped.Error);
        Assert.Contains("'br'", scraped.Result.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://host/metrics")]
    [InlineData("/metrics")]
    [InlineData("file:///etc/hosts")]
    public void An_address_that_cannot_be_scraped_is_refused(string uri)
    {
        ScrapeException error = Assert.Throws<ScrapeException>(() => ScrapeTarget.FromUri(new Uri(uri, UriKind.RelativeOrAbsolute)));
        Assert.Equal(ScrapeError.InvalidTarget, error.Cause);
        Assert.EndsWith(": this is not an http or https address.", error.Message, StringComparison.Ordinal);
    }
}
