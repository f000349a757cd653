using System.Collections;
using System.Globalization;
using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Series;

namespace KubeVirtMonitor.Commands;

/// <summary>Writes statistics of samples, or of what servers have stored.</summary>
[Cmdlet(VerbsDiagnostic.Measure, "KubeVirtMetric", DefaultParameterSetName = Looks)]
[OutputType(typeof(MetricMeasure))]
public sealed class MeasureKubeVirtMetricCommand : ServerCommand
{
    private const string Looks = "Looks";
    private const string InWindow = "Window";
    private const int MostNames = 3;
    private const double ShortestWindow = 0.001;
    private const double LongestWindow = 3_650 * 86_400d;

    private MetricMeasurer? _measurer;
    private readonly HashSet<string> _seen = new(StringComparer.OrdinalIgnoreCase);
    private MetricNames? _literals;
    private SeriesDescriptor? _descriptor;
    private bool _isNamed;
    private bool _isAnyNamed;
    private bool _isAnyLeft;
    private Func<string, string, bool>? _names;
    private Func<TagSet, bool>? _tags;
    private MachineChoice? _machines;
    private ServerRun? _servers;

    /// <summary>The samples.</summary>
    [Parameter(Mandatory = true, ParameterSetName = Looks, ValueFromPipeline = true)]
    [Parameter(Mandatory = true, ParameterSetName = InWindow, ValueFromPipeline = true)]
    [ValidateNotNull]
    [AllowEmptyCollection]
    [SampleTransformation]
    public MetricSample[]? InputObject { get; set; }

    /// <summary>Wildcards on the module's or the raw name.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(MetricNameCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    /// <summary>What is computed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public MetricStatistic[]? Statistic { get; set; }

    /// <summary>The quantiles.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public double[]? Quantile { get; set; }

    /// <summary>By what samples are grouped, next to their name.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(GroupKeyCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? By { get; set; }

    /// <summary>The length of the window.</summary>
    [Parameter(Mandatory = true, ParameterSetName = InWindow)]
    [DurationTransformation]
    [DurationRange(ShortestWindow, LongestWindow)]
    public TimeSpan Window { get; set; }

    /// <summary>Where the window ends.</summary>
    [Parameter(ParameterSetName = InWindow)]
    public DateTimeOffset At { get; set; }

    /// <summary>Tag names with wildcards on their values.</summary>
    [Parameter]
    [ValidateNotNull]
    [TagTransformation]
    public IDictionary? Tag { get; set; }

    /// <summary>The machines: names with wildcards, or objects that are of one.</summary>
    [Parameter]
    [Alias("VM")]
    [ArgumentCompleter(typeof(MachineNameCompleter))]
    [ValidateNotNull]
    [AllowEmptyCollection]
    [SupportsWildcards]
    [MachineTransformation]
    public MachineReference[]? Vmi { get; set; }

    /// <summary>Wildcards on the namespaces of machines.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Namespace { get; set; }

