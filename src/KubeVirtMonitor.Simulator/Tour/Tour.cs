using System.Diagnostics;
using System.Globalization;

namespace KubeVirtMonitor.Simulator;

/// <summary>Shows the main job of the module on a simulated cluster, with the cmdlets where PowerShell is installed.</summary>
/// <param name="output">Where it writes.</param>
public sealed class Tour(TextWriter output)
{
    /// <summary>Plays the tour.</summary>
    /// <param name="withPowerShell">False = through the library, even where PowerShell is installed.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>0 when every step worked, else 1.</returns>
    public async Task<int> RunAsync(bool withPowerShell = true, CancellationToken cancellation = default)
    {
        Stopwatch watch = Stopwatch.StartNew();
        await using TourStage stage = await TourStage.StartAsync(cancellation);
        await output.WriteLineAsync("A simulated cluster of KubeVirt 1.9 runs on this machine: virt-api, two virt-controllers, three virt-handlers with");
        await output.WriteLineAsync("five machine instances each, virt-operator. One virt-handler shows a certificate that has expired.");
        int wrong = await PlayAsync(stage, withPowerShell, cancellation);
        await output.WriteLineAsync();
        await output.WriteLineAsync(wrong == 0
            ? string.Create(CultureInfo.InvariantCulture, $"Every step worked, in {watch.Elapsed.TotalSeconds:0.0} s. Your own cluster is next: see README.md.")
            : $"{wrong} of the steps did not work; see above.");
        return wrong == 0 ? 0 : 1;
    }

    private async Task<int> PlayAsync(TourStage stage, bool withPowerShell, CancellationToken cancellation)
    {
        string? reason = withPowerShell ? null : "as you wish";
        string? manifest = PowerShellFinder.FindModule();
        if (reason is null && manifest is null) reason = "since the module is not built yet (dotnet build makes it)";
        if (reason is null && await PowerShellFinder.FindVersionAsync(cancellation) is null) reason = "since there is no pwsh 7.4 or later on the path";
        if (reason is null) return await new PowerShellTour(stage, manifest!, output).RunAsync(cancellation);
        await output.WriteLineAsync($"The story is told through the module's library, without PowerShell, {reason}.");
        return await new LibraryTour(stage, output).RunAsync(cancellation);
    }
}
