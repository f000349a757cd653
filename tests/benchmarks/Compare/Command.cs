using System.Diagnostics;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>Other programs, started and waited for.</summary>
internal static class Command
{
    /// <summary>How a program is to be started: its streams redirected, its environment ours with additions.</summary>
    public static ProcessStartInfo Describe(string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        return start;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it wrote to standard output, trimmed.</returns>
    /// <exception cref="InvalidOperationException">It could not be started, or it failed.</exception>
    public static string Run(ProcessStartInfo start)
    {
        using Process process = Start(start);
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output.Trim()
            : throw new InvalidOperationException($"{Path.GetFileName(start.FileName)} failed with {process.ExitCode}: {errors.GetAwaiter().GetResult().Trim()}");
    }

    /// <summary>The output of a program, or null when it is not there or fails.</summary>
    public static string? Ask(string program, params string[] arguments)
    {
        try
        {
            return Run(Describe(program, arguments));
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Starts a program.</summary>
    /// <exception cref="InvalidOperationException">It could not be started.</exception>
    public static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new InvalidOperationException($"{start.FileName} could not be started: {exception.Message}", exception);
        }
    }
}
