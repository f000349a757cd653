using System.Diagnostics;
using System.Globalization;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>Many HTTPS targets scraped for the first time, connections and all: the module inside pwsh, Core, and Prometheus, each a fresh process, in turns.</summary>
internal sealed class OnceSection(Layout layout, CompareOptions options, string workFolder, Results results)
{
    private const string NoTargets = "global:\n  scrape_interval: 15s\n";

    private static readonly TimeSpan Late = TimeSpan.FromSeconds(ClusterGoals.Late);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private int _folders;

    public void Run()
    {
        // For ever: the processes are fresh, so that the values are new to them all the same.
        using HttpsTargets targets = new(
            options.Targets, options.Machines, Timeout.InfiniteTimeSpan, Directory.CreateDirectory(Path.Combine(workFolder, "once")).FullName);
        int quarter = Math.Max(1, options.Targets / 4);
        Turns turns = new(results);
        AddPowerShell(turns, targets, quarter);
        turns.Add("once-core", () => Core(targets, options.Targets));
        turns.Add("once-core-quarter", () => Core(targets, quarter));
        if (PrometheusServer.Installed) turns.Add("once-prometheus", () => Prometheus(targets));
        else results.Skip("Prometheus, once", "there is no prometheus on the path: apt install prometheus");
        turns.Run(options.Runs);
        results.RequireSameSamples("once-pwsh", "once-core");
    }

    private void AddPowerShell(Turns turns, HttpsTargets targets, int quarter)
    {
        if (PowerShell.Module(layout, "HTTPS targets once in pwsh", results) is not { } module) return;
        int tenth = Math.Max(1, options.Targets / 10);
        Reading Measure(string kind, int count) => Counted(targets, count, () => PowerShell.Once(
            layout, "-Module", module, "-Kind", kind, "-UriFile", targets.UriFile, "-First", count.ToString(CultureInfo.InvariantCulture),
            "-CertificateAuthority", targets.CertificateAuthority, "-ServerName", targets.ServerName));
        turns.Add("once-bare", () => PowerShell.Once(layout, "-Module", module, "-Kind", "bare"));
        turns.Add("once-pwsh", () => Measure("once", options.Targets));
        turns.Add("once-pwsh-gzip", () => Measure("once-gzip", options.Targets));
        turns.Add("once-null", () => Measure("once-null", options.Targets));
        turns.Add("once-null-quarter", () => Measure("once-null", quarter));

        // In the middle, where it neither starts first nor is waited for at the very end.
        turns.Add("once-slow", () => Slowed(targets, (options.Targets / 2)..((options.Targets / 2) + 1), () => Measure("once", options.Targets)));
        turns.Add("once-slow-tenth", () => Slowed(targets, (tenth / 2)..((tenth / 2) + 1), () => Measure("once", tenth)));
        turns.Add("once-late-tenth", () => Slowed(targets, ..tenth, () => Measure("once", tenth)));
    }

    private static Reading Core(HttpsTargets targets, int count) => Counted(targets, count, () => Self.Measure(
        "once", targets.UriFile, count.ToString(CultureInfo.InvariantCulture), targets.CertificateAuthority, targets.ServerName));

    private static Reading Slowed(HttpsTargets targets, Range which, Func<Reading> measure)
    {
        targets.Slow(which, Late);
        try
        {
            return measure();
        }
        finally
        {
            targets.Slow(which, TimeSpan.Zero);
        }
    }

    /// <summary>Holds that a round was one: so many targets were asked.</summary>
    private static Reading Counted(HttpsTargets targets, int count, Func<Reading> measure)
    {
        IReadOnlyList<long> before = targets.ScrapeCounts;
        Reading reading = measure();
        int asked = targets.ScrapedSince(before);
        return asked == count ? reading : throw new InvalidOperationException($"{count} targets were to be scraped, and {asked} were.");
    }

    /// <summary>
    /// The CPU time of Prometheus from the configuration that tells it of the targets to the end of the first scrape of the last of them, less what it
    /// takes in that time without any.
    /// </summary>
    private Reading Prometheus(HttpsTargets targets)
    {
        using PrometheusServer prometheus = new(
            Directory.CreateDirectory(Path.Combine(workFolder, $"prometheus-once-{_folders++}")).FullName, NoTargets);
        Until(() => prometheus.Ready, "Prometheus does not become ready");
        double idle = CpuPerSecond(prometheus);
        IReadOnlyList<long> before = targets.ScrapeCounts;
        long scrapes = targets.Scrapes;
        double cpu = prometheus.Cpu;
        long start = Stopwatch.GetTimestamp();
        prometheus.Reload(targets.PrometheusConfiguration(options.Interval));
        Until(() => targets.ScrapedSince(before) == targets.Count, "Prometheus does not reach all targets; raise --interval or lower --targets");

        // The last one has been asked and is still to be read. It is asked only now how far it is, because that costs it something as well.
        const string unread = "Prometheus does not read what all targets answered; raise --interval or lower --targets";
        Until(() => prometheus.Query("count(up == 1)") == targets.Count, unread, 500);
        cpu = prometheus.Cpu - cpu - (idle * Stopwatch.GetElapsedTime(start).TotalSeconds);
        double rounds = (double)(targets.Scrapes - scrapes) / targets.Count;
        return new Reading { ["cpu"] = cpu / rounds, ["samples"] = prometheus.Query("sum(scrape_samples_scraped)"), ["peak"] = prometheus.Peak };
    }

    private static double CpuPerSecond(PrometheusServer prometheus)
    {
        Thread.Sleep(1000);
        double cpu = prometheus.Cpu;
        long start = Stopwatch.GetTimestamp();
        Thread.Sleep(4000);
        return (prometheus.Cpu - cpu) / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static void Until(Func<bool> isSo, string otherwise, int everyMilliseconds = 100)
    {
        for (long start = Stopwatch.GetTimestamp(); !isSo(); Thread.Sleep(everyMilliseconds))
        {
            if (Stopwatch.GetElapsedTime(start) > Patience) throw new InvalidOperationException($"{otherwise}.");
        }
    }
}
