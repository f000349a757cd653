using System.Text;
using KubeVirtMonitor.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.Scraping;

public class TruncationTests
{
    private static readonly string Long = string.Concat(Enumerable.Range(0, 20000).Select(i => $"m{{i=\"{i}\"}} 12345\n"));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_good_samples_come_before_the_error_and_half_a_number_does_not(bool chunked)
    {
        // "a 1\n" is whole; of "b 12345\n" only "b 12" comes.
        await using LoopbackServer server = new(_ => Reply.Text("a 1\nb 12345\nc 3\n") with { CutAfter = 8, Chunked = chunked });

        Scraped scraped = await Scraped.FromAsync(server.Uri(), cancellationToken: Stop);

        Assert.Equal(ScrapeError.Truncated, scraped.Error);
        Assert.Equal("a", Assert.Single(scraped.Samples).Name);
        Assert.Equal(1, scraped.Result.Samples);
        Assert.Equal(1, scraped.Result.Summary!.Series);
        Assert.Equal(8, scraped.Result.BodyBytes);
        Assert.Equal(1, scraped.Result.Attempts);
        Assert.Contains("8 bytes", scraped.Result.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("length", 2)]
    [InlineData("chunks", 2)]
    [InlineData("packed until the connection closes", 2)]
    [InlineData("until the connection closes", 1)]
    [InlineData("two lengths", 1)]
    public async Task A_last_line_without_its_end_is_trusted_where_the_framing_proves_the_body(string framing, int samples)
    {
        const string Text = "a 1\nb 12";
        Reply reply = framing switch
        {
            "chunks" => Reply.Text(Text) with { Chunked = true },
            "packed until the connection closes" => Reply.Gzip(Text) with { UntilClose = true },
            "until the connection closes" => Reply.Text(Text) with { UntilClose = true },
            "two lengths" => Reply.Text(Text) with { UntilClose = true, Headers = [("Content-Length", "8"), ("Content-Length", "11")] },
            _ => Reply.Text(Text),
        };
        await using LoopbackServer server = new(_ => reply);

        Scraped scraped = await Scraped.FromAsync(server.Uri(), cancellationToken: Stop);

        Assert.Null(scraped.Result.Error);
        Assert.Equal(samples, scraped.Samples.Count);
        Assert.Equal(2 - samples, scraped.Result.Defects.Count);
    }

    [Fact]
    public async Task A_long_body_that_breaks_off_gives_everything_before()
    {
        int cut = Long.IndexOf("m{i=\"15000\"}", StringComparison.Ordinal) + 14;
        await using LoopbackServer server = new(_ => Reply.Text(Long) with { CutAfter = cut });

        Scraped scraped = await Scraped.FromAsync(server.Uri(), cancellationToken: Stop);

        Assert.Equal(ScrapeError.Truncated, scraped.Error);
        Assert.Equal(15000, scraped.Samples.Count);
        Each.Of(scraped.Samples, sample => Assert.Equal(12345, sample.Value));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(5000)]
    public async Task Gzip_that_ends_early_without_a_transport_that_tells_is_noticed(int missing)
    {
        byte[] packed = Reply.Pack(Long)[..^missing];
        await using LoopbackServer server = new(_ => new Reply { Body = packed, Headers = [("Content-Encoding", "gzip")], UntilClose = true });

        Scraped overHttp = await Scraped.FromAsync(server.Uri(), cancellationToken: Stop);
        Scraped fromBytes = await Scraped.FromAsync(ScrapeTarget.FromBytes(packed), cancellationToken: Stop);

        Assert.Equal(ScrapeError.Truncated, overHttp.Error);
        Assert.Equal(ScrapeError.Truncated, fromBytes.Error);
        Assert.NotEmpty(overHttp.Samples);
        Assert.Equal(overHttp.Samples.Count, fromBytes.Samples.Count);
    }

    [Fact]
    public async Task Gzip_of_several_members_or_with_padding_is_whole()
    {
        byte[] two = [.. Reply.Pack(Long), .. Reply.Pack("z 1\n")];
        byte[] padded = [.. Reply.Pack(Long), .. new byte[100]];

        Scraped members = await Scraped.FromAsync(ScrapeTarget.FromBytes(two), cancellationToken: Stop);
        Scraped padding = await Scraped.FromAsync(ScrapeTarget.FromBytes(padded), cancellationToken: Stop);

        Assert.Null(members.Error);
        Assert.Equal(20001, members.Samples.Count);
        Assert.Null(padding.Error);
        Assert.Equal(20000, padding.Samples.Count);
    }

    [Fact]
    public async Task Damaged_gzip_is_told_from_gzip_that_ends_early()
    {
        byte[] packed = Reply.Pack(Long);
        packed[packed.Length / 2] ^= 0xFF;
        packed[^6] ^= 0xFF;
        await using LoopbackServer server = new(_ => new Reply { Body = packed, Headers = [("Content-Encoding", "gzip")] });

        Scraped scraped = await Scraped.FromAsync(server.Uri(), cancellationToken: Stop);

        Assert.Equal(ScrapeError.BadGzip, scraped.Error);
    }

    [Fact]
    public async Task A_text_that_is_said_to_be_gzip_is_damaged_gzip()
    {
        await using LoopbackServer server = new(_ => new Reply { Body = Encoding.UTF8.GetBytes(Long), Headers = [("Content-Encoding", "gzip")] });
        Scraped scraped = await Scraped.FromAsync(server.Uri(), cancellationToken: Stop);
        Assert.Equal(ScrapeError.BadGzip, scraped.Error);
        Assert.Empty(scraped.Samples);
    }
}
