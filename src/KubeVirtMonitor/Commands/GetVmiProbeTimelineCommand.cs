using System.Management.Automation;

namespace KubeVirtMonitor.Commands;

/// <summary>Plays outcomes against a probe's numbers as kubelet would count them, without running anything.</summary>
[Cmdlet(VerbsCommon.Get, "VmiProbeTimeline")]
[OutputType(typeof(ProbeTransition))]
public sealed class GetVmiProbeTimelineCommand : ProbeNumberCommand
{
    /// <summary>The outcomes, in their order.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public ProbeOutcome[]? Outcome { get; set; }

    /// <summary>Probes, of New-VmiProbe or Get-VmiProbe; the numbers that are given take the place of theirs.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public VmiProbe[]? Probe { get; set; }

    /// <summary>What the probes decide, and which of those that say it themselves.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public ProbeRole[]? Role { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (VmiProbe probe in (Probe ?? [new VmiProbe { Kind = ProbeKind.TcpSocket }]).SelectMany(probe => probe.In(Role)))
        {
            VmiProbe numbers = probe.With(InitialDelaySeconds, PeriodSeconds, TimeoutSeconds, SuccessThreshold, FailureThreshold);
            WriteObject(ProbeTimeline.Play(numbers, probe.Role ?? ProbeRole.Readiness, Outcome!), enumerateCollection: true);
        }
    }
}
