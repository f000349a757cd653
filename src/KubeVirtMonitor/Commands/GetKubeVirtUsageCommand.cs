using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Usage;

namespace KubeVirtMonitor.Commands;

/// <summary>Looks at machines twice, and writes what each used in between.</summary>
[Cmdlet(VerbsCommon.Get, "KubeVirtUsage", DefaultParameterSetName = ParameterSets.Session)]
[OutputType(typeof(KubeVirtUsage))]
[OutputType(typeof(KubeVirtUsageDetail))]
public sealed class GetKubeVirtUsageCommand : RepeatedCommand
{
    // The balloon's statistics are read every 10 seconds, those of the machine are kept for up to 5.
    private const double ShortInterval = 10;

    private readonly UsageRun _run;
    private readonly List<(string File, DateTime Time)> _files = [];
    private readonly Dictionary<(string?, string?), (KubeVirtUsage Usage, KubeVirtUsageDetail[] Details)> _single = [];
    private readonly DateTimeOffset _begin = DateTimeOffset.UtcNow;
    private DateTimeOffset? _saved;
    private int _contents;
    private long _looks;

    /// <summary>Prepares a run.</summary>
    public GetKubeVirtUsageCommand()
    {
        _run = new UsageRun(this);
    }

    /// <inheritdoc/>
    [Parameter(Position = 0, ParameterSetName = ParameterSets.Session, ValueFromPipeline = true)]
    [Parameter(Position = 0, ParameterSetName = ParameterSets.Prometheus, ValueFromPipeline = true)]
    [Parameter(Position = 0, ParameterSetName = ParameterSets.Path)]
    [Parameter(Position = 0, ParameterSetName = ParameterSets.LiteralPath)]
    [Parameter(Position = 0, ParameterSetName = ParameterSets.Uri)]
    [Parameter(Position = 0, ParameterSetName = ParameterSets.InputObject)]
    [Parameter(Position = 0, ParameterSetName = ParameterSets.Component)]
    [Alias("VM")]
    [ArgumentCompleter(typeof(MachineNameCompleter))]
    [ValidateNotNull]
    [AllowEmptyCollection]
    [SupportsWildcards]
    [MachineTransformation]
    public override MachineReference[]? Vmi { get; set; }

