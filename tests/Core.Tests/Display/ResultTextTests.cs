using KubeVirtMonitor.Display;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.Display;

public sealed class ResultTextTests
{
    [Theory]
    [InlineData(VersionSource.Scrape, "KubeVirt 1.9.0, from the scrape")]
    [InlineData(VersionSource.User, "KubeVirt 1.9.0, from the caller")]
    [InlineData(VersionSource.Inferred, "KubeVirt 1.9.0 or later, inferred from its names")]
    [InlineData(VersionSource.None, "KubeVirt version unknown")]
    internal void A_good_scrape(VersionSource source, string version)
    {
        ScrapeResult result = Result(source) with { BodyBytes = 2048, WireBytes = 512, Samples = 1, Latency = TimeSpan.FromMilliseconds(12) };
        Assert.Equal($"(text): 2 KiB (512 B compressed); 1,234 series; 1 sample; virt-handler; {version}; 12 ms", ResultText.Of(result));
    }

    [Fact]
    public void One_with_trouble()
    {
        ScrapeResult result = Result(VersionSource.None) with
        {
            Summary = new ScrapeSummary { Target = "(text)", Series = 2, Defects = 3 },
            Attempts = 2,
            RedirectedTo = "https://10.0.0.1/metrics",
            Latency = TimeSpan.FromSeconds(2),
        };
        Assert.Equal("(text): 0 B; 2 series; 0 samples; 3 defects; component not recognised; KubeVirt version unknown; 2 attempts; redirected to https://10.0.0.1/metrics; 2 s", ResultText.Of(result));
    }

    private static ScrapeResult Result(VersionSource source) => new()
    {
        Target = ScrapeTarget.FromText([]),
        Summary = new ScrapeSummary { Target = "(text)", Series = 1234, Component = ComponentKind.Handler, Version = new KubeVirtVersion(1, 9), VersionSource = source },
    };
}
