using System.Diagnostics;
using System.Globalization;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Benchmarks.Cases;

/// <summary>Many targets scraped once in a fresh process, the samples counted and let go.</summary>
internal static class OnceWorker
{
    public static int Run(string uriFile, string count, string authority, string serverName)
    {
        long idle = PeakMemory.Own;
        long start = Stopwatch.GetTimestamp();
        ScrapeOptions options = new()
        {
            Tls = new TlsOptions { CertificateAuthority = CertificateFiles.LoadAuthority([authority]), ServerName = serverName },
        };
        FanOut fanOut = new(new MetricScraper(options, new MappingOptions()));
        List<ScrapeTarget> targets = [.. File.ReadLines(uriFile)
            .Take(int.Parse(count, CultureInfo.InvariantCulture))
            .Select(line => ScrapeTarget.FromUri(new Uri(line)))];
        long samples = 0;
        foreach (FanOutItem item in fanOut.Run(targets))
        {
            if (item.Result?.Error is { } error) throw new InvalidOperationException(error.Message, error);
            samples += item.Samples.Count;
        }

        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"cpu={CpuTime.Own:F6} wall={Stopwatch.GetElapsedTime(start).TotalSeconds:F6} samples={samples} idle={idle} peak={PeakMemory.Own}"));
        return 0;
    }
}
