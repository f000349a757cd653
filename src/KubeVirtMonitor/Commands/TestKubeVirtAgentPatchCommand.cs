using System.Management.Automation;
using KubeVirtMonitor.AgentSetup;
using KubeVirtMonitor.Errors;

namespace KubeVirtMonitor.Commands;

/// <summary>Tests each step of the Agent's setup.</summary>
[Cmdlet(VerbsDiagnostic.Test, "KubeVirtAgentPatch", DefaultParameterSetName = PatchSet)]
[OutputType(typeof(AgentPatchStatus), typeof(bool))]
public sealed class TestKubeVirtAgentPatchCommand : ClusterCommand
{
    private const string PatchSet = "Patch";
    private const string InputObjectSet = "InputObject";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The patch; without it, what was put in.</summary>
    [Parameter(Position = 0, ParameterSetName = PatchSet, ValueFromPipeline = true)]
    [ValidateNotNull]
    public AgentPatch? Patch { get; set; }

    /// <summary>What Install-KubeVirtAgentPatch wrote.</summary>
    [Parameter(Mandatory = true, ParameterSetName = InputObjectSet, ValueFromPipeline = true)]
    [ValidateNotNull]
    public AgentPatchChange? InputObject { get; set; }

    /// <summary>Only whether metrics are known to arrive.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>How long to wait for all to work, in seconds; 0 = look once.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue / 1000)]
    public int TimeoutSec { get; set; }

    private protected override void Process()
    {
        if (InputObject is null) base.Process();
        else InOwn(InputObject.Session, InputObject, Process);
    }

    private protected override void Process(KubeVirtSession session)
    {
        IReadOnlyList<AgentPatchStatus> found = Await(cancellationToken => new AgentPatchTester(session, Patch ?? InputObject?.Patch, Patience).WaitAsync(TimeSpan.FromSeconds(TimeoutSec), cancellationToken));
        this.WriteRoute(session);
        if (Quiet) WriteObject(AgentPatchTester.IsArriving(found));
        else WriteObject(found.Select(Advice.In), enumerateCollection: true);
    }

    private protected override void TakeFailure()
    {
        if (Quiet) WriteObject(false);
    }
}
