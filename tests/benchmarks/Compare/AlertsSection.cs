namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>The alerts of a big cluster from its endpoints and its API server, in one look, beside one round of scraping the same endpoints: in a pwsh that has done both before.</summary>
internal sealed class AlertsSection(Layout layout, CompareOptions options, string workFolder, Results results)
{
    /// <summary>What the cluster has.</summary>
    public string Described { get; private set; } = "";

    public void Run()
    {
        if (PowerShell.Module(layout, "Alerts", results) is not { } module) return;
        using SimulatedObjects objects = new(options.Vmis, Directory.CreateDirectory(Path.Combine(workFolder, "alerts")).FullName);
        Described = objects.Described;
        using Participant alerts = new(PowerShell.Script(layout, "module.ps1", "-Module", module, "-KubeConfig", objects.Kubeconfig));
        using Participant scrapes = new(PowerShell.Script(layout, "module.ps1", "-Module", module, "-KubeConfig", objects.Kubeconfig));
        // Code is compiled in its final form after some rounds.
        for (int i = 0; i < 3; i++)
        {
            alerts.Measure("alerts");
            scrapes.Measure("alerts-scrapes");
        }

        Turns turns = new(results);
        turns.Add("alerts", () => alerts.Measure("alerts"));
        turns.Add("alerts-scrapes", () => scrapes.Measure("alerts-scrapes"));
        turns.Run(options.Runs);
    }
}
