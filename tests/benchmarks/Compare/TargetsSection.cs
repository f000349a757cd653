using System.Diagnostics;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>Many HTTPS targets scraped again and again: the module inside pwsh, and Prometheus, in turns.</summary>
internal sealed class TargetsSection(Layout layout, CompareOptions options, string workFolder, Results results)
{
    private static readonly string[] Cases = ["targets-pwsh", "targets-pwsh-gzip"];

    public void Run()
    {
        if (PowerShell.Module(layout, "HTTPS targets", results) is not { } module) return;
        // Kept for less than an interval, so that every round finds new values.
        TimeSpan keep = TimeSpan.FromSeconds(options.Interval / 2.0);
        using HttpsTargets targets = new(
            options.Targets, options.Machines, keep, Directory.CreateDirectory(Path.Combine(workFolder, "targets")).FullName);
        using Participant pwsh = new(PowerShell.Script(
            layout, "module.ps1", "-Module", module, "-UriFile", targets.UriFile, "-CertificateAuthority", targets.CertificateAuthority, "-ServerName", targets.ServerName));
        Turns turns = new(results);
        if (!PrometheusServer.Installed)
        {
            results.Skip("Prometheus", "there is no prometheus on the path: apt install prometheus");
            foreach (string name in Cases) turns.Add(name, () => Round(pwsh, name, keep));
            turns.Run(options.Runs);
            return;
        }

        using PrometheusServer prometheus = new(
            Directory.CreateDirectory(Path.Combine(workFolder, "prometheus")).FullName, targets.PrometheusConfiguration(options.Interval));
        WaitForAll(prometheus);
        foreach (string name in Cases) turns.Add(name, () => Round(pwsh, name, keep));
        turns.Add("targets-prometheus", () => Round(prometheus));
        turns.Run(options.Runs);
    }

    /// <summary>Waits until every target has been scraped twice, so that what is measured is scraping again.</summary>
    private void WaitForAll(PrometheusServer prometheus)
    {
        long start = Stopwatch.GetTimestamp();
        while (!prometheus.Ready || prometheus.Scrapes < 2 * options.Targets || prometheus.Query("count(up == 1)") < options.Targets)
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(60 + (8 * options.Interval)))
                throw new InvalidOperationException(
                    $"Prometheus reaches {prometheus.Query("count(up == 1)")} of {options.Targets} targets only; raise --interval or lower --targets.");
            Thread.Sleep(1000);
        }

        prometheus.Pause();
    }

    /// <summary>CPU time of the module per round. Like Prometheus it comes when the values have moved on.</summary>
    private static Reading Round(Participant pwsh, string name, TimeSpan keep)
    {
        Thread.Sleep(keep);
        return pwsh.Measure(name);
    }

    /// <summary>CPU time of Prometheus per round over all targets, from two intervals after one to settle.</summary>
    private Reading Round(PrometheusServer prometheus)
    {
        TimeSpan interval = TimeSpan.FromSeconds(options.Interval);
        prometheus.Resume();
        Thread.Sleep(interval);
        double scrapes = prometheus.Scrapes;
        double cpu = prometheus.Cpu;
        Thread.Sleep(2 * interval);
        cpu = prometheus.Cpu - cpu;
        scrapes = prometheus.Scrapes - scrapes;
        double up = prometheus.Query("count(up == 1)");
        double samples = prometheus.Query("sum(scrape_samples_scraped)");
        prometheus.Pause();
        return up == options.Targets && scrapes > 0
            ? new Reading { ["cpu"] = cpu / scrapes * options.Targets, ["samples"] = samples }
            : throw new InvalidOperationException($"Prometheus reaches {up} of {options.Targets} targets; raise --interval or lower --targets.");
    }
}
