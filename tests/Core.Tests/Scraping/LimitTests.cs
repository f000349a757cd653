using System.Text;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.Scraping;

public class LimitTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_gzip_bomb_is_stopped_at_the_limit_of_the_text()
    {
        string text = "a 1\n" + string.Concat(Enumerable.Repeat("# " + new string('x', 998) + "\n", 100_000));
        byte[] packed = Reply.Pack(text);
        Assert.True(packed.Length < 1_000_000, "the bomb is small");
        await using LoopbackServer server = new(_ => new Reply { Body = packed, Headers = [("Content-Encoding", "gzip")] });

        Scraped scraped = await Scraped.FromAsync(server.Uri(), new ScrapeOptions { MaximumBodySize = 2_000_000 }, cancellationToken: Stop);

        Assert.Equal(ScrapeError.BodyTooLarge, scraped.Error);
        Assert.Contains("2,000,000 bytes", scraped.Result.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(Setting.BodySize, scraped.Result.Error.Setting);
        Assert.Equal(2_000_000, scraped.Result.BodyBytes);
        Assert.Equal("a", Assert.Single(scraped.Samples).Name);
    }

    [Fact]
    public async Task A_compressed_body_has_a_limit_of_its_own()
    {
        Random random = new(1);
        string text = string.Concat(Enumerable.Range(0, 50_000).Select(i => $"m{{i=\"{random.NextInt64():x}\"}} {i}\n"));
        await using LoopbackServer server = new(_ => Reply.Gzip(text) with { Chunked = true });

        Scraped scraped = await Scraped.FromAsync(server.Uri(), new ScrapeOptions { MaximumCompressedSize = 100_000 }, cancellationToken: Stop);

        Assert.Equal(ScrapeError.BodyTooLarge, scraped.Error);
        Assert.Equal(Setting.CompressedSize, scraped.Result.Error!.Setting);
        Assert.NotEmpty(scraped.Samples);
    }

    [Fact]
    public async Task A_body_that_says_it_is_too_large_is_not_read_at_all()
    {
        await using LoopbackServer server = LoopbackServer.Text(new string('#', 1000) + "\na 1\n");
        Scraped scraped = await Scraped.FromAsync(server.Uri(), new ScrapeOptions { MaximumBodySize = 1003 }, cancellationToken: Stop);
        Assert.Equal(ScrapeError.BodyTooLarge, scraped.Error);
        Assert.Equal(0, scraped.Result.BodyBytes);
        Assert.Contains("1,005 bytes", scraped.Result.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1005, null)]
    [InlineData(1004, ScrapeError.BodyTooLarge)]
    public async Task A_body_of_exactly_the_limit_is_allowed(long limit, ScrapeError? expected)
    {
        await using LoopbackServer server = new(_ => Reply.Text(new string('#', 1000) + "\na 1\n") with { Chunked = true });
        Scraped scraped = await Scraped.FromAsync(server.Uri(), new ScrapeOptions { MaximumBodySize = limit }, cancellationToken: Stop);
        Assert.Equal(expected, scraped.Error);
    }

    [Fact]
    public async Task A_body_that_never_ends_ends_at_the_limit()
    {
        byte[] line = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n");
        byte[] lines = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("m 1\n#\n", 1000)));
        await using LoopbackServer server = new(_ => new Reply
        {
            Raw = async (stream, stop) =>
            {
                await stream.WriteAsync(line, stop);
                while (true) await stream.WriteAsync(lines, stop);
            },
        });

        Scraped scraped = await Scraped.FromAsync(server.Uri(), new ScrapeOptions { MaximumBodySize = 1_000_000 }, cancellationToken: Stop);

        Assert.Equal(ScrapeError.BodyTooLarge, scraped.Error);
        Assert.Equal(1_000_000, scraped.Result.BodyBytes);
        Assert.Equal(166_667, scraped.Result.Summary!.Series);
        Assert.Equal(1, Assert.Single(scraped.Samples).Value);
    }

    [Fact]
    public async Task Too_many_series_end_the_scrape_with_an_error_of_their_own()
    {
        await using LoopbackServer server = LoopbackServer.Text(string.Concat(Enumerable.Range(0, 100).Select(i => $"m{{i=\"{i}\"}} 1\n")));
        Scraped scraped = await Scraped.FromAsync(server.Uri(), mapping: new MappingOptions { IncludeUnmapped = true, MaxSeries = 10 }, cancellationToken: Stop);
        Assert.Equal(ScrapeError.TooManySeries, scraped.Error);
        Assert.Equal(Setting.Series, scraped.Result.Error!.Setting);
        Assert.Contains("10 series", scraped.Result.Error.Message, StringComparison.Ordinal);
    }
}
