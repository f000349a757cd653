using System.Diagnostics;
using System.Reflection;

namespace KubeVirtMonitor.Simulator;

/// <summary>The PowerShell that the tour, the tests and the benchmarks start.</summary>
/// <remarks>
/// It is the package PowerShell, which a build restores; the environment variable <see cref="Variable"/> names another one, by its path or as a
/// command on the PATH. A pwsh that happens to be on the PATH is never taken by itself, so that every machine runs the same one.
/// </remarks>
public static class PowerShellHost
{
    /// <summary>The environment variable that chooses another pwsh, 7.4 or later.</summary>
    public const string Variable = "KUBEVIRTMONITOR_PWSH";

    /// <summary>What starts it.</summary>
    /// <param name="arguments">Arguments of pwsh.</param>
    /// <returns>Output and errors are redirected, and input too.</returns>
    /// <exception cref="FileNotFoundException">The package is gone from the package folder since the build.</exception>
    public static ProcessStartInfo Describe(IEnumerable<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ProcessStartInfo start = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } chosen
            ? new(chosen)
            : new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Packaged()]);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        return start;
    }

    private static string Packaged()
    {
        string folder = typeof(PowerShellHost).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "PowerShellFolder").Value!;
        string program = Path.Combine(folder, OperatingSystem.IsWindows() ? "win" : "unix", "pwsh.dll");
        return File.Exists(program)
            ? program
            : throw new FileNotFoundException($"The package PowerShell is not where the build found it: {program} is missing. Build again with 'dotnet build', or name a pwsh in {Variable}.", program);
    }
}