    /// <summary>The time between two looks; of saved scrapes, the time between two of one machine.</summary>
    [Parameter]
    [DurationTransformation]
    [DurationRange(1, 86_400)]
    public TimeSpan SampleInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often usage is written.</summary>
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Component)]
    [ValidateRange(1, long.MaxValue)]
    public long MaxSamples { get; set; } = 1;

    /// <summary>Writes usage again and again, until it is stopped.</summary>
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Component)]
    public SwitchParameter Continuous { get; set; }

    /// <summary>What usage is of: each machine, or all machines of a node, a namespace or a cluster.</summary>
    [Parameter]
    [OneValueTransformation]
    public UsageScope By { get; set; }

    /// <summary>The properties by which objects are sorted, the highest first.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(UsagePropertyCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Sort { get; set; }

    /// <summary>How many objects of a look are written.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Top { get; set; }

    /// <summary>Writes the parts of machines in place of machines.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public UsageDevice[]? Detail { get; set; }

    /// <summary>The properties that a server is asked for; the others are null.</summary>
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [ArgumentCompleter(typeof(UsagePropertyCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? Property { get; set; }

    private protected override TimeSpan RoundInterval => SampleInterval;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (Continuous) this.Refuse("-Continuous", "it has no end", nameof(MaxSamples));
        if (Detail is not null && By != UsageScope.Vmi) this.Refuse("-Detail", "parts are those of one VM", nameof(By));
        if (Detail is not null && Sort is null) this.Refuse("-Detail", "parts have no order of their own, so -Sort has to say which are the first", nameof(Top));
        IReadOnlyCollection<string> names = Detail is null ? UsageOrder<KubeVirtUsage>.Names : UsageOrder<KubeVirtUsageDetail>.Names;
        foreach (string name in (Sort ?? []).Concat(Property ?? []))
        {
            if (!names.Contains(name, StringComparer.OrdinalIgnoreCase)) ThrowTerminatingError(ErrorRecords.NoSuchProperty(name, names));
        }

        if (ServerMoments.MeansServer(this)) this.Refuse(PrometheusUri is null ? "what is asked of a server" : "-PrometheusUri", "a server has its values already", nameof(SampleInterval), nameof(MaxSamples), nameof(Continuous), nameof(Component), nameof(ThrottleLimit));
        else this.Refuse("two looks at virt-handler", "it serves everything at once. It is for what is asked of a server, by -Last, -Start, -Time or -PrometheusUri", nameof(Property));
        if (ParameterSetName is ParameterSets.Session && Component?.Contains(ComponentKind.Handler) == false) ThrowTerminatingError(ErrorRecords.NoUsageOf(Component));
        _run.Remembers = !IsGiven(nameof(SampleInterval)) && MaxSamples == 1 && !Continuous;
        base.BeginProcessing();
    }

    private protected override void Process()
    {
        // Whether the input is a saved scrape shows when it comes.
        _run.FixedInterval = IsGiven(nameof(SampleInterval)) && ReadsSaved ? SampleInterval : null;
        _run.IsSaved = ReadsSaved;
        base.Process();
    }

    /// <inheritdoc/>
    internal override MappingOptions CreateMapping() => base.CreateMapping() with { NameFilter = static (name, _) => UsageTracker.Wants(name) };

    /// <inheritdoc/>
    internal override void TakeSample(MetricSample sample) => _run.Take(sample, _saved ?? SavedTime);

    /// <inheritdoc/>
    internal override void TakeResult(ScrapeResult result)
    {
        base.TakeResult(result);
        _run.End(result, hasAll: Vmi is null && Namespace is null);
        if (result.Target.Uri is null) EndSaved(result);
    }

    /// <inheritdoc/>
    internal override bool WantsScrapeOf(ComponentKind component, MachineChoice machines) => Component?.Contains(component) ?? component == ComponentKind.Handler;

    private protected override void AskServer(OpenServer server, MachineChoice machines)
    {
        IEnumerable<string>? wanted = Property is null ? null : Property.Concat(Order);
        new StoredUsageRun(this, Servers!)
        {
            Needs = Detail is not null ? UsageNeeds.OfDetails(wanted) : wanted is null ? UsageNeeds.All : UsageNeeds.Of(wanted),
            Devices = Detail,
            ByNode = Detail is null && By == UsageScope.Node,
        }.Ask(server, machines, Write);
    }

    private protected override void BeginRound(long round)
    {
        if (round == 0 && IsGiven(nameof(SampleInterval)) && SampleInterval.TotalSeconds < ShortInterval)
            WriteWarning($"KubeVirt reads the statistics of a VM every 3 to 5 seconds and those of its memory every 10: within {Seconds(SampleInterval)}, rates are rough, and those that have not been read anew are missing. Specify -SampleInterval {ShortInterval:0} or more.");
        if (round == 0 && _run.Remembers && _run.TimeUntilOld(RoundSessions, TimeSpan.FromSeconds(ShortInterval), Clock.GetUtcNow()) is { } left) WaitWithProgress(left);
    }

    private protected override void ScrapeComponents(IReadOnlyList<KubeVirtComponent> components)
    {
        ComponentKind[] kinds = [.. components.Select(static component => component.Component).Distinct()];
        if (kinds.Contains(ComponentKind.Handler)) base.ScrapeComponents(components);
        else WriteError(ErrorRecords.NoUsageOf(kinds));
    }

    private protected override bool EndRound(long round)
    {
        if (_looks == 0 && !_run.IsSecond && _run.NeedsAnother)
        {
            _run.Turn();
            return true;
        }

        UsageLook look = _run.Complete(Detail is not null);
        if (look.Machines.Count == 0 && ParameterSetName == ParameterSets.Uri && Vmi is null && Namespace is null && Node is null) Warn("No VM has metrics at these addresses. Usage is what virt-handler serves of the VMs on its node.");
        SayWhatIsOld(look);
        if (look.Doubles.Count > 0) Warn($"Two addresses serve {string.Join(", ", look.Doubles.Take(5))}: if they are of two clusters, these are two VMs of one name, and only one of them is written. Open a session for each cluster.");
        Write(look);
        return Continuous || ++_looks < MaxSamples;
    }

    // The interval counts from when virt-handlers were asked for the first look, for which connections had to be made.
    private protected override DateTimeOffset NextStart(long round, DateTimeOffset start) => (round == 0 && _run.LastLook is { } look ? Now - (Clock.GetUtcNow() - look) : start) + SampleInterval;

    private protected override void WaitUntil(DateTimeOffset time) => WaitWithProgress(time - Now);

    private protected override void ScrapeFile(string file) => _files.Add((file, File.GetLastWriteTimeUtc(file)));

    private protected override void EndWithoutRounds()
    {
        // In the order in which they were saved; as they are named, where that and the time between them is said.
        bool isNamed = _run.FixedInterval is not null && !Path.Any(WildcardPattern.ContainsWildcardCharacters);
        foreach ((string file, DateTime time) in isNamed ? _files : [.. _files.OrderBy(static file => file.Time)])
        {
            _saved = new DateTimeOffset(time);
            base.ScrapeFile(file);
        }

        _saved = null;
        if (_single.Count == 0) return;
        WriteWarning($"{_single.Count} {(_single.Count == 1 ? "VM is" : "VMs are")} in one scrape only, so the rates are not known. Give two scrapes of each virt-handler, some seconds apart.");
        UsageLook rest = new();
        rest.Machines.AddRange(_single.Values.Select(static one => one.Usage));
        rest.Details.AddRange(_single.Values.SelectMany(static one => one.Details));
        rest.Moment();
        Write(rest);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _run.Remember();
        base.Dispose(disposing);
    }

    private bool ReadsSaved => ParameterSetName is ParameterSets.Path or ParameterSets.LiteralPath or ParameterSets.InputObject;

    // Where the time between saved scrapes is said, and where text has none, their order is what counts.
    private DateTimeOffset? SavedTime => ReadsSaved ? _begin.AddTicks(_contents) : null;

    // A VM that is named and runs has figures, unless its launcher does not answer virt-handler, which then says nothing of it.
    /// <inheritdoc/>
    internal override void TakePlaces(KubeVirtSession session, IReadOnlyList<MachinePlace> places)
    {
        string[] silent = [.. places.Where(place => place.Nodes.Count > 0 && !_run.Has(session, place.Namespace, place.Name)).Select(place => $"{place.Namespace}/{place.Name} on {string.Join(", ", place.Nodes)}")];
        if (silent.Length > 0) Warn(AbsenceCheck.Say(session, silent));
    }

    private bool IsGiven(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    private void EndSaved(ScrapeResult result)
    {
        _contents++;
        UsageLook look = _run.Complete(Detail is not null);
        bool isTogether = false;
        foreach (KubeVirtUsage usage in look.Machines)
        {
            (string?, string?) key = (usage.Namespace, usage.Vmi);
            KubeVirtUsageDetail[] details = [.. look.Details.Where(detail => (detail.Namespace, detail.Vmi) == key)];
            isTogether |= usage.Interval is null ? !_single.TryAdd(key, (usage, details)) : usage.Interval < TimeSpan.FromSeconds(1);
            if (usage.Interval is not null) _single.Remove(key);
        }

        if (isTogether)
        {
            foreach (KubeVirtUsage usage in look.Machines) _single.Remove((usage.Namespace, usage.Vmi));
            WriteError(ErrorRecords.SavedTogether(result.Target.Name));
            return;
        }

        if (look.Machines.Count == 0 && result.Error is null && Vmi is null && Namespace is null && Node is null)
            WriteWarning($"{result.Target.Name}: no VM has metrics in it. Usage is what virt-handler serves{(result.Summary?.Component is { } component and not ComponentKind.Handler ? $", and this is a scrape of {ComponentFacts.NameOf(component)}" : "")}.");

        look.Machines.RemoveAll(static usage => usage.Interval is null);
        look.Details.RemoveAll(static detail => detail.Interval is null);
        if (look.Machines.Count > 1 && look.Machines.TrueForAll(static usage => usage.Restarted))
            WriteWarning($"{result.Target.Name}: the counters of all VMs are lower than in the scrape before it. Unless the node was restarted in between, the order is wrong: name the older scrape first.");

        Write(look);
    }

    private void SayWhatIsOld(UsageLook look)
    {
        int old = look.Machines.Count(static usage => usage.Refreshed == false && usage.Interval < UsageTracker.Settled);
        if (old > 0) Warn($"KubeVirt had not read the statistics of {old} of {look.Machines.Count} VMs anew between the two looks, so their rates are missing. Specify a longer -SampleInterval.");
    }

    private void Write(UsageLook look)
    {
        if (Detail is not null) WriteObject(Timed(Chosen(UsageGroups.InOrder(look.Details.Where(detail => Detail.Contains(detail.Kind))), Sort ?? [])), enumerateCollection: true);
        else WriteObject(Timed(Chosen(By == UsageScope.Vmi && Servers is not null ? look.Machines : UsageGroups.By(look.Machines, By), Order)), enumerateCollection: true);
    }

    // Usage of several moments has a view with their times.
    private IEnumerable<KubeVirtUsage> Timed(IEnumerable<KubeVirtUsage> usages) => Servers is not null && Step is not null ? usages.Select(static usage => new TimedUsage(usage)) : usages;

    private IEnumerable<object> Timed(IEnumerable<KubeVirtUsageDetail> details) => details.Select(detail =>
    {
        if (!detail.IsTimed) return (object)detail;
        PSObject timed = new(detail);
        timed.TypeNames.Insert(0, "KubeVirtMonitor.TimedUsageDetail");
        return timed;
    });

    private string[] Order => Sort ?? (Top > 0 && Detail is null ? [nameof(KubeVirtUsage.CpuPercent)] : []);

    private IEnumerable<T> Chosen<T>(IEnumerable<T> items, string[] sort)
        where T : class
    {
        IReadOnlyList<T> sorted = UsageOrder<T>.By(items, sort);
        return Top > 0 ? sorted.Take(Top) : sorted;
    }

    private void WaitWithProgress(TimeSpan left)
    {
        DateTimeOffset end = Now + left;
        TimeSpan whole = left;
        ProgressRecord progress = new(1, "Usage of VMs", "The next look follows.");
        while ((left = end - Now) > TimeSpan.Zero)
        {
            progress.SecondsRemaining = (int)Math.Ceiling(left.TotalSeconds);
            progress.PercentComplete = (int)(100 * (1 - (left / whole)));
            WriteProgress(progress);
            Wait(left < TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1));
        }

        progress.RecordType = ProgressRecordType.Completed;
        WriteProgress(progress);
    }
}
