using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Loading;
using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor.Commands;

/// <summary>A cmdlet that changes the probes of machines: in manifest files, or in the templates of VirtualMachines in a cluster.</summary>
public abstract class ProbeEditCommand : ClusterCommand
{
    private protected const string ByName = "Name";
    private protected const string Machine = "VM";

    // So many are named where the warnings of many machines are summed up.
    private const int MostNamed = 10;

    // Machines whose instances run on with the probes they have. The first is told of at once, the others together.
    private readonly HashSet<(KubeVirtSession Session, string Machine)> _running = [];
    private ManifestSource? _source;
    private MissingNames? _missing;

    /// <summary>Machines of the cluster, or which machines of the files; by name or wildcard.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [Parameter(ParameterSetName = ParameterSets.Path)]
    [Parameter(ParameterSetName = ParameterSets.LiteralPath)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [TextTransformation]
    [ArgumentCompleter(typeof(MachineNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>The namespace of the machines.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ByName)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    public string? Namespace { get; set; }

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

    /// <summary>A machine of the cluster.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = Machine)]
    [ValidateNotNull]
    [ProbeOwnerTransformation]
    public KubeVirtVM? VM { get; set; }

    /// <summary>Which of the two probes.</summary>
    [Parameter(ParameterSetName = ByName)]
    [Parameter(ParameterSetName = ParameterSets.Path)]
    [Parameter(ParameterSetName = ParameterSets.LiteralPath)]
    [Parameter(ParameterSetName = Machine)]
    [ValidateNotNullOrEmpty]
    public virtual ProbeRole[]? Role { get; set; }

    /// <summary>The probes that are changed.</summary>
    private protected virtual ProbeRole[] Roles => Role!;

    private protected ManifestSource Source => _source ??= new ManifestSource(this);

    /// <summary>What is put in place of the probe; null removes it.</summary>
    private protected abstract VmiProbe? Replacement { get; }

    /// <summary>What is done to a probe, as ShouldProcess shows it.</summary>
    private protected abstract string Action(string probe);

    /// <summary>Whether a machine may be as it would be after the change. What speaks against it is written.</summary>
    private protected virtual bool IsAllowed(VmiManifest after, ProbeRole role, Func<bool?> agentConnected) => true;

    /// <summary>The change has been made.</summary>
    private protected virtual void Done(VmiManifest after, ProbeRole role)
    {
    }

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case Machine:
                InOwn(VM!.Session, VM, session => EditLive(session, VM.Namespace, VM.Name, VM.Uid, Roles));
                break;
            case ByName:
                InEach(EditNamed);
                break;
            default:
                WildcardPattern[] names = this.Patterns(Name);
                foreach (ManifestText text in Source.Files(LiteralPath ?? Path!, LiteralPath is not null)) EditFile(text, Name is not null, machine => names.Length == 0 || NamePatterns.IsAnyMatch(names, machine.Name ?? ""), Roles);
                break;
        }
    }

    private protected override void Finish()
    {
        bool isOne = _running.Select(static one => one.Session).Distinct().Count() == 1;
        string[] others = [.. _running.Skip(1).Select(one => isOne ? one.Machine : $"{one.Machine} of {one.Session}")];
        if (others.Length > 0)
        {
            string more = others.Length > MostNamed ? $" and {others.Length - MostNamed} more" : "";
            WriteWarning($"{(others.Length == 1 ? "One more running instance keeps its" : $"{others.Length} more running instances keep their")} probes until the next start of the VM: {string.Join(", ", others.Take(MostNamed))}{more}.");
        }

        base.Finish();
    }

    private MissingNames Missing => _missing ??= new MissingNames(this, Fail);

    /// <summary>Changes machines of a file.</summary>
    /// <param name="text">The file.</param>
    /// <param name="isNamed">Whether several may be meant.</param>
    /// <param name="isMeant">Which.</param>
    /// <param name="roles">Which probes.</param>
    private protected void EditFile(ManifestText text, bool isNamed, Func<VmiManifest, bool> isMeant, IEnumerable<ProbeRole> roles)
    {
        IReadOnlyList<VmiManifest> machines = text.Content.Machines;
        // What cannot be read was said already.
        if (machines.Count == 0 && text.Content.Defects.Count > 0) return;
        int[] chosen = [.. Enumerable.Range(0, machines.Count).Where(i => isMeant(machines[i]))];
        if (chosen.Length == 0) WriteError(ErrorRecords.NoMachineInManifest(text.Where));
        else if (chosen.Length > 1 && !isNamed) WriteError(ErrorRecords.SeveralMachines(text.Where, machines));
        else Edit(text.File!, chosen, roles);
    }

    /// <summary>Changes a machine of a cluster.</summary>
    /// <param name="session">The session of the cluster.</param>
    /// <param name="inNamespace">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="uid">Its unique id; null = whichever machine has the name.</param>
    /// <param name="roles">Which probes.</param>
    private protected void EditLive(KubeVirtSession session, string inNamespace, string name, string? uid, IEnumerable<ProbeRole> roles) =>
        EditLive(session, Source.Live(session, machine: true, inNamespace, name, uid), roles);

    private void EditLive(KubeVirtSession session, VmiManifest? machine, IEnumerable<ProbeRole> roles)
    {
        foreach (ProbeRole role in roles.Distinct())
        {
            if (machine is null) return;
            machine = EditLive(session, machine, role);
        }
    }

    private void EditNamed(KubeVirtSession session)
    {
        foreach (MachineQuery query in MachineQuery.Of(this, Name, [Namespace!]))
        {
            if (query.Name is { } name)
            {
                EditLive(session, Source.Live(session, machine: true, Namespace!, name, missing: () => Missing.Report("VM", name, [Namespace!], [session])), Roles);
                continue;
            }

            List<KubernetesException> bad = [];
            ListOptions options = query.ToOptions(null, bad.Add);
            IReadOnlyList<VmiManifest> found = Await(cancellationToken => ListAsync(session, query, options, cancellationToken));
            foreach (KubernetesException error in bad) Fail(ErrorRecords.Failed(error, session, Namespace));
            foreach (VmiManifest machine in found) EditLive(session, Namespace!, machine.Name!, machine.Uid, Roles);
            foreach (string missing in query.Missing) Missing.Report("VM", missing, [Namespace!], [session]);
            if (found.Count == 0 && query.Exact.Count == 0) Missing.ReportNamespaces(session, [Namespace!]);
        }
    }

    private static async Task<IReadOnlyList<VmiManifest>> ListAsync(KubeVirtSession session, MachineQuery query, ListOptions options, CancellationToken cancellationToken)
    {
        List<VmiManifest> machines = [];
        await foreach (VmiManifest found in LiveManifests.ListAsync(session, machines: true, options, cancellationToken).ConfigureAwait(false))
        {
            if (found.Name is { } name && query.Includes(found.Namespace ?? "", name)) machines.Add(found);
        }

        return machines;
    }

    private void Edit(ManifestFile file, int[] chosen, IEnumerable<ProbeRole> roles)
    {
        string text = file.Text;
        try
        {
            foreach ((ProbeRole role, int index) in from role in roles.Distinct() from index in chosen select (role, index))
            {
                VmiManifest before = ManifestReader.ReadContent(text, LazyYamlReader.Instance, file.Path).Machines[index];
                if (IsGone(before, role)) continue;
                string edited = new ManifestEditor(LazyYamlReader.Instance, LazyYamlLayoutReader.Instance).SetProbe(text, before, role, Replacement);
                VmiManifest after = ManifestReader.ReadContent(edited, LazyYamlReader.Instance, file.Path).Machines[index];
                if (!IsAllowed(after, role, static () => null) || !ShouldProcess($"{before} in {file.Path}", Action(Word(role)))) continue;
                if (edited != text) file.Write(edited);
                text = edited;
                Done(after, role);
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

    // The machine after the change, or as it was; null when it could not be changed.
    private VmiManifest? EditLive(KubeVirtSession session, VmiManifest before, ProbeRole role)
    {
        try
        {
            if (IsGone(before, role) || !IsAllowed(LiveManifests.With(before, role, Replacement), role, () => Source.AgentOf(session, before)) || !ShouldProcess($"{before} in {session.Place}", Action(Word(role)))) return before;
            VmiManifest after = Await(cancellationToken => LiveManifests.SetProbeAsync(session, before, role, Replacement, cancellationToken));
            if (LiveManifests.HasInstance(after) && _running.Add((session, $"{after.Namespace}/{after.Name}")) && _running.Count == 1) WriteWarning($"{after}: the running instance keeps its probes; the change takes effect at the next start of the VM.");
            Done(after, role);
            return after;
        }
        catch (KubernetesException error)
        {
            Fail(ErrorRecords.Failed(error, session, $"{before.Namespace}/{before.Name}"));
        }
        catch (FormatException error)
        {
            WriteError(ErrorRecords.ManifestInvalid($"{before.Namespace}/{before.Name}", error, isLive: true));
        }

        return null;
    }

    private bool IsGone(VmiManifest machine, ProbeRole role)
    {
        if (Replacement is not null || ManifestContent.HasProbe(machine, [role])) return false;
        WriteVerbose($"{machine} has no {Word(role)} probe.");
        return true;
    }

    private static string Word(ProbeRole role) => role == ProbeRole.Readiness ? "readiness" : "liveness";
}
