using KubeVirtMonitor.Exposition;
using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.Scraping;

/// <summary>Scrapes targets under one set of options. Thread-safe; connections are kept for the next scraper with the same TLS options and proxy.</summary>
internal sealed class MetricScraper : ITargetScraper
{
    private readonly ScrapeOptions _options;
    private readonly MappingOptions _mapping;
    private readonly SinkFactory _createSink;
    private readonly TimeProvider _time;
    private readonly HttpSource _http;
    private readonly HealthCheck _health;

    /// <summary>Prepares scrapes.</summary>
    /// <param name="options">How targets are reached.</param>
    /// <param name="mapping">What becomes of their text.</param>
    /// <param name="cache">What is remembered between scrapes; null = <see cref="TargetCache.Shared"/>.</param>
    /// <exception cref="ScrapeException">An option cannot be used as it is.</exception>
    public MetricScraper(ScrapeOptions options, MappingOptions mapping, TargetCache? cache = null)
        : this(options, mapping, SinksOf(mapping, cache ?? TargetCache.Shared), TransportPool.Shared, TimeProvider.System)
    {
    }

    // Without options of their own, health addresses are reached as targets are.
    internal MetricScraper(ScrapeOptions options, MappingOptions mapping, SinkFactory createSink, TransportPool pool, TimeProvider time, ScrapeOptions? healthOptions = null)
    {
        _options = options;
        _mapping = mapping;
        _createSink = createSink;
        _time = time;
        HttpGet get = new(pool, options);
        _http = new HttpSource(get, options, time);
        _health = healthOptions is null ? new HealthCheck(get, options, time) : new HealthCheck(new HttpGet(pool, healthOptions), healthOptions, time);
    }

    internal delegate IScrapeSink SinkFactory(ScrapeTarget target, ExpositionFormat format, DateTimeOffset? sent, SampleReceiver receive, CancellationToken cancellationToken);

    int ITargetScraper.ThrottleLimit => _options.ThrottleLimit;

    /// <summary>
    /// Scrapes one target, and asks its health address at the same time where it has one. Files and text are read on the caller's thread, and
    /// the task is complete on return, unless <paramref name="receive"/> itself waits.
    /// </summary>
    /// <param name="receive">Takes the samples, batch by batch, never two at a time.</param>
    /// <returns>How it went. Whatever is wrong with the target is in the result and not thrown.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<ScrapeResult> ScrapeAsync(ScrapeTarget target, SampleReceiver receive, CancellationToken cancellationToken = default)
    {
        if (target.HealthUri is not { } healthUri) return await ScrapeOnlyAsync(target, receive, cancellationToken).ConfigureAwait(false);
        Task<HealthCheckResult> health = _health.RunAsync(healthUri, target.Transport, cancellationToken);
        ScrapeResult result = await ScrapeOnlyAsync(target, receive, cancellationToken).ConfigureAwait(false);
        return result with { Health = await health.ConfigureAwait(false) };
    }

    private static SinkFactory SinksOf(MappingOptions mapping, TargetCache cache) =>
        (target, format, sent, receive, cancel) => new SampleSink(target, mapping, format, sent, cache, receive, cancel);

    private async Task<ScrapeResult> ScrapeOnlyAsync(ScrapeTarget target, SampleReceiver receive, CancellationToken cancellationToken)
    {
        long start = _time.GetTimestamp();
        using Deadline deadline = new(target.Uri is null ? Timeout.InfiniteTimeSpan : _options.Timeout, _time, cancellationToken);
        ScrapeRun run = new(target, _options, (format, sent) => _createSink(target, format, sent, receive, cancellationToken), deadline, cancellationToken);
        ScrapeException? error = null;
        try
        {
            await (target.Uri is null ? LocalSource.RunAsync(run) : _http.RunAsync(run)).ConfigureAwait(false);
            error = run.Verdict(_mapping);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            error = (e is ScrapeLimitException limit ? LimitFailures.Series(target.Name, _mapping, limit) : run.Failure(e)).Shown(run.Foreign);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }

        if (error is not null && target.Transport is { } transport) error = transport.Explain(error);
        return run.ToResult(error, _time.GetElapsedTime(start));
    }
}

/// <summary>Scrapes targets for <see cref="FanOut"/>. Thread-safe.</summary>
internal interface ITargetScraper
{
    /// <summary>How many targets are scraped at the same time.</summary>
    int ThrottleLimit { get; }

    /// <inheritdoc cref="MetricScraper.ScrapeAsync"/>
    Task<ScrapeResult> ScrapeAsync(ScrapeTarget target, SampleReceiver receive, CancellationToken cancellationToken);
}
