using System.Globalization;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>Usage of machines beside the two scrapes that it takes: one virt-handler with many machines, and many with a few.</summary>
internal sealed class UsageSection(Layout layout, CompareOptions options, string workFolder, Results results)
{
    public void Run()
    {
        if (PowerShell.Module(layout, "Usage", results) is not { } module) return;
        Run(module, "usage-one", 1, options.Vmis);
        Run(module, "usage-many", options.Targets, options.Machines);
    }

    private void Run(string module, string name, int count, int machines)
    {
        // Written as a whole before it is sent, so that readers wait for no writer, and anew for each look, so that the second one finds other values.
        using HttpsTargets targets = new(count, machines, TimeSpan.FromMilliseconds(1), Directory.CreateDirectory(Path.Combine(workFolder, name)).FullName);
        string interval = options.UsageInterval.ToString(CultureInfo.InvariantCulture);
        string[] parameters =
        [
            "-Module", module, "-UriFile", targets.UriFile, "-First", count.ToString(CultureInfo.InvariantCulture), "-Interval", interval,
            "-CertificateAuthority", targets.CertificateAuthority, "-ServerName", targets.ServerName,
        ];
        using Participant usage = new(PowerShell.Script(layout, "module.ps1", parameters));
        using Participant scrapes = new(PowerShell.Script(layout, "module.ps1", parameters));
        using Participant core = new(Command.Describe(Self.Program, ["scrapes", targets.UriFile, interval, targets.CertificateAuthority, targets.ServerName]));
        int all = count * machines;
        Turns turns = new(results);
        turns.Add($"{name}-bare", () => PowerShell.Once(layout, "-Module", module, "-Kind", "bare"));
        turns.Add(name, () => Checked(targets, all, () => usage.Measure("usage")));
        turns.Add($"{name}-scrapes", () => Checked(targets, null, () => scrapes.Measure("usage-scrapes")));
        turns.Add($"{name}-core", () => Checked(targets, null, () => core.Measure("scrapes")));
        turns.Add($"{name}-cold", () => Checked(targets, all, () => PowerShell.Once(layout, [.. parameters, "-Kind", "usage"])));
        turns.Add($"{name}-scrapes-cold", () => Checked(targets, null, () => PowerShell.Once(layout, [.. parameters, "-Kind", "usage-scrapes"])));
        turns.Run(options.Runs);
        results.RequireSameSamples(name, $"{name}-cold");
        results.RequireSameSamples($"{name}-scrapes", $"{name}-scrapes-cold");
    }

    /// <summary>Holds that every target was scraped exactly twice, and that usage found every machine.</summary>
    private static Reading Checked(HttpsTargets targets, int? machines, Func<Reading> measure)
    {
        long before = targets.Scrapes;
        Reading reading = measure();
        long scrapes = targets.Scrapes - before;
        if (scrapes != 2 * targets.Count) throw new InvalidOperationException($"{targets.Count} targets were to be scraped twice, and were scraped {scrapes} times.");
        return machines is null || reading["samples"].Equals((double)machines) ? reading : throw new InvalidOperationException($"Usage of {machines} machines was to come, and {reading["samples"]} came.");
    }
}
