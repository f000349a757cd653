using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Tests.Scraping;

/// <summary>A scrape of one target to its end, with connections and memory of its own.</summary>
internal sealed record Scraped(IReadOnlyList<MetricSample> Samples, ScrapeResult Result)
{
    public static readonly MappingOptions Everything = new() { IncludeUnmapped = true };

    public IEnumerable<string> Lines => Samples.Select(sample => sample.ToString());

    public ScrapeError? Error => Result.Error?.Cause;

    public static MetricScraper Scraper(ScrapeOptions? options = null, MappingOptions? mapping = null, TransportPool? pool = null, TimeProvider? time = null)
    {
        mapping ??= Everything;
        TargetCache cache = new();
        return new MetricScraper(
            options ?? new ScrapeOptions { RetryInterval = TimeSpan.FromMilliseconds(1) },
            mapping,
            (target, format, sent, receive, cancel) => new SampleSink(target, mapping, format, sent, cache, receive, cancel),
            pool ?? new TransportPool(),
            time ?? TimeProvider.System);
    }

    public static async Task<Scraped> FromAsync(
        ScrapeTarget target,
        ScrapeOptions? options = null,
        MappingOptions? mapping = null,
        TransportPool? pool = null,
        CancellationToken cancellationToken = default)
    {
        List<MetricSample> samples = [];
        ScrapeResult result = await Scraper(options, mapping, pool).ScrapeAsync(
            target,
            (batch, _) =>
            {
                samples.AddRange(batch.Span);
                batch.Return();
                return ValueTask.CompletedTask;
            },
            cancellationToken);
        return new Scraped(samples, result);
    }

    /// <summary>What a health address says.</summary>
    public static Task<HealthCheckResult> HealthAsync(Uri uri, ScrapeOptions? options, CancellationToken cancellationToken)
    {
        options ??= new ScrapeOptions { RetryInterval = TimeSpan.FromMilliseconds(1) };
        return new HealthCheck(new HttpGet(new TransportPool(), options), options, TimeProvider.System).RunAsync(uri, transport: null, cancellationToken);
    }

    public static Task<Scraped> FromAsync(Uri uri, ScrapeOptions? options = null, MappingOptions? mapping = null, TransportPool? pool = null, CancellationToken cancellationToken = default) =>
        FromAsync(ScrapeTarget.FromUri(uri), options, mapping, pool, cancellationToken);
}
