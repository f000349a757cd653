using Xunit;

namespace KubeVirtMonitor.Tests.Pester;

/// <summary>That nothing which goes wrong in a Pester file can pass for success.</summary>
public sealed class PesterRunTests : IDisposable
{
    private const string Sample = """
        Describe 'outcomes' {
            It 'passes' { 1 | Should -Be 1 }
            It 'fails' { 1 | Should -Be 2 }
            It 'throws' { throw 'thrown here' }
            It 'is skipped with a reason' { Set-ItResult -Skipped -Because 'there is no moon' }
            It 'is skipped without a word' -Skip { }
            It 'is given <_>' -ForEach 1, 2 { $_ | Should -BeLessThan 2 }
        }
        Describe 'set-up that fails' {
            BeforeAll { throw 'no set-up' }
            It 'never runs' { }
        }
        Describe 'clean-up that fails' {
            AfterAll { throw 'no clean-up' }
            It 'passes before' { }
        }
        """;

    private readonly TempFolder _folder = new();

    [Fact]
    public async Task EveryOutcomeIsReported()
    {
        _folder.Write("Sample.Tests.ps1", Sample);
        _folder.Write("Broken.Tests.ps1", "Describe 'x' {");
        var run = await PesterRun.InvokeAsync(_folder.Path);
        Assert.Matches(@"^Pester 6\.\d+\.\d+ in PowerShell 7\.\d+\.\d+ on \.NET \d+", run.Where);

        string[] passed = [.. run.Tests.Where(test => test.Result == "Passed").Select(test => test.Name).Order()];
        Assert.Equal(["clean-up that fails.passes before", "outcomes.is given 1", "outcomes.passes"], passed);
        AssertOutcome(run, "outcomes.fails", "Failed", "but got 1");
        AssertOutcome(run, "outcomes.throws", "Failed", "thrown here");
        AssertOutcome(run, "outcomes.is given 2", "Failed", "less than 2");
        AssertOutcome(run, "outcomes.is skipped with a reason", "Skipped", "there is no moon");
        AssertOutcome(run, "outcomes.is skipped without a word", "Skipped", string.Empty);
        AssertOutcome(run, "set-up that fails.never runs", "Failed", "no set-up");
        AssertOutcome(run, "clean-up that fails (block)", "Failed", "no clean-up");
        Assert.Contains(run.Tests, test => test.Result == "Failed" && test.Name.Contains("Broken.Tests.ps1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AFolderWithoutTestsIsNoSuccess()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => PesterRun.InvokeAsync(_folder.Path));
        Assert.Contains("No test", failure.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static void AssertOutcome(PesterRun run, string name, string result, string message)
    {
        var test = Assert.Single(run.Tests, test => test.Name == name);
        Assert.Equal(result, test.Result);
        if (message.Length == 0)
            Assert.Empty(test.Message);
        else
            Assert.Contains(message, test.Message, StringComparison.Ordinal);
    }
}
