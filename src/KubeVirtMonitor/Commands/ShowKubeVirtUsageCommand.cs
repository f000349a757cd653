using System.Management.Automation;
using System.Runtime.ExceptionServices;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Loading;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Usage;

namespace KubeVirtMonitor.Commands;

/// <summary>Shows usage on a live screen. This thread looks; another one draws and reads keys.</summary>
[Cmdlet(VerbsCommon.Show, "KubeVirtUsage", DefaultParameterSetName = ParameterSets.Session)]
[OutputType(typeof(void))]
public sealed class ShowKubeVirtUsageCommand : LiveCommand
{
    // A look of a moment ago is no start: rates over a few seconds are rough, since KubeVirt caches what it reads for as long.
    private static readonly TimeSpan LeastAge = TimeSpan.FromSeconds(10);

    private UsageRun _run;
    private readonly UsageFeed _feed = new();
    private readonly LastFigures _last = new();
    private readonly AbsenceCheck _absence;
    private readonly CancellationTokenSource _closing = new();
    private Thread? _thread;
    private HeldStreams? _held;
    private volatile bool _isLeft;
    private volatile ExceptionDispatchInfo? _broken;
    private KubeVirtVersion? _version;
    private int _targets;

    /// <summary>Prepares a run.</summary>
    public ShowKubeVirtUsageCommand()
    {
        _run = new UsageRun(this) { Remembers = true };
        _absence = new AbsenceCheck(this);
    }

    /// <inheritdoc/>
    [Parameter(Position = 0, ParameterSetName = ParameterSets.Session, ValueFromPipeline = true)]
    [Parameter(Position = 0, ParameterSetName = ParameterSets.Uri)]
    [Parameter(Position = 0, ParameterSetName = ParameterSets.Component)]
    [Alias("VM")]
    [ArgumentCompleter(typeof(MachineNameCompleter))]
    [ValidateNotNull]
    [AllowEmptyCollection]
    [SupportsWildcards]
    [MachineTransformation]
    public override MachineReference[]? Vmi { get; set; }

    /// <summary>The components to look at.</summary>
    public override ComponentKind[]? Component { get; set; }

    // Twice the longest cache of KubeVirt, so that every look has new figures; esxtop's 5 seconds would often show those of the look before.
    /// <summary>The time between two looks.</summary>
    [Parameter]
    [DurationTransformation]
    [DurationRange(5, 3600)]
    public TimeSpan SampleInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The figures that are shown first.</summary>
    [Parameter]
    public UsageTopic Topic { get; set; }

    /// <summary>What rows are of at first: each machine, or all machines of a node, a namespace or a cluster.</summary>
    [Parameter]
    [OneValueTransformation]
    public UsageScope By { get; set; }

    /// <summary>The property by which rows are sorted at first, the highest first.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ScreenSortCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Sort { get; set; }

    private protected override TimeSpan RoundInterval => SampleInterval;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (TerminalCheck.WhyNot(Host) is { } reason) ThrowTerminatingError(ErrorRecords.NoTerminal(reason));
        string[] names = [.. UsageScreenState.SortNames(GivenTopic).Distinct()];
        if (Sort is not null && !names.Contains(Sort, StringComparer.OrdinalIgnoreCase))
        {
            ThrowTerminatingError(GivenTopic is { } topic && new UsageScreenState(sort: Sort) is { Topic: var other } && other != topic && UsageScreenState.SortNames(other).Contains(Sort, StringComparer.OrdinalIgnoreCase)
                ? ErrorRecords.NoSuchColumn(Sort, topic, other)
                : ErrorRecords.NoSuchProperty(Sort, names));
        }

