using System.Diagnostics;
using KubeVirtMonitor.Benchmarks.Cases;
using KubeVirtMonitor.Simulator;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>Starts of pwsh, without anything that a profile or its own network work would add.</summary>
internal static class PowerShell
{
    /// <summary>Its version.</summary>
    public static string Version { get; } = Command.Run(Describe("-Command", "$PSVersionTable.PSVersion.ToString()"));

    /// <summary>The manifest to import, or null, and a line why, where something is missing.</summary>
    public static string? Module(Layout layout, string what, Results results)
    {
        if (layout.Module is null) results.Skip(what, "the module is not staged under out/: tests/benchmarks/run builds it");
        return layout.Module;
    }

    /// <summary>One command line.</summary>
    public static ProcessStartInfo Line(string command) =>
        Describe("-Command", command);

    /// <summary>A fresh process that measures one thing and ends.</summary>
    /// <param name="layout">Where the script is.</param>
    /// <param name="arguments">Its parameters.</param>
    /// <returns>What it measured, with the CPU time of the whole process as <c>whole</c>.</returns>
    public static Reading Once(Layout layout, params string[] arguments)
    {
        double cpu = CpuTime.Children;
        Reading reading = Reading.Parse(Command.Run(Describe(["-File", Path.Combine(layout.Peers, "once.ps1"), .. arguments])));
        reading["whole"] = CpuTime.Children - cpu;
        return reading;
    }

    /// <summary>One of our scripts.</summary>
    public static ProcessStartInfo Script(Layout layout, string script, params string[] arguments) =>
        Describe(["-File", Path.Combine(layout.Peers, script), .. arguments]);

    private static ProcessStartInfo Describe(params string[] arguments)
    {
        ProcessStartInfo start = PowerShellHost.Describe(["-NoProfile", "-NonInteractive", .. arguments]);
        start.Environment["NO_COLOR"] = "1";
        return start;
    }
}
