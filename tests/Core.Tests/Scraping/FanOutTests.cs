using System.Text;
using KubeVirtMonitor.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.Scraping;

[Collection(nameof(Alone))]
public class FanOutTests
{
    // No clock of the scraper or of the servers ends these, however busy the machine: what ends is what was given up.
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);

    private static readonly ScrapeOptions Patient = new() { Timeout = Timeout.InfiniteTimeSpan };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_target_gives_its_samples_and_then_its_result_and_none_hides_another()
    {
        await using LoopbackServer server = new(request => request.Path switch
        {
            "/7" => Reply.Error(500, "Broken", ""),
            "/8" => Reply.Text("a 1\nb 22222\n") with { CutAfter = 8 },
            _ => Reply.Text($"m{{p=\"{request.Path}\"}} 1\n") with { Delay = TimeSpan.FromMilliseconds(10) },
        });
        ScrapeTarget[] targets = [.. Enumerable.Range(0, 100).Select(i => ScrapeTarget.FromUri(server.Uri($"/{i}")))];

        Dictionary<string, int> samples = [];
        List<ScrapeResult> results = [];
        foreach (FanOutItem item in new FanOut(Scraped.Scraper(new ScrapeOptions { ThrottleLimit = 4 })).Run(targets, Stop))
        {
            foreach (MetricSample sample in item.Samples.Span)
            {
                Assert.DoesNotContain(results, result => result.Target.Name == sample.Target);
                samples[sample.Target] = samples.GetValueOrDefault(sample.Target) + 1;
            }

            if (item.Result is { } ended) results.Add(ended);
        }

        Assert.Equal(targets.Select(target => target.Name).Order(), results.Select(result => result.Target.Name).Order());
        Assert.Equal(ScrapeError.HttpStatus, results.Single(result => result.Target.Name.EndsWith("/7", StringComparison.Ordinal)).Error!.Cause);
        Assert.Equal(ScrapeError.Truncated, results.Single(result => result.Target.Name.EndsWith("/8", StringComparison.Ordinal)).Error!.Cause);
        Assert.Equal(98, results.Count(result => result.Error is null));
        Assert.Equal(99, samples.Count);
        Each.Of(samples.Values, count => Assert.Equal(1, count));
        Assert.InRange(server.MostActive, 2, 4);
    }

    [Fact]
    public async Task The_first_samples_come_before_the_last_target_has_answered()
    {
        await using LoopbackServer server = new(request => Reply.Text("a 1\n") with { Delay = request.Path == "/slow" ? Never : TimeSpan.Zero });
        ScrapeTarget[] targets = [ScrapeTarget.FromUri(server.Uri("/slow")), ScrapeTarget.FromUri(server.Uri("/fast"))];

        FanOutItem first = new FanOut(Scraped.Scraper(Patient)).Run(targets, Stop).First();

        Assert.Equal(server.Uri("/fast").ToString(), first.Samples[0].Target);

        // The connection of the target that answered may stay for the next scrape.
        await UntilAsync(() => server.Open <= 1);
    }

    [Fact]
    public async Task Giving_up_ends_the_work_on_the_network()
    {
        await using LoopbackServer server = new(_ => Endless());
        ScrapeTarget[] targets = [.. Enumerable.Range(0, 20).Select(i => ScrapeTarget.FromUri(server.Uri($"/{i}")))];

        int taken = new FanOut(Scraped.Scraper(Patient)).Run(targets, Stop).Take(3).Count();
        await UntilAsync(() => server.Open == 0);

        Assert.Equal(3, taken);
    }

    [Fact]
    public async Task Cancelling_wakes_a_consumer_that_waits_and_ends_the_work()
    {
        await using LoopbackServer server = new(_ => Reply.Text("a 1\n") with { Delay = Never });
        ScrapeTarget[] targets = [.. Enumerable.Range(0, 20).Select(i => ScrapeTarget.FromUri(server.Uri($"/{i}")))];
        using CancellationTokenSource user = new();
        Task consumer = Task.Run(() => new FanOut(Scraped.Scraper(Patient)).Run(targets, user.Token).Count(), Stop);
        await UntilAsync(() => server.Requests.Count == 20);

        await user.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => consumer);
        await UntilAsync(() => server.Open == 0);
    }

    [Fact]
    public async Task What_waits_for_a_slow_consumer_is_bounded()
    {
        long sent = 0;
        byte[] block = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("metric_with_a_name 1 1795176000000\n", 1000)));
        await using LoopbackServer server = new(_ => new Reply
        {
            Raw = async (stream, stop) =>
            {
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n\r\n"u8.ToArray(), stop);
                while (true)
                {
                    await stream.WriteAsync(block, stop);
                    Interlocked.Add(ref sent, block.Length);
                    await Task.Yield();
                }
            },
        });
        ScrapeTarget[] targets = [.. Enumerable.Range(0, 4).Select(i => ScrapeTarget.FromUri(server.Uri($"/{i}"), ComponentKind.Handler))];

        using IEnumerator<FanOutItem> items = new FanOut(Scraped.Scraper()).Run(targets, Stop).GetEnumerator();
        Assert.True(items.MoveNext());
        long before;
        do
        {
            before = Interlocked.Read(ref sent);
            await Task.Delay(300, Stop);
        }
        while (Interlocked.Read(ref sent) != before);

        // Each line is a sample: with a time, a series may come again. 64 batches of 256 lines wait in the channel, and per target one window, and what the sockets hold (some MB on loopback).
        Assert.InRange(before, 1, 80_000_000);
    }

    [Fact]
    public void Targets_are_taken_as_there_is_room_so_that_their_number_does_not_matter()
    {
        int taken = 0;
        IEnumerable<ScrapeTarget> Endlessly()
        {
            while (true)
            {
                taken++;
                yield return ScrapeTarget.FromText(["a 1\n"], $"text {taken}");
            }
        }

        int seen = new FanOut(Scraped.Scraper(new ScrapeOptions { ThrottleLimit = 8 })).Run(Endlessly(), Stop).Take(1000).Count(item => item.Result is not null);

        Assert.InRange(seen, 400, 600);
        Assert.InRange(taken, seen, seen + 100);
    }

    [Fact]
    public void A_list_of_targets_that_fails_fails_the_enumeration()
    {
        static IEnumerable<ScrapeTarget> Failing()
        {
            yield return ScrapeTarget.FromText(["a 1\n"]);
            throw new InvalidOperationException("no more");
        }

        Assert.Equal("no more", Assert.Throws<InvalidOperationException>(() => new FanOut(Scraped.Scraper()).Run(Failing(), Stop).Count()).Message);
    }

    [Fact]
    public void No_target_gives_nothing() => Assert.Empty(new FanOut(Scraped.Scraper()).Run([], Stop));

    [Fact]
    public async Task Memory_does_not_grow_with_the_number_of_scrapes()
    {
        string text = string.Concat(Enumerable.Range(0, 500).Select(i => $"m{{i=\"{i}\"}} {i}\n"));
        await using LoopbackServer server = LoopbackServer.Text(text);
        MetricScraper scraper = Scraped.Scraper();
        long Round(int targets)
        {
            long count = 0;
            foreach (FanOutItem item in new FanOut(scraper).Run(Enumerable.Range(0, targets).Select(i => ScrapeTarget.FromUri(server.Uri($"/{i % 20}"))), Stop)) count += item.Samples.Count;
            server.Requests.Clear();
            Assert.Equal(targets * 500L, count);
            return GC.GetTotalMemory(forceFullCollection: true);
        }

        Round(200);
        long before = Round(200);
        long after = Round(2000);

        Assert.True(after - before < 4_000_000, $"{before} -> {after}");
    }

    private static Reply Endless() => new()
    {
        Raw = async (stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n\r\n"u8.ToArray(), stop);
            byte[] line = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("kubevirt_vmi_memory_used_bytes 1 1795176000000\n", 300)));
            while (true)
            {
                await stream.WriteAsync(line, stop);

                // A write that does not wait would keep a thread of the pool, of which there are as many as processors.
                await Task.Yield();
            }
        },
    };

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (int i = 0; i < 3000 && !condition(); i++) await Task.Delay(10, Stop);
        Assert.True(condition(), "it did not come about within 30 s");
    }
}
