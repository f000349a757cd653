using KubeVirtMonitor.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.Scraping;

public class RetryTests
{
    private const string BusyText = "Limit of concurrent requests reached (3), try again later.\n";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static ScrapeOptions Options(int retries = 3, int intervalMs = 1, int timeoutMs = 30_000) => new()
    {
        MaximumRetryCount = retries,
        RetryInterval = TimeSpan.FromMilliseconds(intervalMs),
        Timeout = TimeSpan.FromMilliseconds(timeoutMs),
    };

    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    public async Task A_busy_server_is_asked_again(int status)
    {
        int asked = 0;
        await using LoopbackServer server = new(_ => ++asked <= 2 ? Reply.Error(status, "Busy", BusyText) : Reply.Text("a 1\n"));

        Scraped scraped = await Scraped.FromAsync(server.Uri(), Options(), cancellationToken: Stop);

        Assert.Null(scraped.Error);
        Assert.Single(scraped.Samples);
        Assert.Equal(3, scraped.Result.Attempts);
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task A_server_that_stays_busy_is_an_error_with_its_own_words()
    {
        await using LoopbackServer server = new(_ => Reply.Error(503, "Service Unavailable", BusyText));

        Scraped scraped = await Scraped.FromAsync(server.Uri(), Options(retries: 2), cancellationToken: Stop);

        Assert.Equal(ScrapeError.Busy, scraped.Error);
        Assert.Equal(3, server.Requests.Count);
        Assert.EndsWith("503 Service Unavailable: Limit of concurrent requests reached (3), try again later.", scraped.Result.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_retry_is_made_where_none_is_wanted()
    {
        await using LoopbackServer server = new(_ => Reply.Error(503, "Service Unavailable", BusyText));
        Scraped scraped = await Scraped.FromAsync(server.Uri(), Options(retries: 0), cancellationToken: Stop);
        Assert.Equal(ScrapeError.Busy, scraped.Error);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Retry_After_is_waited_for()
    {
        int asked = 0;
        await using LoopbackServer server = new(_ => ++asked == 1 ? Reply.Error(503, "Busy", "") with { Headers = [("Retry-After", "1")] } : Reply.Text("a 1\n"));

        Scraped scraped = await Scraped.FromAsync(server.Uri(), Options(), cancellationToken: Stop);

        Assert.Null(scraped.Error);
        Assert.True(scraped.Result.Latency >= TimeSpan.FromSeconds(0.99), $"{scraped.Result.Latency}");
    }

    [Fact]
    public async Task A_wait_that_does_not_fit_the_timeout_is_not_begun()
    {
        await using LoopbackServer server = new(_ => Reply.Error(503, "Busy", BusyText) with { Headers = [("Retry-After", "120")] });

        Scraped scraped = await Scraped.FromAsync(server.Uri(), Options(), cancellationToken: Stop);

        Assert.Equal(ScrapeError.Busy, scraped.Error);
        Assert.Single(server.Requests);
        Assert.True(scraped.Result.Latency < TimeSpan.FromSeconds(5), $"{scraped.Result.Latency}");
    }

    [Fact]
    public async Task A_reset_before_the_answer_is_tried_again()
    {
        int asked = 0;
        await using LoopbackServer server = new(_ => ++asked <= 2 ? new Reply { Reset = true } : Reply.Text("a 1\n"));

        Scraped scraped = await Scraped.FromAsync(server.Uri(), Options(), cancellationToken: Stop);

        Assert.Null(scraped.Error);
        Assert.Equal(3, scraped.Result.Attempts);
    }

    [Fact]
    public async Task A_server_that_always_resets_is_an_error()
    {
        await using LoopbackServer server = new(_ => new Reply { Reset = true });
        Scraped scraped = await Scraped.FromAsync(server.Uri(), Options(), cancellationToken: Stop);
        Assert.Equal(ScrapeError.ConnectionReset, scraped.Error);
        Assert.Equal(4, scraped.Result.Attempts);
    }

    [Fact]
    public async Task A_body_that_breaks_before_its_first_byte_is_tried_again_and_one_that_breaks_later_is_not()
    {
        int asked = 0;
        await using LoopbackServer server = new(_ => ++asked == 1 ? Reply.Text("a 1\nb 2\n") with { CutAfter = 0 } : Reply.Text("a 1\nb 2\n") with { CutAfter = 5 });

        Scraped scraped = await Scraped.FromAsync(server.Uri(), Options(), cancellationToken: Stop);

        Assert.Equal(ScrapeError.Truncated, scraped.Error);
        Assert.Equal(2, scraped.Result.Attempts);
        Assert.Single(scraped.Samples);
    }

    [Theory]
    [InlineData(0, 0.0, 500)]
    [InlineData(0, 1.0, 1000)]
    [InlineData(1, 1.0, 2000)]
    [InlineData(3, 0.0, 4000)]
    [InlineData(20, 1.0, 30_000)]
    public void Waits_double_up_to_half_a_minute(int attempt, double jitter, int expectedMs) =>
        Assert.Equal(expectedMs, RetryDelay.Before(attempt, TimeSpan.FromSeconds(1), null, jitter).TotalMilliseconds);

    [Theory]
    [InlineData(10, 0.0, 10_000)]
    [InlineData(10, 1.0, 10_100)]
    [InlineData(0, 1.0, 1000)]
    [InlineData(-5, 1.0, 1000)]
    public void A_longer_wait_that_the_server_asks_for_goes_first(int askedSeconds, double jitter, int expectedMs) =>
        Assert.Equal(expectedMs, RetryDelay.Before(0, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(askedSeconds), jitter).TotalMilliseconds);
}
