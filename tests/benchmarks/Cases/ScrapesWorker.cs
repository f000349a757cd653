using System.Globalization;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Benchmarks.Cases;

/// <summary>Targets scraped twice by Core, every sample an object that is counted and let go: one measurement per line on standard input.</summary>
internal static class ScrapesWorker
{
    public static int Run(string uriFile, string interval, string authority, string serverName)
    {
        ScrapeOptions options = new()
        {
            Tls = new TlsOptions { CertificateAuthority = CertificateFiles.LoadAuthority([authority]), ServerName = serverName },
        };
        FanOut fanOut = new(new MetricScraper(options, new MappingOptions()));
        List<ScrapeTarget> targets = [.. File.ReadLines(uriFile).Select(line => ScrapeTarget.FromUri(new Uri(line)) with { IsRepeated = true })];
        TimeSpan pause = TimeSpan.FromSeconds(double.Parse(interval, CultureInfo.InvariantCulture));
        while (Console.In.ReadLine() is not null)
        {
            GC.Collect();
            double cpu = CpuTime.Own;
            long samples = Scrape(fanOut, targets);
            Thread.Sleep(pause);
            samples += Scrape(fanOut, targets);
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cpu={CpuTime.Own - cpu:F6} samples={samples} peak={PeakMemory.Own}"));
        }

        return 0;
    }

    private static long Scrape(FanOut fanOut, IEnumerable<ScrapeTarget> targets)
    {
        long samples = 0;
        foreach (FanOutItem item in fanOut.Run(targets))
        {
            if (item.Result?.Error is { } error) throw new InvalidOperationException(error.Message, error);
            samples += item.Samples.Count;
        }

        return samples;
    }
}
