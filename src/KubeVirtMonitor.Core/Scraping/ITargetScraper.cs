namespace KubeVirtMonitor.Scraping;

/// <summary>Scrapes targets for <see cref="FanOut"/>. Thread-safe.</summary>
internal interface ITargetScraper
{
    /// <summary>How many targets are scraped at the same time.</summary>
    int ThrottleLimit { get; }

    /// <inheritdoc cref="MetricScraper.ScrapeAsync"/>
    Task<ScrapeResult> ScrapeAsync(ScrapeTarget target, SampleReceiver receive, CancellationToken cancellationToken);
}