    /// <summary>Wildcards on the nodes.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Node { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (ParameterSetName is ParameterSets.Uri or ParameterSets.Session) _servers = new ServerRun(this, this, CreateOptions);
        base.BeginProcessing();
        _literals = MetricNames.Of(Name, raw: false);
        _names = NamePatterns.ToFilter(Name, null);
        _tags = TagPatterns.ToFilter(Tag);
        _machines = MachineChoice.Of(this, Vmi, Namespace, Node);
        // Who names quantiles wants them.
        MetricStatistic[]? statistics = Quantile is null || Statistic?.Contains(MetricStatistic.Quantile) == true ? Statistic : [.. Statistic ?? [], MetricStatistic.Quantile];
        _measurer = new MetricMeasurer(new MeasureOptions
        {
            Statistics = statistics?.Distinct().ToArray(),
            Quantiles = Quantile ?? MeasureOptions.DefaultQuantiles,
            By = By ?? [],
            Window = ParameterSetName == InWindow ? Window : null,
            End = MyInvocation.BoundParameters.ContainsKey(nameof(At)) ? At : null,
        });
        foreach (double quantile in (Quantile ?? []).Where(static one => one is not (>= 0 and <= 1)))
        {
            WriteWarning(string.Create(CultureInfo.InvariantCulture, $"{quantile} is no quantile. Quantiles are from 0 to 1: the median is 0.5. The value is, as in PromQL, {(double.IsNaN(quantile) ? "NaN" : quantile < 0 ? "less than all numbers" : "greater than all numbers")}."));
        }
    }

    private protected override void Process()
    {
        if (_servers is not null) AskServers();
        else foreach (MetricSample sample in InputObject!) Take(sample);
    }

    private void AskServers()
    {
        if (Name is not null && _literals!.Unknown.Count == Name.Distinct(StringComparer.OrdinalIgnoreCase).Count()) return;
        MappingOptions mapping = new() { NameFilter = _names, TagFilter = _tags };
        SampleRun run = new(this, _servers!) { Names = Name };
        foreach (OpenServer server in _servers!.Open(Sessions)) run.Ask(server, mapping, _machines!, Take);
    }

    private void Take(MetricSample sample)
    {
        if (sample.Descriptor != _descriptor)
        {
            _descriptor = sample.Descriptor;
            _isNamed = _names?.Invoke(sample.Name, sample.RawName) != false;
            _isAnyNamed |= _isNamed;
            _seen.Add(sample.Name);
            if (Name is not null) _seen.Add(sample.RawName);
        }

        if (!_isNamed || _tags?.Invoke(sample.Tags) == false || _machines!.Filter?.Invoke(sample.ReadMachine()) == false) return;
        _isAnyLeft = true;
        _measurer!.Add(sample);
    }

    private protected override void Finish()
    {
        ReportNames();
        foreach ((string tag, IReadOnlyList<string> nearest) in _measurer!.Missing)
        {
            WriteWarning($"No sample has a tag '{tag}', so nothing is grouped by it.{(nearest.Count == 0 ? "" : $" Do you mean {string.Join(", ", nearest)}?")}");
        }

        foreach (MetricMeasure measure in _measurer.Measure())
        {
            if (Stopping) return;
            WriteObject(measure);
        }

        Warn();
    }

    // Of what came, a name or a pattern that nothing has is mostly mistyped.
    private void ReportNames()
    {
        if (_seen.Count == 0)
        {
            foreach (string name in _literals!.Unknown) WriteError(ErrorRecords.NoSuchMetric(name, _literals.Candidates));
            return;
        }

        string[] patterns = [.. (Name ?? []).Where(WildcardPattern.ContainsWildcardCharacters)];
        foreach (string name in (Name ?? []).Except(patterns).Where(name => !_seen.Contains(name))) WriteError(ErrorRecords.NoSuchSample(name, _seen));
        if (!_isAnyNamed && patterns.Length > 0)
        {
            string[] nearest = [.. _seen.Where(name => patterns.Any(pattern => LettersOf(name).Contains(LettersOf(pattern), StringComparison.OrdinalIgnoreCase))).Order(StringComparer.Ordinal).Take(MostNames)];
            WriteWarning($"No sample is of a metric with a name like {string.Join(", ", patterns)}, so nothing is measured.{(nearest.Length == 0 ? "" : $" Do you mean {string.Join(", ", nearest)}?")}");
        }
        else if (_isAnyNamed && !_isAnyLeft)
        {
            WriteWarning("No sample has the tags, the machine, the namespace or the node that was asked for, so nothing is measured.");
        }
    }

    private void Warn()
    {
        if (_measurer!.SeenOnce.Count > 0)
        {
            WriteWarning(ParameterSetName == InWindow
                ? $"No series of {Few(_measurer.SeenOnce)} has two samples in the window, so nothing is known of its growth. Use a longer -Window, or look more often."
                : $"There is one look only at {Few(_measurer.SeenOnce)}, so nothing is known of its growth. Look a second time, some seconds later, and measure both together.");
        }

        if (_measurer.NotCounted.Count > 0) WriteWarning($"Only counters have a rate and an increase, and {Few(_measurer.NotCounted)} is none. It is left out.");
        if (_measurer.Repaired.Count > 0) WriteWarning($"Buckets of {Few(_measurer.Repaired)} had fewer observations than smaller ones, and were given as many. The quantiles are inexact.");
        if (_measurer.LeftOut > 0) WriteVerbose($"{_measurer.LeftOut} series have one look only and are in no rate and no increase: they came or went between the looks.");
        if (_measurer.TooClose is { } close)
            WriteWarning(string.Create(CultureInfo.InvariantCulture, $"Looks are {close.TotalMilliseconds:0} ms apart, which is too short for a rate, so there is none. Look again some seconds later."));
    }

    // cpuusage is meant for cpu_usage, and cpu.usage.
    private static string LettersOf(string name) => string.Concat(name.Where(char.IsLetterOrDigit));

    private static string Few(SortedSet<string> names) =>
        names.Count <= MostNames ? string.Join(", ", names) : $"{string.Join(", ", names.Take(MostNames))} and {names.Count - MostNames} more";
}
