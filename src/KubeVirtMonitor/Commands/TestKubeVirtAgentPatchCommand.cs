using System.Diagnostics;
using System.Management.Automation;
using KubeVirtMonitor.AgentSetup;

namespace KubeVirtMonitor.Commands;

/// <summary>Tests point by point whether the Agent's setup works.</summary>
[Cmdlet(VerbsDiagnostic.Test, "KubeVirtAgentPatch", DefaultParameterSetName = PatchSet)]
[OutputType(typeof(AgentPatchStatus), typeof(bool))]
public sealed class TestKubeVirtAgentPatchCommand : ClusterCommand
{
    private const string PatchSet = "Patch";
    private const string InputObjectSet = "InputObject";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>The patch; without it, what was put in.</summary>
    [Parameter(Position = 0, ParameterSetName = PatchSet, ValueFromPipeline = true)]
    [ValidateNotNull]
    public AgentPatch? Patch { get; set; }

    /// <summary>What Install-KubeVirtAgentPatch wrote.</summary>
    [Parameter(Mandatory = true, ParameterSetName = InputObjectSet, ValueFromPipeline = true)]
    [ValidateNotNull]
    public AgentPatchChange? InputObject { get; set; }

    /// <summary>Only whether nothing failed.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>How long to wait for all to work, in seconds; 0 = look once.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue / 1000)]
    public int TimeoutSec { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        KubeVirtSession session = InputObject is { Session.IsOpen: true } own && Session is null && Context is null ? own.Session : ResolveSession();
        IReadOnlyList<AgentPatchStatus> found = Await(cancellationToken => RunAsync(new AgentPatchTester(session, Patch ?? InputObject?.Patch, Patience), cancellationToken));
        if (Quiet) WriteObject(found.All(point => point.State != AgentPatchState.Failed));
        else WriteObject(found, enumerateCollection: true);
    }

    private async Task<IReadOnlyList<AgentPatchStatus>> RunAsync(AgentPatchTester tester, CancellationToken cancellationToken)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (true)
        {
            IReadOnlyList<AgentPatchStatus> found = await tester.RunAsync(cancellationToken).ConfigureAwait(false);
            if (found.All(point => point.State != AgentPatchState.Failed) || clock.Elapsed.TotalSeconds >= TimeoutSec) return found;
            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }
}
