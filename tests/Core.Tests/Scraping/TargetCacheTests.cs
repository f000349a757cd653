using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeVirtMonitor.Tests.Scraping;

public class TargetCacheTests
{
    private static readonly long Empty = new TargetMemory().Size;

    [Fact]
    public void A_memory_is_taken_out_while_it_is_in_use_and_comes_back()
    {
        TargetCache cache = Met(new TargetCache(), "a");
        TargetMemory first = cache.Rent("a");
        Assert.NotSame(first, cache.Rent("a"));
        cache.Return("a", first);
        Assert.Equal(1, cache.Count);
        Assert.Same(first, cache.Rent("a"));
        Assert.Equal(0, cache.Count);
        Assert.Equal(0, cache.Size);
    }

    [Fact]
    public void A_target_is_remembered_from_its_second_scrape_on()
    {
        TargetCache cache = new();
        TargetMemory first = cache.Rent("a");
        cache.Return("a", first);
        Assert.Equal(0, cache.Count);

        TargetMemory second = cache.Rent("a");
        Assert.NotSame(first, second);
        cache.Return("a", second);
        Assert.Same(second, cache.Rent("a"));
    }

    [Fact]
    public void Those_not_used_for_longest_are_forgotten_first()
    {
        TargetCache cache = Met(new TargetCache(3 * Empty), "a", "b", "c", "d");
        foreach (string key in new[] { "a", "b", "c" }) cache.Return(key, cache.Rent(key));
        Dictionary<string, TargetMemory> known = [];
        foreach (string key in new[] { "c", "a" })
        {
            known[key] = cache.Rent(key);
            cache.Return(key, known[key]);
        }

        cache.Return("d", cache.Rent("d"));

        Assert.Equal(3, cache.Count);
        Assert.Equal(3 * Empty, cache.Size);
        Assert.Same(known["a"], cache.Rent("a"));
        Assert.Same(known["c"], cache.Rent("c"));
        cache.Rent("b");
        Assert.Equal(1, cache.Count);
    }

    [Fact]
    public void The_bound_holds_whatever_is_returned()
    {
        TargetMemory large = Filled();
        TargetCache cache = Met(new TargetCache(large.Size + Empty), "a", "b", "large");
        cache.Return("a", new TargetMemory());
        cache.Return("b", new TargetMemory());
        cache.Return("large", large);
        Assert.Equal(2, cache.Count);
        Assert.Same(large, cache.Rent("large"));

        TargetCache tiny = Met(new TargetCache(large.Size - 1), "large");
        tiny.Return("large", large);
        Assert.Equal(0, tiny.Count);
    }

    [Fact]
    public void What_is_not_scraped_for_a_quarter_of_an_hour_is_forgotten_while_others_are()
    {
        FakeTimeProvider time = new();
        TargetCache cache = new(time: time);
        // A pod that is replaced every minute, each time with another address, beside one that stays: a day of it.
        for (int minute = 0; minute < 24 * 60; minute++)
        {
            foreach (string key in new[] { "stays", $"replaced {minute}" }) cache.Return(key, cache.Rent(key), isRepeated: true);
            time.Advance(TimeSpan.FromMinutes(1));
        }

        // The one that stays, and those of the last 16 turns: the oldest of them was 15 minutes old when the last one came.
        Assert.Equal(17, cache.Count);
        Assert.Equal(17 * Empty, cache.Size);

        // A scrape of a target that is not kept, since it is met for the first time, makes others forgotten too.
        time.Advance(TimeSpan.FromHours(1));
        cache.Return("once", cache.Rent("once"));
        Assert.Equal(0, cache.Count);
        Assert.Equal(0, cache.Size);
    }

    [Fact]
    public void Two_memories_of_one_target_become_one()
    {
        TargetCache cache = Met(new TargetCache(), "a");
        TargetMemory one = cache.Rent("a");
        TargetMemory two = cache.Rent("a");
        cache.Return("a", one);
        cache.Return("a", two);
        Assert.Equal(1, cache.Count);
        Assert.Equal(Empty, cache.Size);
        Assert.Same(two, cache.Rent("a"));
    }

    [Fact]
    public void Address_component_and_mode_tell_targets_apart()
    {
        MappingOptions mapped = new();
        string?[] keys =
        [
            TargetCache.KeyOf(ScrapeTarget.FromUri(new Uri("http://h/m")), mapped),
            TargetCache.KeyOf(ScrapeTarget.FromUri(new Uri("http://h/m?x=1")), mapped),
            TargetCache.KeyOf(ScrapeTarget.FromUri(new Uri("http://h/m"), ComponentKind.Api), mapped),
            TargetCache.KeyOf(ScrapeTarget.FromUri(new Uri("http://h/m")), new MappingOptions { Raw = true }),
            TargetCache.KeyOf(ScrapeTarget.FromFile("m"), mapped),
        ];
        Assert.Equal(5, keys.Distinct().Count());
        Assert.Null(TargetCache.KeyOf(ScrapeTarget.FromText(["a 1"]), mapped));
    }

    [Fact]
    public void Many_threads_share_it()
    {
        TargetCache cache = new(20 * Empty);
        Parallel.For(0, 20_000, i =>
        {
            string key = $"{i % 50}";
            cache.Return(key, cache.Rent(key));
        });
        Assert.Equal(20, cache.Count);
        Assert.Equal(20 * Empty, cache.Size);
    }

    // Every target scraped once: what is under test is what comes then.
    private static TargetCache Met(TargetCache cache, params string[] keys)
    {
        foreach (string key in keys) cache.Return(key, cache.Rent(key));
        return cache;
    }

    private static TargetMemory Filled()
    {
        TargetMemory memory = new();
        using ScrapeReader reader = new(new TargetInfo { Target = "t" }, Scraped.Everything, _ => { }, memory: memory);
        reader.ReadWhole(System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 1000).Select(i => $"m{{i=\"{i}\"}} 1\n"))));
        return memory;
    }
}
