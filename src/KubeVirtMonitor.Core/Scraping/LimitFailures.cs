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
        return new ScrapeException(ScrapeError.BodyTooLarge, target, what) { Setting = Setting.BodySize };
    }

    public static ScrapeException CompressedBody(string target, long limit, long announced = 0)
    {
        string what = announced > 0
            ? string.Create(CultureInfo.InvariantCulture, $"its {announced:N0} compressed bytes are more than the {limit:N0} allowed")
            : string.Create(CultureInfo.InvariantCulture, $"the compressed body is longer than the {limit:N0} bytes allowed; the samples before that are whole");
        return new ScrapeException(ScrapeError.BodyTooLarge, target, what) { Setting = Setting.CompressedSize };
    }

    public static ScrapeException Series(string target, MappingOptions mapping, ScrapeLimitException e)
    {
        bool isOfNames = e.Limit == nameof(MappingOptions.MaxNames);
        string what = isOfNames
            ? string.Create(CultureInfo.InvariantCulture, $"it has more than the {mapping.MaxNames:N0} names of metrics allowed; the samples before that are whole")
            : string.Create(CultureInfo.InvariantCulture, $"it has more than the {mapping.MaxSeries:N0} series allowed; the samples before that are whole");
        return new ScrapeException(ScrapeError.TooManySeries, target, what, e) { Setting = isOfNames ? Setting.Names : Setting.Series };
    }
}
