namespace KubeVirtMonitor.Scraping;

/// <summary>What comes out of <see cref="FanOut"/>: some samples of a target, or the end of one.</summary>
public readonly struct FanOutItem
{
    internal FanOutItem(SampleBatch samples)
    {
        Samples = samples;
    }

    internal FanOutItem(ScrapeResult result)
    {
        Result = result;
    }

    /// <summary>Samples; empty where this is the end of a target. To be used before the next item is asked for.</summary>
    public SampleBatch Samples { get; }

    /// <summary>How the scrape of a target went; null where this is samples. It comes behind all samples of its target.</summary>
    public ScrapeResult? Result { get; }
}
