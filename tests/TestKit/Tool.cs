using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace KubeVirtMonitor.TestKit;

/// <summary>Programs that only some machines have.</summary>
public static class Tool
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>The path of a program, or null where it is absent.</summary>
    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Append("/usr/bin")
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name))
        .FirstOrDefault(File.Exists);

    /// <summary>The path of a program; the test is skipped where it is absent.</summary>
    public static string Require(string name)
    {
        string? path = Find(name);
        Assert.SkipWhen(path is null, $"{name} is not installed.");
        return path!;
    }

    /// <summary>Starts a program; whoever does must end it. The test is skipped where it is absent.</summary>
    public static Process Start(string name, IEnumerable<string> arguments, string? folder = null, IEnumerable<KeyValuePair<string, string>>? environment = null)
    {
        ProcessStartInfo start = new(Require(name), arguments) { WorkingDirectory = folder ?? "", RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string key, string value) in environment ?? []) start.Environment[key] = value;
        return Process.Start(start)!;
    }

    /// <summary>Runs a program to its end, for a minute at the most.</summary>
    public static async Task<ToolResult> RunAsync(
        string name, IEnumerable<string> arguments, string? input = null, string? folder = null, IEnumerable<KeyValuePair<string, string>>? environment = null)
    {
        using Process process = Start(name, arguments, folder, environment);
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(Limit);
        Task<string> output = process.StandardOutput.ReadToEndAsync(late.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(late.Token);
        try
        {
            if (input is not null) await process.StandardInput.WriteAsync(input.AsMemory(), late.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(late.Token);
            return new ToolResult(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    /// <summary>Runs a program, and demands that it ends well.</summary>
    public static async Task<string> OutputAsync(string name, IEnumerable<string> arguments, string? folder = null)
    {
        ToolResult result = await RunAsync(name, arguments, folder: folder);
        Assert.True(result.Code == 0, $"{name} {string.Join(' ', arguments)} ended with {result.Code}: {result.Errors}");
        return result.Output;
    }
}

/// <summary>How a run of a program ended.</summary>
public sealed record ToolResult(int Code, string Output, string Errors)
{
    /// <summary>The lines of the output, each split at runs of at least two spaces, as kubectl's tables are.</summary>
    public string[][] Table => [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Regex.Split(line.TrimEnd(), " {2,}"))];
}
