using System.Collections;
using System.Globalization;
using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Display;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Series;

namespace KubeVirtMonitor.Commands;

/// <summary>Scrapes targets again and again, and writes gauges as they are and by how much counters have grown.</summary>
[Cmdlet(VerbsCommon.Watch, "KubeVirtMetric", DefaultParameterSetName = ParameterSets.Session)]
[OutputType(typeof(MetricSample))]
public sealed class WatchKubeVirtMetricCommand : LiveCommand
{
    // KubeVirt reads the statistics of a VM every 3 to 5 seconds.
    private static readonly TimeSpan RoughInterval = TimeSpan.FromSeconds(10);

    private MetricChoice? _choice;
    private IncrementTracker? _tracker;
    private DateTimeOffset _began;
    private bool _hasBeenLate;

    /// <summary>Wildcards on the module's or the raw name.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(MetricNameCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    /// <summary>Wildcards on names that are not wanted.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MetricNameCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? ExcludeName { get; set; }

    /// <summary>Tag names with wildcards on their values: a hashtable, or texts such as <c>drive=vd*</c>.</summary>
    [Parameter]
    [ValidateNotNull]
    [TagTransformation]
    public IDictionary? Tag { get; set; }

    /// <summary>Tags to add to every sample: a hashtable, or texts such as <c>site=north</c>.</summary>
    [Parameter]
    [ValidateNotNull]
    [TagTransformation]
    public IDictionary? AddTag { get; set; }

    /// <summary>The time between the starts of two scrapes of a target.</summary>
    [Parameter]
    [DurationTransformation]
    [DurationRange(0.1, 86_400)]
    public TimeSpan SampleInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often counters are written; each target is scraped once more.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long MaxSamples { get; set; } = long.MaxValue;

    /// <summary>For how long targets are scraped.</summary>
    [Parameter]
    [DurationTransformation]
    [DurationRange(0.1, 366 * 86_400)]
    public TimeSpan Duration { get; set; } = TimeSpan.MaxValue;

    /// <summary>Writes rates of counters by the second in place of increases.</summary>
    [Parameter]
    public SwitchParameter AsRate { get; set; }

    /// <summary>Also what the catalogue does not know.</summary>
    [Parameter]
    public SwitchParameter IncludeUnmapped { get; set; }

    /// <summary>Only what the three Datadog Agent checks document.</summary>
    [Parameter]
    public SwitchParameter Documented { get; set; }

    /// <summary>The pod the scrape is of.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? PodName { get; set; }

    /// <summary>The namespace KubeVirt is installed in.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? KubeNamespace { get; set; }

    /// <summary>Health addresses, one for each endpoint.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [UriTransformation]
    public Uri[]? HealthUri { get; set; }

    private protected override TimeSpan RoundInterval => SampleInterval;

    /// <inheritdoc/>
    internal override IEnumerable<string> LiteralNames => _choice!.LiteralNames;

    /// <inheritdoc/>
    internal override IReadOnlyList<KeyValuePair<string, string>> SessionTags => _choice!.AddTags;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _tracker = new IncrementTracker(WriteObject, AsRate);
        _choice = new MetricChoice(this)
        {
            Name = Name,
            ExcludeName = ExcludeName,
            Tag = Tag,
            AddTags = TagPatterns.ToTags(AddTag),
            IncludeUnmapped = IncludeUnmapped,
            Documented = Documented,
            MayHaveOtherNames = IncludeUnmapped,
        };
        base.BeginProcessing();
        if (!_choice.MayHaveOtherNames) _choice.ReportUnknownNames();
    }

    /// <inheritdoc/>
    internal override MappingOptions CreateMapping() => _choice!.Apply(base.CreateMapping());

    /// <inheritdoc/>
    internal override bool WantsHealth(MachineChoice machines) => _choice!.WantsHealth(machines);

    /// <inheritdoc/>
    internal override bool WantsScrapeOf(ComponentKind component, MachineChoice machines) => _choice!.WantsScrapeOf(component, machines);

    /// <inheritdoc/>
    internal override void TakeSample(MetricSample sample) => _tracker!.Add(sample);

    /// <inheritdoc/>
    internal override void TakeResult(ScrapeResult result)
    {
        base.TakeResult(result);
        _tracker!.EndScrape(new SeriesTarget(result.Target.Origin, result.Target.Name, result.Target.PodName), result.Summary, result.Error is null);
        _choice!.TakeResult(result, Machines);
    }

    /// <inheritdoc/>
    internal override void EndSession(KubeVirtSession session, IReadOnlyCollection<ComponentKind> components, MachineChoice machines) => _choice!.WriteCounts(session, components, machines);

    private protected override void Process()
    {
        if (HealthUri is { } health && health.Length != Uri.Length) ThrowTerminatingError(ErrorRecords.HealthUriCount(Uri.Length, health.Length));
        if (!_choice!.IsEmpty) base.Process();
    }

    private protected override void BeginRound(long round)
    {
        if (round > 0) return;
        _began = Now;
        if (RoundSessions.Count > 0 && SampleInterval < RoughInterval)
            WriteWarning(string.Create(CultureInfo.InvariantCulture, $"KubeVirt reads the statistics of a VM every 3 to 5 seconds: within {SampleInterval.TotalSeconds:0.###} s, a counter that has not been read anew has an increase of 0, and the next one has that of both. Specify -SampleInterval {RoughInterval.TotalSeconds:0} or more."));
    }

    private protected override bool EndRound(long round)
    {
        DateTimeOffset now = Now;
        _tracker!.EndRound(now);
        // What was named is not there, and so there is nothing to wait for.
        if (round == 0 && HasFailed && !HasResults) return false;
        if (round == 0 && _choice!.MayHaveOtherNames) _choice.ReportUnknownNames();
        TimeSpan next = SampleInterval * (Math.Floor((now - _began) / SampleInterval) + 1);
        return round < MaxSamples && next <= Duration;
    }

    private protected override void TakeLate(long missed, TimeSpan took)
    {
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"The scrapes took {ValueText.Of(took.TotalSeconds, "second", CultureInfo.InvariantCulture)}, longer than the interval of {SampleInterval.TotalSeconds:0.###} s. {missed} {(missed == 1 ? "round was" : "rounds were")} left out, and increases cover the longer time.");
        if (_hasBeenLate) WriteVerbose(text);
        else WriteWarning($"{text} Specify a longer -SampleInterval, or a shorter -TimeoutSec if a target does not respond. This warning is not repeated; -Verbose shows each case.");
        _hasBeenLate = true;
    }

    private protected override Uri? HealthUriOf(int index) => HealthUri?[index];

    private protected override ScrapeTarget Describe(ScrapeTarget target) => target with { PodName = PodName, KubeNamespace = KubeNamespace, AddTags = _choice!.AddTags };
}
