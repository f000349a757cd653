using System.Management.Automation;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor.Commands;

/// <summary>Sets a probe in a manifest file or on a live VM.</summary>
[Cmdlet(VerbsCommon.Set, "VmiProbe", SupportsShouldProcess = true, DefaultParameterSetName = ByName)]
[OutputType(typeof(VmiProbe))]
public sealed class SetVmiProbeCommand : ProbeEditCommand
{
    /// <summary>The probe.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public VmiProbe? Probe { get; set; }

    /// <summary>Sets the probe although a rule finds an error in it.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the probe as it is afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override VmiProbe? Replacement => Probe;

    // Whoever says nothing else means what the probe says of itself.
    private protected override ProbeRole[] Roles => Role ?? [Probe!.Role!.Value];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        // One that is no input is the same for every machine.
        if (Role is null && Probe is { Role: null }) ThrowTerminatingError(ErrorRecords.ProbeWithoutRole(Probe));
    }

    private protected override void Process()
    {
        if (Role is null && Probe!.Role is null) Fail(ErrorRecords.ProbeWithoutRole(Probe));
        else base.Process();
    }

    private protected override string Action(string probe) => $"Set the {probe} probe to {Probe}";

    private protected override bool IsAllowed(VmiManifest after, ProbeRole role, Func<bool?> agentConnected)
    {
        bool isGood = true;
        foreach (ProbeFinding finding in ProbeRules.Check(after, agentConnected()).Where(finding => finding.Role is null || finding.Role == role))
        {
            if (finding.Severity == ProbeFindingSeverity.Error && finding.Role is not null && !Force)
            {
                WriteError(ErrorRecords.ProbeRefused(after, finding));
                isGood = false;
            }
            else
            {
                WriteWarning($"{after}: {finding.Id}: {finding.Field}: {finding.Message}. {finding.Consequence} {finding.Advice}");
            }
        }

        return isGood;
    }

    private protected override void Done(VmiManifest after, ProbeRole role)
    {
        if (PassThru && after.GetProbe(role) is { } probe) WriteObject(probe);
    }
}
