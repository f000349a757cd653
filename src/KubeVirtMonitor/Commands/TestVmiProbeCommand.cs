using System.Management.Automation;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor.Commands;

/// <summary>Runs probes of instances and evaluates them as kubelet does, checks manifests, or simulates a probe over time.</summary>
[Cmdlet(VerbsDiagnostic.Test, "VmiProbe", DefaultParameterSetName = SpecSet)]
[OutputType(typeof(ProbeResult), ParameterSetName = [SpecSet, HttpGetSet, TcpSocketSet, GuestAgentPingSet, ExecSet])]
[OutputType(typeof(ProbeFinding), ParameterSetName = [ParameterSets.Path, SpecSet])]
[OutputType(typeof(ProbeTimelineEntry), ParameterSetName = [TimelineSet])]
[OutputType(typeof(bool))]
public sealed class TestVmiProbeCommand : ProbeParameterCommand
{
    private const string SpecSet = "Spec";

    // What says how probes are run, and where.
    private static readonly string[] OnlyForRuns =
    [
        nameof(Name), nameof(Namespace), nameof(LabelSelector), nameof(Probe), nameof(Route), nameof(Count), nameof(Watch), nameof(TransitionsOnly), nameof(IncludeCluster), nameof(ThrottleLimit),
        nameof(Session), nameof(Context),
    ];

    private readonly Dictionary<KubeVirtSession, ProbePool> _pools = [];
    private readonly HashSet<string> _notes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _files = new(StringComparer.Ordinal);

    // What the command line says, as opposed to objects in the pipeline.
    private readonly HashSet<string> _given = new(StringComparer.Ordinal);
    private bool _any;
    private bool _isGood = true;

    /// <summary>Instances, by name or wildcard.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MachineNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Namespaces, by name or wildcard.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    public string[]? Namespace { get; set; }

    /// <summary>The labels the instances have to carry, as kubectl writes them.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LabelSelector { get; set; }

