using System.Text;
using KubeVirtMonitor.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.Scraping;

[Collection(nameof(Alone))]
public class TimeoutTests
{
    private static readonly ScrapeOptions Short = new() { Timeout = TimeSpan.FromMilliseconds(300), RetryInterval = TimeSpan.FromMilliseconds(1) };

    private static readonly byte[] Beginning = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\na 1\n");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_answer_comes()
    {
        await using LoopbackServer server = new(_ => Reply.Text("a 1\n") with { Delay = TimeSpan.FromSeconds(30) });

        Scraped scraped = await Scraped.FromAsync(server.Uri(), Short, cancellationToken: Stop);

        Assert.Equal(ScrapeError.Timeout, scraped.Error);
        Assert.Equal($"{server.Uri()}: no response within 0.3 s.", scraped.Result.Error!.Message);
        Assert.Equal(Setting.Timeout, scraped.Result.Error.Setting);
        Assert.True(scraped.Result.Latency < TimeSpan.FromSeconds(3), $"{scraped.Result.Latency}");
    }

    [Fact]
    public async Task The_handshake_is_never_answered()
    {
        await using TcpServer server = TcpServer.Silent();
        Scraped scraped = await Scraped.FromAsync(new Uri($"https://127.0.0.1:{server.Port}/metrics"), Short, cancellationToken: Stop);
        Assert.Equal(ScrapeError.Timeout, scraped.Error);
    }

    [Fact]
    public async Task The_body_comes_too_slowly_and_what_came_is_kept()
    {
        await using LoopbackServer server = new(_ => new Reply
        {
            Raw = async (stream, stop) =>
            {
                await stream.WriteAsync(Beginning, stop);
                while (true)
                {
                    await stream.WriteAsync("b 2\n"u8.ToArray(), stop);
                    await Task.Delay(20, stop);
                }
            },
        });

        Scraped scraped = await Scraped.FromAsync(server.Uri(), Short, cancellationToken: Stop);

        Assert.Equal(ScrapeError.Timeout, scraped.Error);
        Assert.StartsWith($"{server.Uri()}: the body was not complete after 0.3 s (", scraped.Result.Error!.Message, StringComparison.Ordinal);
        Assert.Equal("a", scraped.Samples[0].Name);
        Assert.InRange(scraped.Samples.Count, 2, 20);
    }

    [Fact]
    public async Task A_consumer_that_takes_its_time_is_no_timeout_of_the_target()
    {
        string text = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"m{{i=\"{i}\"}} {i}\n"));
        await using LoopbackServer server = LoopbackServer.Text(text);
        int received = 0;

        ScrapeResult result = await Scraped.Scraper(Short).ScrapeAsync(
            ScrapeTarget.FromUri(server.Uri(), ComponentKind.Handler),
            async (batch, stop) =>
            {
                received += batch.Count;
                batch.Return();
                await Task.Delay(10, stop);
            },
            Stop);

        Assert.Null(result.Error);
        Assert.Equal(20_000, received);
        Assert.True(result.Latency > TimeSpan.FromMilliseconds(500), $"{result.Latency}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancelling_ends_it(bool inTheBody)
    {
        await using LoopbackServer server = new(_ => new Reply
        {
            Raw = async (stream, stop) =>
            {
                if (inTheBody) await stream.WriteAsync(Beginning, stop);
                await Task.Delay(Timeout.Infinite, stop);
            },
        });
        using CancellationTokenSource user = new();
        Task<Scraped> scraping = Scraped.FromAsync(server.Uri(), new ScrapeOptions { Timeout = Timeout.InfiniteTimeSpan }, cancellationToken: user.Token);
        while (server.Requests.IsEmpty) await Task.Delay(5, Stop);
        await Task.Delay(50, Stop);

        await user.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scraping);
    }

    [Fact]
    public async Task An_address_that_nobody_has_any_more_is_no_defect_of_ours()
    {
        // What the platform throws when its own time for a connection is over, which is shorter than that of the scrape.
        using PatientWay way = new();
        Uri uri = new("http://127.0.0.1:1/metrics");
        Scraped scraped = await Scraped.FromAsync(ScrapeTarget.FromUri(uri, healthUri: uri) with { Transport = way }, cancellationToken: Stop);
        Assert.Equal((ScrapeError.Unreachable, "the host did not answer"), (scraped.Result.Error!.Cause, scraped.Result.Error.What));
        Assert.Equal(ScrapeError.Unreachable, scraped.Result.Health!.Error!.Cause);
    }

    /// <summary>A way whose connections never come about.</summary>
    private sealed class PatientWay : IScrapeTransport, IDisposable
    {
        private readonly HttpMessageInvoker _invoker = new(new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromMilliseconds(50),
            ConnectCallback = async (_, stop) =>
            {
                await Task.Delay(Timeout.Infinite, stop);
                return Stream.Null;
            },
        });

        public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => _invoker.SendAsync(request, cancellationToken);

        public DateTimeOffset? CertificateExpires(Uri uri) => null;

        public ScrapeException Explain(ScrapeException error) => error;

        public void Dispose() => _invoker.Dispose();
    }
}
