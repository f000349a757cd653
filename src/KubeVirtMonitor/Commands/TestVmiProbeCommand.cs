using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor.Commands;

/// <summary>Runs probes of instances and evaluates them as kubelet does.</summary>
[Cmdlet(VerbsDiagnostic.Test, "VmiProbe", DefaultParameterSetName = SpecSet)]
[OutputType(typeof(ProbeResult))]
[OutputType(typeof(bool))]
public sealed class TestVmiProbeCommand : ProbeParameterCommand
{
    private const string SpecSet = "Spec";

    private readonly Dictionary<KubeVirtSession, ProbePool> _pools = [];
    // Many objects may be of one machine, which runs each probe once.
    private readonly HashSet<(PipedMachine Machine, object? Probe)> _piped = [];
    private readonly HashSet<string> _notes = new(StringComparer.Ordinal);
    private bool _any;
    private bool _isGood = true;

    /// <summary>Instances, by name or wildcard.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MachineNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Namespaces, by name or wildcard.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    public string[]? Namespace { get; set; }

    /// <summary>Names, sessions, or objects that are about instances.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNull]
    public PSObject? InputObject { get; set; }

    /// <summary>The labels the instances have to carry, as kubectl writes them.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LabelSelector { get; set; }

    /// <summary>Probes, of New-VmiProbe or Get-VmiProbe.</summary>
    [Parameter(ParameterSetName = SpecSet, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public VmiProbe[]? Probe { get; set; }

    /// <summary>Which probes of an instance, and what a probe that is given decides.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public ProbeRole[]? Role { get; set; }

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

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (Watch && MyInvocation.BoundParameters.ContainsKey(nameof(Count))) ThrowTerminatingError(ErrorRecords.CountAndWatch());
        if (Watch) this.Refuse("-Watch", "it would be answered at the end, and there is none", nameof(Quiet));
    }

    private protected override void Process()
    {
        // What decides nothing so far decides what -Role says; what decides something else is not run.
        VmiProbe[]? given = (IsHandler(ParameterSetName) ? [MakeProbe()] : Probe)?.SelectMany(probe => probe.In(Role)).ToArray();
        if (InputObject is not null && PipedMachine.IsOfNoMachine(InputObject)) return;
        if (InputObject is { BaseObject: not KubeVirtSession } input && (input.BaseObject is not VmiProbe probe || (Name is null && LabelSelector is null && probe.Name is not null))) RunOn(input, given);
        else if (given is not null && Name is null && LabelSelector is null) Fail(ErrorRecords.NoInstanceNamed());
        else InOwn(InputObject?.BaseObject as KubeVirtSession, InputObject ?? new PSObject(), session => Run(session, Name, Namespace, given));
    }

    private protected override void TakeFailure() => _isGood = false;

    // The instance of an object of the pipeline; -Name and -Namespace choose among them.
    private void RunOn(PSObject input, VmiProbe[]? given)
    {
        if (PipedMachine.Of(input) is not { } machine) Fail(ErrorRecords.NoMachineNamed(input.BaseObject));
        else if (IsChosen(Name, machine.Name) && (machine.Namespace is null || IsChosen(Namespace, machine.Namespace)) && _piped.Add((machine, Probe is [var one] ? one : Probe)))
            InOwn(machine.Origin, input, session => Run(session, machine, given));
    }

    private void Run(KubeVirtSession session, PipedMachine machine, VmiProbe[]? given)
    {
        if (machine.IsOfNone) new MissingNames(this, Fail).Report("VMI", machine.Name, machine.Namespace is { } of ? [of] : Namespace, [session]);
        else Run(session, [machine.Name], machine.Namespace is { } space ? [space] : Namespace, given);
    }

    private bool IsChosen(string[]? wanted, string text) => wanted is null || NamePatterns.IsAnyMatch(this.Patterns(wanted), text);

    private void Run(KubeVirtSession session, string[]? names, string[]? namespaces, VmiProbe[]? given)
    {
        if (given is []) return;
        if (!_pools.TryGetValue(session, out ProbePool? pool)) _pools.Add(session, pool = Open(session));
        new ProbeTargets(this, session, pool, Drain).Add(names, namespaces, LabelSelector, given, Role?.Distinct().ToArray() is [var only] ? only : null, Fail);
        Drain();
    }

    private protected override void Finish()
    {
        try
        {
            foreach ((KubeVirtSession session, ProbeRunItem item) in ProbePool.Complete(_pools.Values)) Take(session, item);
        }
        catch (OperationCanceledException) when (CancelToken.IsCancellationRequested)
        {
            return;
        }

        if (Quiet) WriteObject(_any && _isGood);
        base.Finish();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing) return;
        foreach (ProbePool pool in _pools.Values) pool.Dispose();
    }

    private ProbePool Open(KubeVirtSession session) => new(
        session,
        new ProbeRunOptions
        {
            Route = Route,
            Count = Watch ? null : Count,
            ThrottleLimit = ThrottleLimit,
            IncludeCluster = IncludeCluster,
            TransitionsOnly = TransitionsOnly,
        },
        CancelToken);

    private void Drain()
    {
        foreach ((KubeVirtSession session, ProbePool pool) in _pools)
        {
            while (pool.TryTake(out ProbeRunItem? item)) Take(session, item);
        }
    }

    private void Take(KubeVirtSession session, ProbeRunItem item)
    {
        if (item.Error is { } error)
        {
            Fail(ErrorRecords.Failed(error, session, $"{item.Target.Namespace}/{item.Target.Name}"));
            return;
        }

        _any = true;
        _isGood &= item.Result!.Success;
        foreach (string note in item.Result.ClusterState.Notes)
        {
            if (_notes.Add(note)) WriteWarning(note);
        }

        if (!Quiet) WriteObject(item.Result);
    }
}
