using KubeVirtMonitor.Benchmarks.Cases;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>One big scrape: our readers, the peers, and the module inside pwsh, all taking turns.</summary>
internal sealed class FileSection(Layout layout, CompareOptions options, string scrape, string workFolder, Results results) : IDisposable
{
    private readonly List<Participant> _participants = [];

    public void Run()
    {
        Turns turns = new(results);
        if (options.Only.Contains("files")) AddReaders(turns);
        if (options.Only.Contains("pwsh")) AddPowerShell(turns);
        turns.Run(options.Runs);

        // The module leaves out what its catalogue does not know, so inside pwsh the counts are only held against each other.
        results.RequireSameSamples([.. ParseCases.All.Select(item => item.Name), "expfmt", "prometheus_client"]);
        results.RequireSameSamples("pwsh-get", "pwsh-cold");
        results.RequireSameSamples("pwsh-name-some", "pwsh-where-some");
        results.RequireSameSamples("pwsh-name-one", "pwsh-where-one");
    }

    private void AddReaders(Turns turns)
    {
        // This program again, as its own host, so that each reader is warmed alone.
        string self = Environment.ProcessPath ?? throw new InvalidOperationException("The program does not know its own path.");
        foreach ((string name, _, _) in ParseCases.All) Add(turns, Command.Describe(self, ["worker", name, scrape]), name);
        if (Peers.Expfmt(layout, scrape, workFolder, results) is { } expfmt) Add(turns, expfmt, "expfmt");
        if (Peers.PrometheusClient(layout, scrape, results) is { } client) Add(turns, client, "prometheus_client");
    }

    private void AddPowerShell(Turns turns)
    {
        if (PowerShell.Module(layout, "pwsh", results) is not { } module) return;
        Add(
            turns,
            PowerShell.Script(layout, "module.ps1", "-Module", module, "-Path", scrape),
            "pwsh-get", "pwsh-name-some", "pwsh-where-some", "pwsh-name-one", "pwsh-where-one");
        turns.Add("pwsh-bare", () => Once("bare", module));
        turns.Add("pwsh-cold", () => Once("cold", module));
    }

    private void Add(Turns turns, System.Diagnostics.ProcessStartInfo start, params string[] names)
    {
        Participant participant = new(start);
        _participants.Add(participant);
        foreach (string name in names) turns.Add(name, () => participant.Measure(name));
    }

    private Reading Once(string kind, string module) =>
        Reading.Parse(Command.Run(PowerShell.Script(layout, "module.ps1", "-Module", module, "-Path", scrape, "-Once", kind)));

    /// <summary>Ends the processes.</summary>
    public void Dispose() => _participants.ForEach(participant => participant.Dispose());
}
