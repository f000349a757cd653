using System.Globalization;
using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.Scraping;

/// <summary>The errors of a scrape that is larger than allowed.</summary>
internal static class LimitFailures
{
    public static ScrapeException Body(string target, long limit, long announced = 0)
    {
        string what = announced > 0
            ? string.Create(CultureInfo.InvariantCulture, $"its {announced:N0} bytes are more than the {limit:N0} allowed")
            : string.Create(CultureInfo.InvariantCulture, $"the text is longer than the {limit:N0} bytes allowed; the samples before that are whole");
        return new ScrapeException(ScrapeError.BodyTooLarge, target, what, "If it is meant to be so large, raise -MaximumBodySize.");
    }

    public static ScrapeException CompressedBody(string target, long limit, long announced = 0)
    {
        string what = announced > 0
            ? string.Create(CultureInfo.InvariantCulture, $"its {announced:N0} compressed bytes are more than the {limit:N0} allowed")
            : string.Create(CultureInfo.InvariantCulture, $"the compressed body is longer than the {limit:N0} bytes allowed; the samples before that are whole");
        return new ScrapeException(ScrapeError.BodyTooLarge, target, what, "If it is meant to be so large, raise -MaximumCompressedSize.");
    }

    public static ScrapeException Series(string target, long limit, ScrapeLimitException e) => new(
        ScrapeError.TooManySeries,
        target,
        string.Create(CultureInfo.InvariantCulture, $"it has more than the {limit:N0} series allowed; the samples before that are whole"),
        $"Look for labels that differ in every series, or raise -{e.Limit} if it is meant to have so many.",
        e);
}
