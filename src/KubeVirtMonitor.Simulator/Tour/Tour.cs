using System.Diagnostics;
using System.Globalization;

namespace KubeVirtMonitor.Simulator;

/// <summary>Shows the main job of the module on a simulated cluster, with the real cmdlets in a real PowerShell.</summary>
/// <param name="output">Where it writes.</param>
public sealed class Tour(TextWriter output)
{
    /// <summary>Plays the tour.</summary>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>0 when every step worked, else 1.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation = default)
    {
        Stopwatch watch = Stopwatch.StartNew();
        if (PowerShellTour.FindModule() is not { } manifest)
        {
            await output.WriteLineAsync("The module has not been built: run 'dotnet build' to create it in out/KubeVirtMonitor.");
            return 1;
        }

        await using TourStage stage = await TourStage.StartAsync(cancellation);
        await output.WriteLineAsync("A simulated cluster with KubeVirt 1.9 runs on this machine: two replicas each of virt-api, virt-controller and virt-operator,");
        await output.WriteLineAsync("and three virt-handlers with five VMIs each. The certificate of one virt-handler has expired.");
        int wrong = await new PowerShellTour(stage, manifest, output).RunAsync(cancellation);
        await output.WriteLineAsync();
        await output.WriteLineAsync(wrong == 0
            ? string.Create(CultureInfo.InvariantCulture, $"Every step worked, in {watch.Elapsed.TotalSeconds:0.0} s. To use the module with your own cluster, see README.md.")
            : $"{wrong} of the steps did not work; see above.");
        return wrong == 0 ? 0 : 1;
    }
}
