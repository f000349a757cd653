using Xunit;

namespace KubeVirtMonitor.Tests.Pester;

/// <summary>Each test of the *.Tests.ps1 files, run in a real pwsh against the staged module, as a test of its own.</summary>
public sealed class PesterTests
{
    private const string Skipped = nameof(Skipped);
    private const string Inconclusive = nameof(Inconclusive);

    public static async Task<IEnumerable<TheoryDataRow<PesterResult>>> Results()
    {
        var run = await PesterRun.InvokeAsync(PesterRun.Folder);
        int Count(string outcome) => run.Tests.Count(test => test.Result == outcome);
        await File.WriteAllTextAsync(
            Path.Combine(AppContext.BaseDirectory, "pester.txt"),
            $"{run.Where}: {Count("Passed")} passed, {Count("Failed")} failed, {run.Tests.Count - Count("Passed") - Count("Failed")} skipped");
        return run.Tests.Select(Row);
    }

    [Theory]
    [MemberData(nameof(Results), DisableDiscoveryEnumeration = true)]
    public void Pester(PesterResult result) =>
        Assert.True(result.Result == "Passed", $"{result.Name}: {result.Result}\n{result.Message}");

    /// <summary>A test that Pester left out without a reason is not left out here: it fails, which asks for the reason.</summary>
    private static TheoryDataRow<PesterResult> Row(PesterResult result) => new(result)
    {
        TestDisplayName = $"Pester: {result.Name}",
        Label = string.Empty,
        Skip = result is { Result: Skipped or Inconclusive, Message.Length: > 0 } ? result.Message : null,
    };
}
