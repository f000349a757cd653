using System.Diagnostics;
using KubeVirtMonitor.Benchmarks.Cases;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>Starts of pwsh, without anything that a profile or its own network work would add.</summary>
internal static class PowerShell
{
    private static readonly (string Name, string Value)[] Quiet =
    [
        ("POWERSHELL_TELEMETRY_OPTOUT", "1"),
        ("POWERSHELL_UPDATECHECK", "Off"),
        ("NO_COLOR", "1"),
    ];

    /// <summary>Its version, or null where it is not installed.</summary>
    public static string? Version { get; } = Command.Ask("pwsh", "-NoProfile", "-NonInteractive", "-Command", "$PSVersionTable.PSVersion.ToString()");

    /// <summary>The manifest to import, or null, and a line why, where something is missing.</summary>
    public static string? Module(Layout layout, string what, Results results)
    {
        if (Version is null)
        {
            results.Skip(what, "there is no pwsh on the path: see https://learn.microsoft.com/powershell/scripting/install/install-debian");
            return null;
        }

        if (layout.Module is null) results.Skip(what, "the module is not staged under out/: tests/benchmarks/run builds it");
        return layout.Module;
    }

    /// <summary>One command line.</summary>
    public static ProcessStartInfo Line(string command) =>
        Command.Describe("pwsh", ["-NoProfile", "-NonInteractive", "-Command", command], Quiet);

    /// <summary>A fresh process that measures one thing and ends.</summary>
    /// <param name="layout">Where the script is.</param>
    /// <param name="arguments">Its parameters.</param>
    /// <returns>What it measured, with the CPU time of the whole process as <c>whole</c>.</returns>
    public static Reading Once(Layout layout, params string[] arguments)
    {
        double cpu = CpuTime.Children;
        Reading reading = Reading.Parse(Command.Run(
            Command.Describe("pwsh", ["-NoProfile", "-NonInteractive", "-File", Path.Combine(layout.Peers, "once.ps1"), .. arguments], Quiet)));
        reading["whole"] = CpuTime.Children - cpu;
        return reading;
    }

    /// <summary>The script that measures the module.</summary>
    public static ProcessStartInfo Script(Layout layout, params string[] arguments) =>
        Command.Describe("pwsh", ["-NoProfile", "-NonInteractive", "-File", Path.Combine(layout.Peers, "module.ps1"), .. arguments], Quiet);
}
