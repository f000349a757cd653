using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor.Commands;

/// <summary>Reads the probes of machines: of a cluster, of manifest files, of text.</summary>
[Cmdlet(VerbsCommon.Get, "VmiProbe", DefaultParameterSetName = ParameterSets.Session)]
[OutputType(typeof(VmiProbe))]
public sealed class GetVmiProbeCommand : MachineCommand
{
    private const string Machine = "VM";

    private ManifestSource? _source;

    /// <summary>Manifest files, with wildcards.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.Path)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Path { get; set; }

    /// <summary>Manifest files.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = ParameterSets.LiteralPath)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[]? LiteralPath { get; set; }

    /// <summary>Machines, instances, sessions, files, or the text of manifests.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ParameterSets.InputObject)]
    [ValidateNotNull]
    public override PSObject? InputObject { get; set; }

    /// <summary>Reads the templates of VirtualMachines and not the instances.</summary>
    [Parameter(ParameterSetName = ParameterSets.Session)]
    public SwitchParameter VM { get; set; }

    /// <summary>Readiness or liveness only.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public ProbeRole[]? Role { get; set; }

    private protected override string KindOf(object? input) => VM || input is KubeVirtVM or VmiProbe { ObjectKind: "VirtualMachine" } ? Machine : "VMI";

    private ManifestSource Source => _source ??= new ManifestSource(this);

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case ParameterSets.Path:
            case ParameterSets.LiteralPath:
                foreach (ManifestText text in Source.Files(LiteralPath ?? Path!, LiteralPath is not null)) Write(text);
                break;
            case ParameterSets.InputObject when InputObject!.BaseObject is FileInfo or string:
                Write(Source.Take(InputObject));
                break;
            default:
                base.Process();
                break;
        }
    }

    private protected override void Finish()
    {
        Write(_source?.Rest());
        base.Finish();
    }

    private protected override int WriteObjects(KubeVirtSession session, MachineQuery query, ListOptions options)
    {
        int found = 0;
        foreach (VmiManifest manifest in LiveManifests.ListAsync(session, Kind == Machine, options, CancelToken).ToBlockingEnumerable(CancelToken))
        {
            if (!Includes(query, manifest.Namespace ?? "", manifest.Name ?? "")) continue;
            found++;
            WriteProbes(manifest);
        }

        return found;
    }

    private void Write(ManifestText? text)
    {
        if (text is not { Where: { } where, Content: { } content }) return;
        bool isFiltered = Name is not null || Namespace is not null;
        foreach (string nothing in isFiltered ? [] : content.Unchecked(Role)) WriteWarning($"{where}: {nothing}.");
        foreach (ProbeFinding finding in isFiltered ? [] : content.Findings) WriteError(ErrorRecords.ProbeMisplaced(where, finding));
        foreach (VmiManifest manifest in content.Machines)
        {
            if (!IsChosen(manifest.Name ?? "", manifest.Namespace ?? "")) continue;
            foreach (ProbeFinding finding in ProbeRules.Misplaced(manifest)) WriteError(ErrorRecords.ProbeMisplaced($"{where}: {manifest}", finding));
            WriteProbes(manifest);
        }
    }

    private void WriteProbes(VmiManifest manifest)
    {
        foreach (ProbeRole role in Role?.Distinct() ?? Enum.GetValues<ProbeRole>())
        {
            try
            {
                if (manifest.GetProbe(role) is { } probe) WriteObject(probe);
            }
            catch (FormatException error)
            {
                WriteError(ErrorRecords.ProbeMalformed(manifest, error));
            }
        }
    }
}
