using KubeVirtMonitor.Simulator;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator;

public class TourTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_story_through_the_library_comes_to_a_good_end()
    {
        using StringWriter output = new();
        Assert.Equal(0, await CommandLine.RunAsync(["tour", "--without-powershell"], output, output, Cancellation));
        string text = output.ToString();
        Assert.Contains("kubevirt_handler.vmi.memory_domain_bytes      3 GiB     vm-00001", text, StringComparison.Ordinal);
        Assert.Contains("its certificate expired on", text, StringComparison.Ordinal);
        Assert.Contains("Every step worked", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n').Where(line => line.StartsWith("  kubevirt", StringComparison.Ordinal)), line => Assert.InRange(line.Length, 1, 120));
    }

    [Fact]
    public async Task The_story_with_the_cmdlets_comes_to_a_good_end()
    {
        await RequirePowerShellAsync();
        using StringWriter output = new();
        Assert.Equal(0, await CommandLine.RunAsync(["tour"], output, output, Cancellation));
        string text = output.ToString();
        Assert.Contains("PS> Get-KubeVirtMetric -Uri https://127.0.0.1:", text, StringComparison.Ordinal);
        Assert.Contains("values of 2 targets; 1 target failed", text, StringComparison.Ordinal);
        Assert.DoesNotContain("did not work", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_that_fails_is_named_and_counted_through_the_library()
    {
        await using TourStage stage = await TourStage.StartAsync(Cancellation);
        stage.Handlers[0].Fault = Fault.Parse("status:500");
        using StringWriter output = new();

        // Two steps of the session and three without one ask the first virt-handler.
        Assert.Equal(5, await new LibraryTour(stage, output).RunAsync(Cancellation));
        Assert.Contains("This step did not work: expected ten values", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_that_fails_is_named_and_counted_with_the_cmdlets()
    {
        string manifest = await RequirePowerShellAsync();
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

    private static async Task<string> RequirePowerShellAsync()
    {
        string? manifest = PowerShellFinder.FindModule();
        Assert.SkipWhen(manifest is null, "The module is not built.");
        Assert.SkipWhen(await PowerShellFinder.FindVersionAsync(Cancellation) is null, "There is no pwsh 7.4 or later on the path.");
        return manifest!;
    }
}
