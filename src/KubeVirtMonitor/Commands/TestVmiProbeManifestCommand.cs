using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Probes;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Commands;

/// <summary>Checks the probes of manifests, and of machines as a cluster has them, against the rules.</summary>
[Cmdlet(VerbsDiagnostic.Test, "VmiProbeManifest", DefaultParameterSetName = ParameterSets.Path)]
[OutputType(typeof(ProbeFinding))]
[OutputType(typeof(bool))]
public sealed class TestVmiProbeManifestCommand : CancellableCommand
{
    private ManifestSource? _source;
    private bool _any;
    private bool _isGood = true;

    /// <summary>Manifest files, with wildcards.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ParameterSets.Path)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Path { get; set; }

    /// <summary>Manifest files.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ParameterSets.LiteralPath)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[]? LiteralPath { get; set; }

    /// <summary>Files, the text of manifests, machines or instances.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ParameterSets.InputObject)]
    [ValidateNotNull]
    public PSObject? InputObject { get; set; }

    /// <summary>Readiness or liveness only.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public ProbeRole[]? Role { get; set; }

    /// <summary>Only whether all is well.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private ManifestSource Source => _source ??= new ManifestSource(this);

    private protected override void Process()
    {
        if (ParameterSetName != ParameterSets.InputObject)
        {
            foreach (ManifestText text in Source.Files(LiteralPath ?? Path!, LiteralPath is not null)) Check(text);
            return;
        }

        switch (InputObject!.BaseObject)
        {
            case KubeVirtVM vm:
                Check(vm.Session, vm, machine: true, vm.Namespace, vm.Name);
                break;
            case KubeVirtVmi vmi:
                Check(vmi.Session, vmi, machine: false, vmi.Namespace, vmi.Name);
                break;
            default:
                Check(Source.Take(InputObject));
                break;
        }
    }

    private protected override void Finish()
    {
        Check(_source?.Rest());
        if (Quiet) WriteObject(_any && _isGood && !Source.HasFailed);
    }

    private void Check(ManifestText? text)
    {
        if (text is null) return;
        foreach (string nothing in text.Content.Unchecked(Role)) WriteWarning($"{text.Where}: {nothing}.");
        foreach (VmiManifest machine in text.Content.Machines) Check(machine, agentConnected: null);
        Write(text.Content.Findings);
    }

    private void Check(KubeVirtSession? own, object what, bool machine, string inNamespace, string name)
    {
        if (own is { IsOpen: false })
        {
            _isGood = false;
            WriteError(ErrorRecords.OriginClosed(own, what));
            return;
        }

        foreach (KubeVirtSession session in SessionResolver.Resolve(this, own is null ? null : [own], null))
        {
            if (Source.Live(session, machine, inNamespace, name) is { } manifest) Check(manifest, Source.AgentOf(session, manifest));
        }
    }

    private void Check(VmiManifest machine, bool? agentConnected)
    {
        _any |= ManifestContent.HasProbe(machine, Role);
        Write(ProbeRules.Check(machine, agentConnected));
    }

    private void Write(IEnumerable<ProbeFinding> findings)
    {
        foreach (ProbeFinding finding in findings.Where(finding => Role is null || finding.Role is not { } role || Role.Contains(role)))
        {
            _isGood &= finding.Severity != ProbeFindingSeverity.Error;
            if (!Quiet) WriteObject(finding);
        }
    }
}
