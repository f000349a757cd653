using System.Globalization;
using KubeVirtMonitor.History;
using KubeVirtMonitor.Prometheus;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Usage;

namespace KubeVirtMonitor.Benchmarks.Cases;

/// <summary>Usage over a time from a server by Core, every machine an object that is counted and let go.</summary>
internal static class HistoryWorker
{
    /// <summary>Reads answers with as many series and points, and does nothing with them.</summary>
    public static int Read(string address, string parts, string moments, string terms)
    {
        double cpu = CpuTime.Own;
        PrometheusServer server = new(new Uri(address), new ScrapeOptions { Timeout = TimeSpan.FromMinutes(2) });
        string expression = string.Join(" or ", Enumerable.Range(0, int.Parse(terms, CultureInfo.InvariantCulture)).Select(static i => $"label_replace(a,\"figure\",\"T{i}\",\"\",\"\")"));
        DateTimeOffset start = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        long points = 0;
        for (int i = 0; i < int.Parse(parts, CultureInfo.InvariantCulture); i++)
        {
            QueryRange range = new(start, start + ((int.Parse(moments, CultureInfo.InvariantCulture) - 1) * TimeSpan.FromMinutes(5)), TimeSpan.FromMinutes(5));
            points += server.QueryAsync(new Query { Expression = expression, Range = range }, static _ => ValueTask.CompletedTask, CancellationToken.None).GetAwaiter().GetResult().Points;
        }

        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cpu={CpuTime.Own - cpu:F6} samples={points} peak={PeakMemory.Own}"));
        return 0;
    }

    public static int Run(string address, string hours, string minutes, string properties)
    {
        double cpu = CpuTime.Own;
        PrometheusServer server = new(new Uri(address), new ScrapeOptions { Timeout = TimeSpan.FromMinutes(2) });
        ServerFacts facts = ServerFacts.ProbeAsync(server, "", null, CancellationToken.None).GetAwaiter().GetResult();
        DateTimeOffset end = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        StoredUsage history = new(server, facts, new UsageRequest
        {
            Range = new QueryRange(end.AddHours(-double.Parse(hours, CultureInfo.InvariantCulture)), end, TimeSpan.FromMinutes(double.Parse(minutes, CultureInfo.InvariantCulture))),
            Needs = UsageNeeds.Of(properties.Split(',')),
        });
        long machines = 0;
        history.ReadAsync(
            look =>
            {
                machines += look.Machines.Count(static usage => usage.CpuPercent is not null);
                return ValueTask.CompletedTask;
            },
            CancellationToken.None).GetAwaiter().GetResult();
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cpu={CpuTime.Own - cpu:F6} samples={machines} peak={PeakMemory.Own}"));
        return 0;
    }
}
