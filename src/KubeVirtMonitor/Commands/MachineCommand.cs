using System.Diagnostics;
using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor.Commands;

/// <summary>A cmdlet that lists machines: by name, namespace and labels, or those that objects of the pipeline are about.</summary>
public abstract class MachineCommand : ClusterCommand
{
    // Who was asked for each name, and which names were found somewhere or may have been.
    private readonly Dictionary<string, List<KubeVirtSession>> _asked = new(StringComparer.Ordinal);
    private readonly HashSet<string> _settled = new(StringComparer.Ordinal);
    // What came down the pipeline: many objects may be of one machine, which is asked for once.
    private readonly HashSet<PipedMachine> _piped = [];
    // Beyond a handful, names of the pipeline wait for others, so that one list answers for all of them.
    private readonly Dictionary<(KubeVirtSession Session, string Kind), List<(string? Namespace, string Name)>> _waiting = [];
    private readonly Dictionary<KubeVirtSession, int> _askedAlone = [];
    private readonly Stopwatch _sinceList = new();
    private TimeSpan _patience = TimeSpan.FromSeconds(1);
    private MissingNames? _missing;
    private WildcardPattern[] _names = [];
    private WildcardPattern[] _namespaces = [];

    /// <summary>Wildcards on the names.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MachineNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Wildcards on the namespaces.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    public string[]? Namespace { get; set; }

    /// <summary>Names, sessions, or objects that are about machines.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNull]
    public virtual PSObject? InputObject { get; set; }

