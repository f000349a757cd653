using System.Diagnostics;
using System.Text.Json;

namespace KubeVirtMonitor.Tests.Pester;

/// <summary>One run of Pester over a folder, in a real pwsh.</summary>
/// <param name="Unavailable">Why it could not run here; empty when it ran.</param>
/// <param name="Tests">What came out.</param>
public sealed record PesterRun(string Unavailable, IReadOnlyList<PesterResult> Tests)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    /// <summary>Runs the tests of a folder.</summary>
    /// <exception cref="InvalidOperationException">pwsh is there, and ended without a result or not in time.</exception>
    public static async Task<PesterRun> InvokeAsync(string folder)
    {
        if (FindOnPath("pwsh") is not string pwsh)
            return new PesterRun("There is no pwsh on the PATH.", []);
        var output = Path.Combine(Path.GetTempPath(), $"pester-{Guid.NewGuid():N}.json");
        try
        {
            var said = await RunAsync(pwsh, Path.Combine(Repository.PesterFolder, "Invoke-PesterTests.ps1"), "-OutputPath", output, "-Path", folder);
            if (!File.Exists(output))
                throw new InvalidOperationException($"Pester ended without a result:\n{said}");
            return JsonSerializer.Deserialize<PesterRun>(await File.ReadAllTextAsync(output))!;
        }
        finally
        {
            File.Delete(output);
        }
    }

    private static string? FindOnPath(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => new[] { Path.Combine(folder, name), Path.Combine(folder, name + ".exe") })
            .FirstOrDefault(File.Exists);

    private static async Task<string> RunAsync(string pwsh, string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(pwsh)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])["-NoLogo", "-NoProfile", "-NonInteractive", "-File", script, .. arguments])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"Pester did not end within {Limit.TotalMinutes} minutes:\n{await output}{await errors}");
        }
        return await output + await errors;
    }
}
