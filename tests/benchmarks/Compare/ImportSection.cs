using System.Diagnostics;
using System.Globalization;
using KubeVirtMonitor.Benchmarks.Cases;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>What importing the module adds to a start of pwsh.</summary>
internal sealed class ImportSection(Layout layout, CompareOptions options, Results results)
{
    public void Run()
    {
        if (PowerShell.Module(layout, "Import", results) is not { } module) return;
        string quoted = $"'{module.Replace("'", "''", StringComparison.Ordinal)}'";
        Turns turns = new(results);
        turns.Add("start-bare", () => Start("exit"));
        turns.Add("start-import", () => Start($"Import-Module {quoted}; exit"));
        turns.Add("import-inside", () => Inside(quoted));
        turns.Run(options.Starts);
    }

    /// <summary>CPU and wall time of a whole process.</summary>
    private static Reading Start(string command)
    {
        double cpu = CpuTime.Children;
        long start = Stopwatch.GetTimestamp();
        Command.Run(PowerShell.Line(command));
        return new Reading { ["cpu"] = CpuTime.Children - cpu, ["wall"] = Stopwatch.GetElapsedTime(start).TotalSeconds };
    }

    /// <summary>Wall time as a user sees it with Measure-Command.</summary>
    private static Reading Inside(string module)
    {
        string seconds = Command.Run(PowerShell.Line(
            $"(Measure-Command {{ Import-Module {module} }}).TotalSeconds.ToString([cultureinfo]::InvariantCulture)"));
        return new Reading { ["wall"] = double.Parse(seconds, CultureInfo.InvariantCulture) };
    }
}
