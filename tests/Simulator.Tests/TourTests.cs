using KubeVirtMonitor.Simulator;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator;

public class TourTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_story_with_the_cmdlets_comes_to_a_good_end()
    {
        using StringWriter output = new();
        Assert.Equal(0, await CommandLine.RunAsync(["tour"], output, output, Cancellation));
        string text = output.ToString();
        Assert.Contains("PS> Get-KubeVirtMetric -Uri https://127.0.0.1:", text, StringComparison.Ordinal);
        Assert.Contains("values of 2 targets; 1 target failed", text, StringComparison.Ordinal);
        Assert.DoesNotContain("did not work", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_that_fails_is_named_and_counted_with_the_cmdlets()
    {
        string manifest = PowerShellTour.FindModule()!;
        await using TourStage stage = await TourStage.StartAsync(Cancellation);
        stage.Host["api/0"].Fault = Fault.Parse("unhealthy");
        using StringWriter output = new();

        // The health of the session, and that of the address alone.
        Assert.Equal(2, await new PowerShellTour(stage, manifest, output).RunAsync(Cancellation));
        Assert.Contains("This step did not work: expected $last.Count -eq 1 -and $last[0].Value -eq 1", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_stage_leaves_nothing_behind()
    {
        string folder;
        await using (TourStage stage = await TourStage.StartAsync(Cancellation))
        {
            folder = stage.Folder;
            Assert.True(File.Exists(Path.Combine(folder, TourStage.OldScrapeFile)));
        }

        Assert.False(Directory.Exists(folder));
    }
}
