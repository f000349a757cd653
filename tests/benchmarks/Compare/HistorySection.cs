using System.Globalization;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>The usage of many machines over a day from a server with stored values: how many queries, and the CPU time and the memory of who asks.</summary>
internal sealed class HistorySection(Layout layout, CompareOptions options, Results results)
{
    private const int Hours = 24;
    private const int StepMinutes = 5;

    // The first moment counts, and so does the last.
    private const int Moments = (Hours * 60 / StepMinutes) + 1;

    /// <summary>The five figures: of each kind one, and one that takes four families.</summary>
    public static string[] Figures { get; } = ["CpuPercent", "CpuReadyPercent", "MemoryUsedPercent", "DiskLatencyMs", "NetworkReceiveBytesPerSecond"];

    /// <summary>What was asked.</summary>
    public string Described { get; private set; } = "";

    public void Run()
    {
        if (PowerShell.Module(layout, "History", results) is not { } module) return;
        using HistoryServer server = new(options.Vmis);
        string figures = string.Join(',', Figures);
        string[] range = [server.Address, Hours.ToString(CultureInfo.InvariantCulture), StepMinutes.ToString(CultureInfo.InvariantCulture), figures];
        Turns turns = new(results);
        turns.Add("history-bare", () => PowerShell.Once(layout, "-Module", module, "-Kind", "bare"));
        turns.Add("history", () => Counted(server, () => PowerShell.Once(layout, "-Module", module, "-Kind", "history", "-PrometheusUri", range[0], "-Hours", range[1], "-Minutes", range[2], "-Property", figures)));
        turns.Add("history-core", () => Counted(server, () => Self.Measure(["history", .. range])));
        // As many bytes, series and points in as many answers: seven of 41 or 42 moments, of the ten families that the figures are made of.
        turns.Add("history-answers", () => Counted(server, () => Self.Measure("answers", server.Address, "7", "41", "10"), isUsage: false));
        turns.Run(options.Runs);
        results.RequireSameSamples("history", "history-core");
        Described = string.Create(
            CultureInfo.InvariantCulture,
            $"{options.Vmis} machines, {Figures.Length} figures, {Hours} hours at {StepMinutes} minutes; {results.Median("history", "points") / 1e6:0.0} million points in {results.Median("history", "answers") / 1e6:0} MB of JSON");
    }

    private Reading Counted(HistoryServer server, Func<Reading> measure, bool isUsage = true)
    {
        (long queries, long bytes, long points) = (server.Queries, server.Bytes, server.Points);
        Reading reading = measure();
        reading["queries"] = server.Queries - queries;
        reading["answers"] = server.Bytes - bytes;
        reading["points"] = server.Points - points;
        if (isUsage && !reading["samples"].Equals((double)options.Vmis * Moments)) throw new InvalidOperationException($"{options.Vmis * Moments} objects were to come, and {reading["samples"]} came.");
        return reading;
    }
}
