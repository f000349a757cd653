using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Sessions;
using Xunit;

namespace KubeVirtMonitor.Tests.Sessions;

/// <summary>A scrape of all components of a session, to its end.</summary>
internal sealed record SessionScrape(IReadOnlyList<string> Samples, IReadOnlyList<ScrapeResult> Results)
{
    public const string Threads = "# TYPE process_open_fds gauge\nprocess_open_fds 12\n";

    public ScrapeResult this[string pod] => Results.Single(result => result.Target.PodName == pod);

    public static async Task<SessionScrape> OfAsync(KubeVirtSession session)
    {
        ComponentSurvey survey = await session.FindComponentsAsync(null, withLeaders: true, TestContext.Current.CancellationToken);
        ScrapeOptions options = new() { RetryInterval = TimeSpan.FromMilliseconds(1), Timeout = TimeSpan.FromSeconds(10) };
        SessionScraper scraper = new(session, options, new MappingOptions()) { WithHealth = true };
        List<string> samples = [];
        List<ScrapeResult> results = [];
        foreach (FanOutItem item in scraper.Run(survey.Components, TestContext.Current.CancellationToken))
        {
            foreach (MetricSample sample in item.Samples.Span) samples.Add(sample.ToString());
            if (item.Result is { } result) results.Add(result);
        }

        return new SessionScrape(samples, results);
    }
}
