using KubeVirtMonitor.Benchmarks.Compare;

namespace KubeVirtMonitor.Benchmarks.Parts;

/// <summary>The scrape that the parts are measured on: virt-handler with 500 machines, about 9 MB.</summary>
internal static class ScrapeFixture
{
    /// <summary>Names a file to be read instead of one that the simulator makes.</summary>
    public const string FileVariable = "KUBEVIRTMONITOR_BENCHMARK_FILE";

    public static byte[] Load()
    {
        if (Environment.GetEnvironmentVariable(FileVariable) is { Length: > 0 } given) return File.ReadAllBytes(given);
        string file = Path.Combine(Path.GetTempPath(), $"kubevirtmonitor-{Environment.ProcessId}.prom");
        try
        {
            SimulatedScrape.Write(500, file);
            return File.ReadAllBytes(file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
