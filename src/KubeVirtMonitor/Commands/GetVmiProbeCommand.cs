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
    private readonly List<string> _lines = [];
    private WildcardPattern[] _names = [];
    private WildcardPattern[] _namespaces = [];

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

    /// <summary>Machines, instances, files, or the text of manifests.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ParameterSets.InputObject)]
    [ValidateNotNull]
    public PSObject? InputObject { get; set; }

    /// <summary>Reads the templates of VirtualMachines and not the instances.</summary>
    [Parameter(ParameterSetName = ParameterSets.Session)]
    public SwitchParameter VM { get; set; }

    /// <summary>Readiness or liveness only.</summary>
    [Parameter]
    public ProbeRole[]? Role { get; set; }

    private protected override string Kind => VM ? "VM" : "VMI";

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        // What binds later is the name of each object of the pipeline, which for files is that of the file.
        _names = this.Patterns(Name);
        _namespaces = this.Patterns(Namespace);
    }

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case ParameterSets.Path:
            case ParameterSets.LiteralPath:
                PathResolver resolver = new(SessionState, WriteError);
                foreach (string path in LiteralPath ?? Path!) foreach (string file in resolver.Resolve(path, LiteralPath is not null)) WriteFile(file);
                break;
            case ParameterSets.InputObject:
                WriteInput(InputObject!.BaseObject);
                break;
            default:
                base.Process();
                break;
        }
    }

    private protected override void End()
    {
        if (_lines.Count > 0) WriteText(string.Join('\n', _lines));
        base.End();
    }

    private protected override int WriteObjects(KubeVirtSession session, MachineQuery query, ListOptions options)
    {
        int found = 0;
        foreach (VmiManifest manifest in LiveManifests.ListAsync(session, VM, options, CancelToken).ToBlockingEnumerable(CancelToken))
        {
            if (!query.Includes(manifest.Namespace ?? "", manifest.Name ?? "")) continue;
            found++;
            WriteProbes(manifest);
        }

        return found;
    }

    private void WriteInput(object input)
    {
        switch (input)
        {
            case KubeVirtVM vm:
                WriteLive(machine: true, vm.Namespace, vm.Name);
                break;
            case KubeVirtVmi vmi:
                WriteLive(machine: false, vmi.Namespace, vmi.Name);
                break;
            case FileInfo file:
                WriteFile(file.FullName);
                break;
            case string text when text.Contains('\n', StringComparison.Ordinal):
                WriteText(text);
                break;
            case string line:
                _lines.Add(line);
                break;
            default:
                WriteError(ErrorRecords.NoProbeSource(input));
                break;
        }
    }

    private void WriteLive(bool machine, string inNamespace, string name)
    {
        try
        {
            WriteProbes(LiveManifests.GetAsync(ResolveSession(), machine, inNamespace, name, CancelToken).GetAwaiter().GetResult());
        }
        catch (KubernetesException error)
        {
            WriteError(ErrorRecords.Failed(error, $"{inNamespace}/{name}"));
        }
        catch (OperationCanceledException) when (CancelToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    private void WriteFile(string path)
    {
        if (new ManifestSource(this).Open(path) is { } opened) Write(opened.Content, path);
    }

    private void WriteText(string text)
    {
        const string where = "The text on the pipeline";
        Write(new ManifestSource(this).Read(text, where), where);
    }

    private void Write(ManifestContent content, string where)
    {
        bool isFiltered = _names.Length + _namespaces.Length > 0;
        foreach (string nothing in isFiltered ? [] : content.Unchecked(Role is [var only] ? only : null)) WriteWarning($"{where}: {nothing}.");
        foreach (ProbeFinding finding in isFiltered ? [] : content.Findings) WriteError(ErrorRecords.ProbeMisplaced(where, finding));
        foreach (VmiManifest manifest in content.Machines)
        {
            bool isWanted = (_names.Length == 0 || NamePatterns.IsAnyMatch(_names, manifest.Name ?? "")) && (_namespaces.Length == 0 || NamePatterns.IsAnyMatch(_namespaces, manifest.Namespace ?? ""));
            if (!isWanted) continue;
            foreach (ProbeFinding finding in ProbeRules.Misplaced(manifest)) WriteError(ErrorRecords.ProbeMisplaced($"{where}: {manifest}", finding));
            WriteProbes(manifest);
        }
    }

    private void WriteProbes(VmiManifest manifest)
    {
        foreach (ProbeRole role in Role ?? Enum.GetValues<ProbeRole>())
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
