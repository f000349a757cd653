using System.Diagnostics;
using System.Globalization;

namespace KubeVirtMonitor.Benchmarks.Cases;

/// <summary>Runs one other program, so that what getrusage knows of ended children is of that program alone.</summary>
internal static class ChildWorker
{
    public static int Run(string program, string[] arguments)
    {
        long start = Stopwatch.GetTimestamp();
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })!;
        process.WaitForExit();
        TimeSpan wall = Stopwatch.GetElapsedTime(start);
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"cpu={CpuTime.Children:F6} wall={wall.TotalSeconds:F6} peak={CpuTime.ChildrenPeak}"));
        return process.ExitCode;
    }
}