        base.BeginProcessing();
    }

    /// <inheritdoc/>
    internal override MappingOptions CreateMapping() => base.CreateMapping() with { NameFilter = static (name, _) => UsageTracker.Wants(name) };

    /// <inheritdoc/>
    internal override void TakeSample(MetricSample sample) => _run.Take(sample, saved: null);

    /// <inheritdoc/>
    internal override void TakeResult(ScrapeResult result)
    {
        _targets++;
        _version ??= result.Summary?.Version;
        _run.End(result, hasAll: Vmi is null && Namespace is null);
        _absence.Take(result);
    }

    /// <inheritdoc/>
    internal override void TakePlaces(KubeVirtSession session, IReadOnlyList<MachinePlace> places)
    {
        foreach (MachinePlace place in places)
        {
            if (place.Nodes.Count > 0 && !_run.Has(session, place.Namespace, place.Name)) _absence.AddSilent(session, place);
        }
    }

    /// <inheritdoc/>
    internal override void EndSession(KubeVirtSession session, IReadOnlyCollection<ComponentKind> components, MachineChoice machines)
    {
        base.EndSession(session, components, machines);
        _absence.End(session);
    }

    // What lasts is a problem of each look; what is written afterwards has it once.
    /// <inheritdoc/>
    internal override void Fail(ErrorRecord error) => WriteError(error);

    /// <inheritdoc/>
    internal override void TakeDefect(ErrorRecord error) => WriteError(error);

    /// <inheritdoc/>
    internal override void TakeUnstarted(KubeVirtComponent component) => WriteWarning($"{component.Name}: the pod has no address yet.");

    /// <inheritdoc/>
    internal override void Warn(string text) => WriteWarning(text);

    /// <inheritdoc/>
    internal override bool WantsScrapeOf(ComponentKind component, MachineChoice machines) => component == ComponentKind.Handler;

    private protected override void Finish()
    {
        try
        {
            base.Finish();
        }
        catch (PipelineStoppedException) when (_isLeft || _broken is not null)
        {
            // Who leaves the screen ends the look that goes on, and not the pipeline.
        }
        finally
        {
            Close();
        }

        _held?.Release();
        _broken?.Throw();
    }

    private protected override void BeginRound(long round)
    {
        if (round == 0)
        {
            if (_run.TimeUntilOld(RoundSessions, LeastAge, Clock.GetUtcNow()) is not null)
            {
                _run.Remember();
                _run = new UsageRun(this);
            }

            Open();
        }

        _targets = 0;
        _absence.Begin();
        _feed.Begin();
    }

    private protected override bool EndRound(long round)
    {
        IReadOnlyList<KubeVirtUsage> machines = _run.Complete(withDevices: false).Machines;
        IReadOnlyList<KubeVirtUsage> missing = _last.Take(machines, _absence.Why);
        foreach (string warning in _absence.Warnings) Warn(warning);
        DateTimeOffset now = Clock.GetUtcNow();
        _feed.Publish(new ScreenLook
        {
            Number = round + 1,
            Time = now,
            Interval = SampleInterval,
            Machines = machines,
            Missing = missing,
            Source = SourceText(),
            Problems = _held!.TakeProblems(now),
        });
        return true;
    }

    private protected override void WaitUntil(DateTimeOffset time)
    {
        _feed.Await(time);
        base.WaitUntil(time);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Close();
            _run.Remember();
            _closing.Dispose();
        }

        base.Dispose(disposing);
    }

    private UsageTopic? GivenTopic => MyInvocation.BoundParameters.ContainsKey(nameof(Topic)) ? Topic : null;

    private string SourceText()
    {
        if (RoundSessions is { Count: > 1 } several) return $"{several.Count} clusters";
        if (RoundSessions.FirstOrDefault() is { } session) return session.KubeVirtVersion is { } version ? $"{session}, KubeVirt {version}" : $"{session}";
        return $"{_targets} {(_targets == 1 ? "address" : "addresses")}{(_version is { } of ? $", KubeVirt {of}" : "")}";
    }

    // What would be written meanwhile is shown there, and written afterwards.
    private void Open()
    {
        IUsageScreen screen = DependencyLoadContext.Create<IUsageScreen>("KubeVirtMonitor.Terminal", "KubeVirtMonitor.Terminal.UsageScreen");
        UsageScreenState state = new(GivenTopic, By, Sort);
        CommandRuntime = _held = new HeldStreams(CommandRuntime);
        _thread = new Thread(() => Show(screen, state)) { Name = "KubeVirt usage screen", IsBackground = true };
        _thread.Start();
    }

    private void Show(IUsageScreen screen, UsageScreenState state)
    {
        try
        {
            screen.Run(_feed, state, _closing.Token);
            _isLeft = !_closing.IsCancellationRequested;
        }
        catch (Exception e)
        {
            _broken = ExceptionDispatchInfo.Capture(e);
        }

        if (_isLeft || _broken is not null) Cancel();
    }

    private void Close()
    {
        if (_thread is null) return;
        _closing.Cancel();
        _thread.Join();
        _thread = null;
        CommandRuntime = _held!.Inner;
    }
}