    /// <summary>The labels the objects have to carry, as kubectl writes them.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LabelSelector { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _names = this.Patterns(Name);
        _namespaces = this.Patterns(Namespace);
    }

    private protected override void Process()
    {
        switch (InputObject?.BaseObject)
        {
            case null:
                base.Process();
                break;
            case KubeVirtSession session:
                InOwn(session, session, Process);
                break;
            default:
                if (!Takes(InputObject!.BaseObject)) ProcessInput(InputObject);
                break;
        }
    }

    private protected override void Process(KubeVirtSession session)
    {
        Kind = KindOf(null);
        bool any = false;
        foreach (MachineQuery query in MachineQuery.Of(this))
        {
            foreach (string name in query.Exact)
            {
                if (!_asked.TryGetValue(name, out List<KubeVirtSession>? asked)) _asked.Add(name, asked = []);
                if (!asked.Contains(session)) asked.Add(session);
            }

            HashSet<string> missing = Write(session, query, out int found);
            _settled.UnionWith(query.Exact.Where(name => !missing.Contains(name)));
            any |= found > 0;
        }

        // Who names nothing else may have misspelt the namespace.
        if (!any && Name?.Any(static name => !WildcardPattern.ContainsWildcardCharacters(name)) != true) Missing.ReportNamespaces(session, Namespace);
    }

    private protected override void Finish()
    {
        AskWaiting();
        // A name is missing when it is in none of the namespaces, and in none of the clusters.
        foreach ((string name, List<KubeVirtSession> sessions) in _asked.Where(one => !_settled.Contains(one.Key))) Missing.Report(KindOf(null), name, Namespace, sessions);
        base.Finish();
    }

    /// <summary>What an object is called in messages, now.</summary>
    private protected string Kind { get; private set; } = "";

    /// <summary>What an object is called in messages that an object of the pipeline stands for; of none, what parameters name.</summary>
    private protected abstract string KindOf(object? input);

    /// <summary>Writes what a query finds and the other parameters leave of it.</summary>
    /// <returns>How many objects there were for the query.</returns>
    private protected abstract int WriteObjects(KubeVirtSession session, MachineQuery query, ListOptions options);

    /// <summary>Whether a machine that a query lists is wanted: -Name and -Namespace choose among objects of the pipeline too.</summary>
    private protected bool Includes(MachineQuery query, string inNamespace, string name) => query.Includes(inNamespace, name) && IsChosen(name, inNamespace);

    /// <summary>Whether -Name and -Namespace, where they are given, leave a machine.</summary>
    private protected bool IsChosen(string name, string? inNamespace) =>
        (_names.Length == 0 || NamePatterns.IsAnyMatch(_names, name)) && (inNamespace is null || _namespaces.Length == 0 || NamePatterns.IsAnyMatch(_namespaces, inNamespace));

    /// <summary>Works on an object of the pipeline that is no machine, where the cmdlet has a use for it.</summary>
    /// <returns>False when it has none.</returns>
    private protected virtual bool Takes(object input) => false;

    private void ProcessInput(PSObject input)
    {
        if (PipedMachine.IsOfNoMachine(input)) return;
        if (PipedMachine.Of(input) is not { } machine)
        {
            Fail(ErrorRecords.NoMachineNamed(input.BaseObject));
            return;
        }

        if (!_piped.Add(machine)) return;
        if (machine.IsOfNone)
        {
            InOwn(machine.Origin, input, session => Missing.Report(KindOf(input.BaseObject), machine.Name, machine.Namespace is { } of ? [of] : Namespace, [session]));
            return;
        }

        bool isExact = !WildcardPattern.ContainsWildcardCharacters(machine.Name);
        if (isExact && !IsChosen(machine.Name, machine.Namespace)) return;
        string kind = KindOf(input.BaseObject);
        InOwn(machine.Origin, input, session =>
        {
            int alone = _askedAlone.GetValueOrDefault(session);
            if (isExact && alone >= MachineQuery.Handful) Wait(session, kind, (machine.Namespace, machine.Name));
            else Ask(session, kind, machine.Namespace, [machine.Name]);
            _askedAlone[session] = alone + 1;
        });
    }

    private void Wait(KubeVirtSession session, string kind, (string? Namespace, string Name) machine)
    {
        if (!_waiting.TryGetValue((session, kind), out List<(string?, string)>? waiting)) _waiting.Add((session, kind), waiting = []);
        waiting.Add(machine);
        // Where names come slowly, or without an end, they are not kept waiting for the last.
        if (!_sinceList.IsRunning) _sinceList.Start();
        if (_sinceList.Elapsed < _patience) return;
        AskWaiting();
        _patience *= 2;
        _sinceList.Restart();
    }

    private void AskWaiting()
    {
        KeyValuePair<(KubeVirtSession Session, string Kind), List<(string? Namespace, string Name)>>[] all = [.. _waiting];
        _waiting.Clear();
        foreach (((KubeVirtSession session, string kind), List<(string? Namespace, string Name)> machines) in all) In(session, one => Ask(one, kind, machines));
    }

    private void Ask(KubeVirtSession session, string kind, List<(string? Namespace, string Name)> machines)
    {
        ILookup<string?, string> byNamespace = machines.ToLookup(static one => one.Namespace, static one => one.Name);
        HashSet<(string Namespace, string Name)> placed = [.. machines.Where(static one => one.Namespace is not null).Select(static one => (one.Namespace!, one.Name))];
        bool isOne = placed.Count > MachineQuery.Handful && byNamespace.Count > MachineQuery.Handful && AskTogether(session, kind, placed);
        foreach (IGrouping<string?, string> group in byNamespace.Where(group => group.Key is null || !isOne)) Ask(session, kind, group.Key, [.. group]);
    }

    private void Ask(KubeVirtSession session, string kind, string? inNamespace, string[] names)
    {
        Kind = kind;
        string[]? namespaces = inNamespace is null ? Namespace : [inNamespace];
        HashSet<string> missing = [.. names.Where(static name => !WildcardPattern.ContainsWildcardCharacters(name))];
        foreach (MachineQuery query in MachineQuery.Of(this, names, namespaces))
        {
            HashSet<string> lacking = Write(session, query, out _);
            missing.RemoveWhere(name => query.Exact.Contains(name) && !lacking.Contains(name));
        }

        foreach (string name in names.Where(missing.Contains)) Missing.Report(kind, name, namespaces, [session]);
    }

    // False where not all namespaces may be listed at once, and nothing has been written.
    private bool AskTogether(KubeVirtSession session, string kind, HashSet<(string Namespace, string Name)> machines)
    {
        Kind = kind;
        List<KubernetesException> bad = [];
        (string Namespace, string Name)[] wanted = [.. machines];
        try
        {
            MachineQuery query = MachineQuery.Of(machines);
            WriteObjects(session, query, query.ToOptions(LabelSelector, bad.Add));
        }
        catch (KubernetesException error) when (error.Error == KubernetesError.Forbidden)
        {
            return false;
        }
        catch (OperationCanceledException) when (CancelToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }

        foreach (KubernetesException error in bad) Fail(ErrorRecords.Failed(error, session));
        // What was found is taken out of the set.
        if (LabelSelector is null) foreach ((string space, string name) in wanted.Where(one => machines.Contains(one) && !IsIn(bad, one.Name))) Missing.Report(kind, name, [space], [session]);
        return true;
    }

    /// <summary>Says what is not there.</summary>
    private protected MissingNames Missing => _missing ??= new MissingNames(this, Fail);

    /// <summary>Writes what a query finds, and what of it cannot be read.</summary>
    /// <returns>The names that are not there.</returns>
    private HashSet<string> Write(KubeVirtSession session, MachineQuery query, out int found)
    {
        List<KubernetesException> bad = [];
        found = 0;
        try
        {
            found = WriteObjects(session, query, query.ToOptions(LabelSelector, bad.Add)) + bad.Count;
            foreach (KubernetesException error in bad) Fail(ErrorRecords.Failed(error, session, query.Namespace));
            // One without the labels exists all the same.
            return LabelSelector is not null || (query.Name is not null && bad.Count > 0) ? [] : [.. query.Missing.Where(name => !IsIn(bad, name))];
        }
        catch (KubernetesException error)
        {
            Fail(ErrorRecords.Failed(error, session, query.Namespace));
            found = 1;
            return [];
        }
        catch (OperationCanceledException) when (CancelToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    // An object that cannot be read may be the one that is meant, and has its own error.
    private static bool IsIn(List<KubernetesException> bad, string name) => bad.Exists(error => ObjectLists.NameOf(error) == name);
}
