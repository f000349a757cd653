namespace KubeVirtMonitor.Scraping;

/// <summary>What is known of a body while it is read.</summary>
/// <param name="Target">How messages call its target.</param>
/// <param name="MaximumBodySize">Most bytes of text.</param>
/// <param name="ContentType">Gives the Content-Type, fit to be shown; null where there is none.</param>
/// <param name="Setting">What named the target: an address, a file; null = it was at hand.</param>
/// <param name="Window">How many bytes are likely to come at once.</param>
/// <param name="Progress">Where bytes are counted.</param>
internal sealed record BodyDescription(string Target, long MaximumBodySize, Func<string>? ContentType, Setting? Setting, int Window, ScrapeProgress Progress);
