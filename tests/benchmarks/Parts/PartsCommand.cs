using BenchmarkDotNet.Running;

namespace KubeVirtMonitor.Benchmarks.Parts;

/// <summary>BenchmarkDotNet over the parts; every option of its own is handed on.</summary>
internal static class PartsCommand
{
    public static int Run(string[] args)
    {
        string[] chosen = args.Contains("--filter") || args.Contains("--list") ? args : [.. args, "--filter", "*"];
        return BenchmarkSwitcher.FromAssembly(typeof(PartsCommand).Assembly).Run(chosen).Any() ? 0 : 1;
    }
}
