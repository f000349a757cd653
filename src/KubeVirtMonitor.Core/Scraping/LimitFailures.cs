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

    public static ScrapeException Series(string target, MappingOptions mapping, ScrapeLimitException e) => new(
        ScrapeError.TooManySeries,
        target,
        e.Limit == "MaximumNames"
            ? string.Create(CultureInfo.InvariantCulture, $"it has more than the {mapping.MaxNames:N0} names of metrics allowed; the samples before that are whole")
            : string.Create(CultureInfo.InvariantCulture, $"it has more than the {mapping.MaxSeries:N0} series allowed; the samples before that are whole"),
        $"Look for {(e.Limit == "MaximumNames" ? "names that hold what belongs into a label" : "labels that differ in every series")}, or raise -{e.Limit} if it is meant to have so many.",
        e);
}
