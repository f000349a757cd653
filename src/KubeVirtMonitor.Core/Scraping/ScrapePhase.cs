namespace KubeVirtMonitor.Scraping;

/// <summary>What a scrape is busy with.</summary>
internal enum ScrapePhase
{
    Waiting,
    Body,
    Retry,
}
