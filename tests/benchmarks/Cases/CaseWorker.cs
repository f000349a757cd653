using System.Diagnostics;
using System.Globalization;

namespace KubeVirtMonitor.Benchmarks.Cases;

/// <summary>Runs one case in a process of its own: one measurement per line on standard input, one answer per measurement.</summary>
internal static class CaseWorker
{
    /// <summary>Long enough that the runtime has compiled the hot code in its final form.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    /// <summary>CPU seconds that one measurement lasts at least, so that the clock's grain does not show.</summary>
    private const double Shortest = 0.25;

    public static int Run(string name, string file)
    {
        byte[] scrape = File.ReadAllBytes(file);
        IParseCase parse = ParseCases.Create(name);
        double once = Warm(parse, scrape);
        int repeats = Math.Max(1, (int)Math.Ceiling(Shortest / once));
        while (Console.In.ReadLine() is not null)
        {
            // What earlier measurements left behind is collected outside the measured time.
            GC.Collect();
            long bytes = GC.GetTotalAllocatedBytes(precise: true);
            double cpu = CpuTime.Own;
            long samples = 0;
            for (int i = 0; i < repeats; i++) samples += parse.Run(scrape);
            cpu = CpuTime.Own - cpu;
            bytes = GC.GetTotalAllocatedBytes(precise: true) - bytes;
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"cpu={cpu / repeats:F9} samples={samples / repeats} bytes={(double)bytes / samples:F3}"));
        }

        return 0;
    }

    /// <summary>Warms the case, and returns the CPU seconds of its last, warm run.</summary>
    private static double Warm(IParseCase parse, byte[] scrape)
    {
        long start = Stopwatch.GetTimestamp();
        double last;
        do
        {
            double cpu = CpuTime.Own;
            _ = parse.Run(scrape);
            last = CpuTime.Own - cpu;
        }
        while (Stopwatch.GetElapsedTime(start) < WarmUp);
        return Math.Max(last, 1e-6);
    }
}
