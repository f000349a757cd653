using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeVirtMonitor.Simulator;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator;

/// <summary>Each fault as a plain client sees it.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    private SimulatorHost _host = null!;
    private SimulatedEndpoint _endpoint = null!;
    private HttpClient _client = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await SimulatorHost.StartAsync(Scrapes.Cluster("1.9"), cancellation: Cancellation);
        _endpoint = _host["handler/0"];
        _client = Client.For(_host, _endpoint);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Slow_headers_come_late()
    {
        _endpoint.Fault = Fault.Parse("slow:700ms");
        Stopwatch watch = Stopwatch.StartNew();
        using HttpResponseMessage answer = await _client.GetAsync("metrics", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.InRange(watch.ElapsedMilliseconds, 650, 10_000);
        Assert.Equal(Scrapes.Text(_host.Cluster, "handler/0"), await answer.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task A_trickling_body_comes_in_pieces()
    {
        _endpoint.Fault = Fault.Parse("trickle:100");
        using HttpResponseMessage answer = await _client.GetAsync("metrics", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        await using Stream body = await answer.Content.ReadAsStreamAsync(Cancellation);
        Stopwatch watch = Stopwatch.StartNew();
        byte[] buffer = new byte[500];
        await body.ReadExactlyAsync(buffer, Cancellation);

        // The fifth piece comes four tenths of a second behind the first.
        Assert.InRange(watch.ElapsedMilliseconds, 300, 10_000);
        Assert.Equal(Scrapes.Text(_host.Cluster, "handler/0")[..500], Encoding.UTF8.GetString(buffer));
    }

    [Theory]
    [InlineData("cut:5000", false)]
    [InlineData("cut-length:5000", true)]
    public async Task A_cut_body_breaks_off(string fault, bool announced)
    {
        _endpoint.Fault = Fault.Parse(fault);
        using HttpResponseMessage answer = await _client.GetAsync("metrics", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal(announced, answer.Content.Headers.ContentLength is > 5000);
        await using Stream body = await answer.Content.ReadAsStreamAsync(Cancellation);
        byte[] start = new byte[5000];
        await body.ReadExactlyAsync(start, Cancellation);
        Assert.Equal(Scrapes.Text(_host.Cluster, "handler/0")[..5000], Encoding.UTF8.GetString(start));
        await Assert.ThrowsAnyAsync<Exception>(() => body.ReadExactlyAsync(start, Cancellation).AsTask());
    }

    [Fact]
    public async Task Busy_endpoints_get_well()
    {
        _endpoint.Fault = Fault.Parse("busy:2");
        Assert.Equal((int[])[503, 503, 200, 200], await StatusesAsync(4));
        using HttpResponseMessage healthy = await _client.GetAsync("healthz", Cancellation);
        Assert.Equal(HttpStatusCode.OK, healthy.StatusCode);
    }

    [Theory]
    [InlineData("status:500", 500)]
    [InlineData("status:401", 401)]
    [InlineData("status:403", 403)]
    [InlineData("status:404*2", 404)]
    public async Task Status_codes_come_in_place_of_the_scrape(string fault, int expected)
    {
        _endpoint.Fault = Fault.Parse(fault);
        Assert.Equal((int[])[expected, expected], await StatusesAsync(2));
    }

    [Fact]
    public async Task Html_and_binary_are_no_scrape()
    {
        _endpoint.Fault = Fault.Parse("html");
        using HttpResponseMessage page = await _client.GetAsync("metrics", Cancellation);
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith("<!DOCTYPE html>", await page.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        _endpoint.Fault = Fault.Parse("binary:1KiB");
        byte[] noise = await _client.GetByteArrayAsync("metrics", Cancellation);
        Assert.Equal(1024, noise.Length);
        Assert.Contains(noise, value => value >= 0x80);
    }

    [Fact]
    public async Task A_long_line_stands_before_good_ones()
    {
        _endpoint.Fault = Fault.Parse("long-line:300000");
        string[] lines = (await _client.GetStringAsync("metrics", Cancellation)).Split('\n');
        Assert.Equal(300_000, lines[0].Length + 1);
        Assert.Equal(1, TextLine.Parse(lines[0]).Value);
        Assert.Equal(Scrapes.Text(_host.Cluster, "handler/0").TrimEnd('\n'), string.Join('\n', lines[1..]).TrimEnd('\n'));
    }

    [Fact]
    public async Task A_huge_body_has_its_size_and_good_lines()
    {
        _endpoint.Fault = Fault.Parse("huge:2MiB");
        string body = await _client.GetStringAsync("metrics", Cancellation);
        Assert.InRange(body.Length, 2 << 20, (2 << 20) + 200);
        Assert.Equal(1, TextLine.Parse(body.TrimEnd('\n').Split('\n')[^1]).Value);
    }

    [Fact]
    public async Task An_endless_body_goes_on()
    {
        _endpoint.Fault = Fault.Parse("endless");
        using (HttpResponseMessage answer = await _client.GetAsync("metrics", HttpCompletionOption.ResponseHeadersRead, Cancellation))
        {
            await using Stream body = await answer.Content.ReadAsStreamAsync(Cancellation);
            await body.ReadExactlyAsync(new byte[20 << 20], Cancellation);
        }

        // Who hangs up is let go: the endpoint serves three others at once afterwards.
        _endpoint.Fault = null;
        int[] statuses = [];
        for (int i = 0; i < 250 && !statuses.SequenceEqual([200, 200, 200]); i++)
        {
            await Task.Delay(20, Cancellation);
            statuses = await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ => (await StatusesAsync(1))[0]));
        }

        Assert.Equal([200, 200, 200], statuses);
    }

    [Fact]
    public async Task A_gzip_bomb_is_small_on_the_wire()
    {
        _endpoint.Fault = Fault.Parse("gzip-bomb:30MiB");
        byte[] packed = await _client.GetByteArrayAsync("metrics", Cancellation);
        Assert.InRange(packed.Length, 1000, 300_000);
        await using GZipStream unpacked = new(new MemoryStream(packed), CompressionMode.Decompress);
        long size = 0;
        byte[] buffer = new byte[1 << 20];
        for (int read; (read = await unpacked.ReadAsync(buffer, Cancellation)) > 0;) size += read;
        Assert.InRange(size, 29L << 20, 31L << 20);
    }

    [Fact]
    public async Task A_reset_connection_gives_no_answer()
    {
        _endpoint.Fault = Fault.Parse("reset*1");
        await Assert.ThrowsAsync<HttpRequestException>(() => _client.GetAsync("metrics", Cancellation));
        Assert.Equal((int[])[200], await StatusesAsync(1));
    }

    [Fact]
    public async Task Redirects_lead_to_the_metrics()
    {
        _endpoint.Fault = Fault.Parse("redirect");
        using HttpResponseMessage answer = await _client.GetAsync("metrics", Cancellation);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/moved", answer.Headers.Location!.ToString());
        Assert.Equal(Scrapes.Text(_host.Cluster, "handler/0"), await _client.GetStringAsync("moved", Cancellation));
        _endpoint.Fault = Fault.Parse("redirect:https://elsewhere.example:8443/metrics");
        using HttpResponseMessage other = await _client.GetAsync("metrics", Cancellation);
        Assert.Equal("https://elsewhere.example:8443/metrics", other.Headers.Location!.ToString());
    }

    [Theory]
    [InlineData("handler/0")]
    [InlineData("api/0")]
    public async Task Unhealthy_endpoints_still_give_metrics(string id)
    {
        _host[id].Fault = Fault.Parse("unhealthy");
        using HttpClient client = Client.For(_host, _host[id]);
        using HttpResponseMessage health = await client.GetAsync("healthz", Cancellation);
        Assert.Equal(HttpStatusCode.InternalServerError, health.StatusCode);
        Assert.NotEmpty(await client.GetStringAsync("metrics", Cancellation));
    }

    [Theory]
    [InlineData("other-ca", SslPolicyErrors.RemoteCertificateChainErrors)]
    [InlineData("expired", SslPolicyErrors.RemoteCertificateChainErrors)]
    [InlineData("wrong-name", SslPolicyErrors.RemoteCertificateNameMismatch)]
    public async Task Wrong_certificates_are_wrong_in_one_way(string fault, SslPolicyErrors expected)
    {
        _endpoint.Fault = Fault.Parse(fault);
        (X509Certificate2 certificate, SslPolicyErrors errors) = await Client.HandshakeAsync(_host, _endpoint, "virt-handler", Cancellation);
        Assert.Equal(expected, errors);
        Assert.Equal(fault == "expired", certificate.NotAfter < DateTime.Now);
        Assert.Equal(fault != "other-ca", certificate.Issuer == _host.CertificateAuthority.Certificate.Subject);
        await Assert.ThrowsAsync<HttpRequestException>(() => _client.GetAsync("metrics", Cancellation));
        _endpoint.Fault = null;
        Assert.Equal((int[])[200], await StatusesAsync(1));
    }

    private async Task<int[]> StatusesAsync(int count)
    {
        int[] statuses = new int[count];
        for (int i = 0; i < count; i++)
        {
            using HttpResponseMessage answer = await _client.GetAsync("metrics", Cancellation);
            statuses[i] = (int)answer.StatusCode;
        }

        return statuses;
    }
}
