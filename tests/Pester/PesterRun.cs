using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using KubeVirtMonitor.Simulator;

namespace KubeVirtMonitor.Tests.Pester;

/// <summary>One run of Pester over a folder, in a real PowerShell.</summary>
/// <param name="Where">The versions it ran in: PowerShell, .NET and Pester.</param>
/// <param name="Tests">What came out.</param>
public sealed record PesterRun(string Where, IReadOnlyList<PesterResult> Tests)
{
    /// <summary>Where the project's own tests are.</summary>
    public static readonly string Folder = Path.Combine(Repository.Root, "tests", "Pester");

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    /// <summary>Runs the tests of a folder.</summary>
    /// <exception cref="InvalidOperationException">It ended without a result or not in time.</exception>
    public static async Task<PesterRun> InvokeAsync(string folder)
    {
        var output = Path.Combine(Path.GetTempPath(), $"pester-{Guid.NewGuid():N}.json");
        try
        {
            var pester = typeof(PesterRun).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "PesterFolder").Value!;
            var said = await RunAsync(Path.Combine(Folder, "Invoke-PesterTests.ps1"), "-OutputPath", output, "-PesterPath", pester, "-Path", folder);
            if (!File.Exists(output))
                throw new InvalidOperationException($"Pester ended without a result:\n{said}");
            return JsonSerializer.Deserialize<PesterRun>(await File.ReadAllTextAsync(output))!;
        }
        finally
        {
            File.Delete(output);
        }
    }

    private static async Task<string> RunAsync(string script, params string[] arguments)
    {
        var start = PowerShellHost.Describe(["-NoLogo", "-NoProfile", "-NonInteractive", "-File", script, .. arguments]);
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
