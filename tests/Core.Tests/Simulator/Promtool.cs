using System.Diagnostics;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator;

/// <summary>Prometheus' own checker, where it is installed.</summary>
internal static class Promtool
{
    /// <summary>Runs it and returns what it prints; the test is skipped where it is absent.</summary>
    public static string Run(IEnumerable<string> arguments, string? input = null)
    {
        string? program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/bin")
            .Select(directory => Path.Combine(directory, OperatingSystem.IsWindows() ? "promtool.exe" : "promtool")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "promtool is not installed.");
        using Process process = Process.Start(new ProcessStartInfo(program!, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (input is not null) process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        return output.Result + errors.Result;
    }
}
