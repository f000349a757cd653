using System.Globalization;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>The scrape of a simulated virt-handler, as a file.</summary>
internal static class SimulatedScrape
{
    /// <summary>Writes the scrape of a virt-handler with so many machines on its node, as the simulator's own command does.</summary>
    /// <exception cref="InvalidOperationException">The simulator refused.</exception>
    public static void Write(int machines, string file)
    {
        string[] command = ["generate", "--component", "handler", "--vmis", machines.ToString(CultureInfo.InvariantCulture), "--output", file];
        int code = Simulator.CommandLine.RunAsync(command, TextWriter.Null, Console.Error, CancellationToken.None).GetAwaiter().GetResult();
        if (code != 0) throw new InvalidOperationException("The simulator did not write the scrape.");
    }
}