    /// <summary>Probes, of New-VmiProbe or Get-VmiProbe.</summary>
    // In the set that is the default: with one of its own, PowerShell cannot tell instances that are piped to it from a timeline without outcomes.
    [Parameter(ParameterSetName = SpecSet, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = TimelineSet, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public VmiProbe[]? Probe { get; set; }

    /// <summary>Manifest files; with -HttpGet, the path to ask for.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.Path)]
    [Parameter(ParameterSetName = HttpGetSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Path { get; set; }

    /// <summary>Manifest files; wildcard characters stand for themselves.</summary>
    // In the set of the instances, since a file that is piped has a name as they do.
    [Parameter(ParameterSetName = SpecSet, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath")]
    [ValidateNotNullOrEmpty]
    public string[]? LiteralPath { get; set; }

    /// <summary>Plays outcomes instead of running anything.</summary>
    [Parameter(Mandatory = true, ParameterSetName = TimelineSet)]
    public SwitchParameter AsTimeline { get; set; }

    /// <summary>The outcomes that are played.</summary>
    [Parameter(Mandatory = true, ParameterSetName = TimelineSet)]
    [ValidateNotNullOrEmpty]
    public ProbeOutcome[]? Outcome { get; set; }

    /// <summary>Which probe of an instance, or what a probe that is given decides.</summary>
    [Parameter]
    public ProbeRole Role { get; set; }

    /// <summary>The way to the ports of instances.</summary>
    [Parameter]
    [ValidateSet(nameof(ProbeRoute.Auto), nameof(ProbeRoute.Direct), nameof(ProbeRoute.PortForward))]
    public ProbeRoute Route { get; set; } = ProbeRoute.Auto;

    /// <summary>How often each probe is run, at its period.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <summary>Runs each probe until Ctrl+C, at its period.</summary>
    [Parameter]
    public SwitchParameter Watch { get; set; }

    /// <summary>Writes only results that change a state.</summary>
    [Parameter]
    public SwitchParameter TransitionsOnly { get; set; }

    /// <summary>Asks the launcher pods and the events as well.</summary>
    [Parameter]
    public SwitchParameter IncludeCluster { get; set; }

    /// <summary>Only whether all is well.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>How many probes run at the same time.</summary>
    [Parameter]
    [ValidateRange(1, 10_000)]
    public int ThrottleLimit { get; set; } = new ProbeRunOptions().ThrottleLimit;

    private ProbeRole? WantedRole => MyInvocation.BoundParameters.ContainsKey(nameof(Role)) ? Role : null;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _given.UnionWith(MyInvocation.BoundParameters.Keys);
    }

    private protected override void Process()
    {
        switch (ParameterSetName)
        {
            case ParameterSets.Path:
                Check(Path!, isLiteral: false);
                return;
            case SpecSet when LiteralPath is not null:
                Check(LiteralPath, isLiteral: true);
                return;
            case TimelineSet:
                Play();
                return;
            default:
                Run();
                return;
        }
    }

    private protected override void End()
    {
        try
        {
            foreach (ProbePool pool in _pools.Values)
            {
                foreach (ProbeRunItem item in pool.Complete()) Take(item);
            }
        }
        catch (OperationCanceledException) when (CancelToken.IsCancellationRequested)
        {
            return;
        }

        if (Quiet) WriteObject(_any && _isGood);
        base.End();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing) return;
        foreach (ProbePool pool in _pools.Values) pool.Dispose();
    }

    private void Check(string[] paths, bool isLiteral)
    {
        WarnWithoutEffect("Manifest files are checked, and their probes are not run.", OnlyForRuns);
        ManifestCheck check = new(this, _files);
        foreach (ProbeFinding finding in check.Run(paths, isLiteral, WantedRole))
        {
            _isGood &= finding.Severity != ProbeFindingSeverity.Error;
            if (!Quiet) WriteObject(finding);
        }

        _any |= check.HasChecked;
        _isGood &= !check.HasFailed;
    }

    private void Play()
    {
        WarnWithoutEffect("With -AsTimeline, no probe is run.", OnlyForRuns.Where(static name => name != nameof(Probe)));
        foreach (VmiProbe probe in Probe ?? [MakeProbe(null, WantedRole)])
        {
            foreach (ProbeTimelineEntry entry in ProbeTimeline.Play(probe, WantedRole ?? probe.Role ?? ProbeRole.Readiness, Outcome!))
            {
                _any = true;
                _isGood &= entry.State is ProbeState.Ready or ProbeState.Live;
                if (!Quiet) WriteObject(entry);
            }
        }
    }

    private void Run()
    {
        VmiProbe[]? given = IsHandler(ParameterSetName) ? [MakeProbe(Path?[0], WantedRole)] : Probe;
        // A probe that was made, or read from a manifest, binds with its empty names.
        (string[]? names, string[]? namespaces) = (NotEmpty(Name), NotEmpty(Namespace));
        if (given is not null && names is null && LabelSelector is null)
        {
            _isGood = false;
            WriteError(ErrorRecords.NoInstanceNamed());
            return;
        }

        if (ParameterSetName == HttpGetSet && Path is { Length: > 1 }) ThrowTerminatingError(ErrorRecords.SeveralHttpPaths(Path.Length));
        KubeVirtSession session = ResolveSession();
        if (!_pools.TryGetValue(session, out ProbePool? pool)) _pools.Add(session, pool = Open(session));
        new ProbeTargets(this, session, pool, Drain).Add(names, namespaces, LabelSelector, given, WantedRole, Fail);
        Drain(pool);
    }

    private static string[]? NotEmpty(string[]? texts) => texts?.Where(static text => !string.IsNullOrEmpty(text)).ToArray() is { Length: > 0 } left ? left : null;

    private ProbePool Open(KubeVirtSession session) => new(
        session,
        new ProbeRunOptions
        {
            Route = Route,
            Count = Watch && !MyInvocation.BoundParameters.ContainsKey(nameof(Count)) ? null : Count,
            ThrottleLimit = ThrottleLimit,
            IncludeCluster = IncludeCluster,
            TransitionsOnly = TransitionsOnly,
        },
        CancelToken);

    private void Drain(ProbePool pool)
    {
        while (pool.TryTake(out ProbeRunItem? item)) Take(item);
    }

    private void Take(ProbeRunItem item)
    {
        if (item.Error is { } error)
        {
            Fail(ErrorRecords.Failed(error, $"{item.Target.Namespace}/{item.Target.Name}"));
            return;
        }

        _any = true;
        _isGood &= item.Result!.Success;
        foreach (string note in item.Result.Cluster.Notes)
        {
            if (_notes.Add(note)) WriteWarning(note);
        }

        if (!Quiet) WriteObject(item.Result);
    }

    private void WarnWithoutEffect(string why, IEnumerable<string> names)
    {
        string[] unused = [.. names.Where(_given.Contains).Select(static name => "-" + name)];
        string note = $"{why} Without effect: {string.Join(", ", unused)}.";
        if (unused.Length > 0 && _notes.Add(note)) WriteWarning(note);
    }

    private void Fail(ErrorRecord error)
    {
        _isGood = false;
        WriteError(error);
    }
}
