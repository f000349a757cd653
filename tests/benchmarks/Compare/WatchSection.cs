using System.Diagnostics;
using System.Globalization;
using KubeVirtMonitor.Benchmarks.Cases;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>A day of Watch-KubeVirtMetric, compressed: as many rounds over as many targets, one after the other in a short time, with memory and handles read while it runs.</summary>
internal sealed class WatchSection(Layout layout, CompareOptions options, string workFolder, Results results)
{
    private const int RealSeconds = 15;

    /// <summary>What was watched.</summary>
    public string Described { get; private set; } = "";

    public void Run()
    {
        if (PowerShell.Module(layout, "Watch", results) is not { } module) return;
        double seconds = options.WatchInterval / 1000.0;
        // The clock of the cluster runs as fast as the day is short, so that each round finds values that are 15 s younger.
        using HttpsTargets targets = new(
            options.WatchTargets, options.Machines, TimeSpan.FromSeconds(seconds / 2), Directory.CreateDirectory(Path.Combine(workFolder, "watch")).FullName, RealSeconds / seconds);
        long start = Stopwatch.GetTimestamp();
        double cpu = CpuTime.Children;
        List<(double Round, Reading Reading)> readings = Watch(module, targets, seconds);
        cpu = CpuTime.Children - cpu;
        double rounds = (double)targets.Scrapes / targets.Count;
        // The first half is for warmth: code is compiled, and lists find their size.
        List<(double Round, Reading Reading)> later = readings.FindAll(reading => reading.Round >= rounds / 2);
        if (later.Count < 8) throw new InvalidOperationException($"Only {later.Count} readings fall into the second half of the run; raise --watch-rounds.");
        results.Add("watch", new Reading
        {
            ["cpu"] = cpu / rounds,
            ["wall"] = Stopwatch.GetElapsedTime(start).TotalSeconds / rounds,
            ["peak"] = readings.Max(static reading => reading.Reading["peak"]),
            ["memory-growth"] = rounds * Slope(later.ConvertAll(static reading => (reading.Round, reading.Reading["live"]))),
            ["handle-growth"] = rounds * Slope(later.ConvertAll(static reading => (reading.Round, reading.Reading["handles"]))),
        });
        Described = string.Create(
            CultureInfo.InvariantCulture,
            $"{rounds:0} rounds over {targets.Count} targets of {options.Machines} machines, {rounds * RealSeconds / 3600:0.#} hours at {RealSeconds} s, in {Stopwatch.GetElapsedTime(start).TotalMinutes:0.#} minutes; {later.Count} readings in the second half: {Range("live", 1e6)} MB of live objects, {Range("handles", 1)} handles");

        string Range(string key, double unit) =>
            string.Create(CultureInfo.InvariantCulture, $"{later.Min(reading => reading.Reading[key]) / unit:0.#} to {later.Max(reading => reading.Reading[key]) / unit:0.#}");
    }

    // A reading belongs to the round in which it comes.
    private List<(double Round, Reading Reading)> Watch(string module, HttpsTargets targets, double seconds)
    {
        List<(double Round, Reading Reading)> readings = [];
        using Process process = Command.Start(PowerShell.Script(
            layout, "watch.ps1", "-Module", module, "-UriFile", targets.UriFile, "-CertificateAuthority", targets.CertificateAuthority, "-ServerName", targets.ServerName,
            "-Interval", seconds.ToString(CultureInfo.InvariantCulture), "-Rounds", options.WatchRounds.ToString(CultureInfo.InvariantCulture)));
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            Reading reading = Reading.Parse(line);
            reading["peak"] = PeakMemory.Of(process.Id);
            double round = (double)targets.Scrapes / targets.Count;
            if (round < 1) continue;
            readings.Add((round, reading));
            if (readings.Count % 10 == 0) Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round:0} of {options.WatchRounds + 1}: {line}"));
        }

        process.WaitForExit();
        return process.ExitCode == 0 ? readings : throw new InvalidOperationException($"Watch-KubeVirtMetric failed with {process.ExitCode}: {errors.GetAwaiter().GetResult().Trim()}");
    }

    // The slope of the line with the least squares.
    private static double Slope(IReadOnlyList<(double X, double Y)> points)
    {
        double x = points.Average(point => point.X);
        double y = points.Average(point => point.Y);
        return points.Sum(point => (point.X - x) * (point.Y - y)) / points.Sum(point => (point.X - x) * (point.X - x));
    }
}
