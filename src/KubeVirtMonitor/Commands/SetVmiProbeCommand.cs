using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Loading;
using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor.Commands;

/// <summary>Sets or removes a probe in a manifest file or on a live VM.</summary>
[Cmdlet(VerbsCommon.Set, "VmiProbe", SupportsShouldProcess = true, DefaultParameterSetName = ParameterSets.Path)]
[OutputType(typeof(VmiProbe))]
public sealed class SetVmiProbeCommand : ClusterCommand
{
    private const string ByName = "Name";
    private const string Machine = "VM";

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

    /// <summary>Which machines of the file, or which machine of the cluster.</summary>
    [Parameter(ParameterSetName = ParameterSets.Path)]
    [Parameter(ParameterSetName = ParameterSets.LiteralPath)]
    [Parameter(Mandatory = true, ParameterSetName = ByName)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MachineNameCompleter))]
    public string? Name { get; set; }

    /// <summary>The namespace of the machine.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByName)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    public string? Namespace { get; set; }

    /// <summary>A machine of the cluster.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = Machine)]
    [ValidateNotNull]
    public KubeVirtVM? VM { get; set; }

    /// <summary>The probe.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNull]
    public VmiProbe? Probe { get; set; }

    /// <summary>Sets the readiness probe.</summary>
    [Parameter]
    public SwitchParameter Readiness { get; set; }

    /// <summary>Sets the liveness probe.</summary>
    [Parameter]
    public SwitchParameter Liveness { get; set; }

    /// <summary>Takes the probe out.</summary>
    [Parameter]
    public SwitchParameter Remove { get; set; }

    /// <summary>Sets the probe although a rule finds an error in it.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the probe as it is afterwards.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Process()
    {
        if (!(Readiness || Liveness) || Probe is null != Remove) ThrowTerminatingError(ErrorRecords.ProbeChoice());
        foreach (ProbeRole role in Enum.GetValues<ProbeRole>())
        {
            if (role == ProbeRole.Readiness ? !Readiness : !Liveness) continue;
            if (ParameterSetName == Machine) SetLive(VM!.Namespace, VM.Name, role);
            else if (ParameterSetName == ByName) SetLive(Namespace!, Name!, role);
            else SetFiles(role);
        }
    }

    private void SetFiles(ProbeRole role)
    {
        PathResolver resolver = new(SessionState, WriteError);
        foreach (string path in LiteralPath ?? Path!)
        {
            foreach (string file in resolver.Resolve(path, LiteralPath is not null)) SetFile(file, role);
        }
    }

    private void SetFile(string path, ProbeRole role)
    {
        if (new ManifestSource(this).Open(path) is not { } opened) return;
        IReadOnlyList<VmiManifest> machines = opened.Content.Machines;
        // What cannot be read was said already.
        if (machines.Count == 0 && opened.Content.Defects.Count > 0) return;
        WildcardPattern[] names = this.Patterns(Name is null ? null : [Name]);
        int[] chosen = [.. Enumerable.Range(0, machines.Count).Where(i => names.Length == 0 || NamePatterns.IsAnyMatch(names, machines[i].Name ?? ""))];
        if (chosen.Length == 0) WriteError(ErrorRecords.NoMachineInManifest(path));
        else if (chosen.Length > 1 && Name is null) WriteError(ErrorRecords.SeveralMachines(path, machines));
        else Edit(opened.File, chosen, role);
    }

    private void Edit(ManifestFile file, int[] chosen, ProbeRole role)
    {
        string text = file.Text;
        try
        {
            foreach (int index in chosen)
            {
                VmiManifest before = ManifestReader.ReadContent(text, LazyYamlReader.Instance, file.Path).Machines[index];
                string edited = new ManifestEditor(LazyYamlReader.Instance, LazyYamlLayoutReader.Instance).SetProbe(text, before, role, Probe);
                VmiManifest after = ManifestReader.ReadContent(edited, LazyYamlReader.Instance, file.Path).Machines[index];
                if (!IsGood(after, role, null) || !ShouldProcess($"{before} in {file.Path}", Action(role))) continue;
                if (edited != text) file.Write(edited);
                text = edited;
                Show(after, role);
            }
        }
        catch (FormatException error)
        {
            WriteError(ErrorRecords.ManifestNotEdited(file.Path, error));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            WriteError(ErrorRecords.ManifestUnwritable(file.Path, error));
        }
    }

    private void SetLive(string inNamespace, string name, ProbeRole role)
    {
        try
        {
            KubeVirtSession session = ResolveSession();
            VmiManifest before = Wait(LiveManifests.GetAsync(session, machine: true, inNamespace, name, CancelToken));
            if (!IsGood(LiveManifests.With(before, role, Probe), role, Remove ? null : AgentOf(session, before)) || !ShouldProcess($"{before} of {session}", Action(role))) return;
            VmiManifest after = Wait(LiveManifests.SetProbeAsync(session, before, role, Probe, CancelToken));
            if (LiveManifests.HasInstance(after)) WriteWarning($"{after}: the running instance keeps its probes; the change takes effect at the next start of the VM.");
            Show(after, role);
        }
        catch (KubernetesException error)
        {
            WriteError(ErrorRecords.Failed(error, $"{inNamespace}/{name}"));
        }
        catch (FormatException error)
        {
            WriteError(ErrorRecords.ManifestInvalid($"{inNamespace}/{name}", error));
        }
    }

    // Only the instance knows whether the agent is connected, and there need not be one.
    private bool? AgentOf(KubeVirtSession session, VmiManifest machine)
    {
        if (!LiveManifests.HasInstance(machine)) return null;
        try
        {
            return LiveManifests.AgentConnected(Wait(LiveManifests.GetAsync(session, machine: false, machine.Namespace!, machine.Name!, CancelToken)));
        }
        catch (KubernetesException error)
        {
            WriteVerbose($"Whether a guest agent is connected is not known: {error.Message}");
            return null;
        }
    }

    private T Wait<T>(Task<T> work)
    {
        try
        {
            return work.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (CancelToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    private bool IsGood(VmiManifest manifest, ProbeRole role, bool? agentConnected)
    {
        if (Remove) return true;
        bool isGood = true;
        foreach (ProbeFinding finding in ProbeRules.Check(manifest, agentConnected).Where(finding => finding.Role is null || finding.Role == role))
        {
            if (finding.Severity == ProbeFindingSeverity.Error && finding.Role is not null && !Force)
            {
                WriteError(ErrorRecords.ProbeRefused(manifest, finding));
                isGood = false;
            }
            else
            {
                WriteWarning($"{manifest}: {finding.Id}: {finding.Field}: {finding.Message}. {finding.Consequence} {finding.Advice}");
            }
        }

        return isGood;
    }

    private string Action(ProbeRole role) => Remove ? $"Remove the {Word(role)} probe" : $"Set the {Word(role)} probe to {Probe}";

    private static string Word(ProbeRole role) => role == ProbeRole.Readiness ? "readiness" : "liveness";

    private void Show(VmiManifest after, ProbeRole role)
    {
        if (PassThru && after.GetProbe(role) is { } probe) WriteObject(probe);
    }
}
