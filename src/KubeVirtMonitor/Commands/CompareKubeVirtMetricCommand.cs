using System.Collections;
using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Commands;

/// <summary>Writes the differences between a scrape and the catalogue, or between two sides of scrapes and versions.</summary>
[Cmdlet(VerbsData.Compare, "KubeVirtMetric", DefaultParameterSetName = ParameterSets.Session)]
[OutputType(typeof(MetricDrift), ParameterSetName = [ParameterSets.Session, ParameterSets.Component, ParameterSets.Path, ParameterSets.LiteralPath, ParameterSets.Uri, ParameterSets.InputObject])]
[OutputType(typeof(MetricDifference), ParameterSetName = [Sides])]
public sealed class CompareKubeVirtMetricCommand : ScrapeCommand
{
    private const string Sides = "Sides";

    private MetricComparison? _comparison;
    private MachineChoice? _machines;
    private MappingOptions? _mapping;
    private MetricNames? _literals;
    private Func<string, string, bool>? _names;
    private bool _isReference;
    private bool _hasReference;
    private bool _hasDifference;
    private bool _isPartial;

    /// <summary>What it was before: scrapes, sessions, a KubeVirt version, samples.</summary>
    [Parameter(Mandatory = true, ParameterSetName = Sides)]
    [ValidateNotNullOrEmpty]
    [MetricSideTransformation]
    public object[]? Reference { get; set; }

    /// <summary>What it is compared with.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = Sides)]
    [ValidateNotNullOrEmpty]
    [MetricSideTransformation]
    public object[]? Difference { get; set; }

    /// <summary>Wildcards on the module's or the raw name.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(MetricNameCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    /// <summary>Tag names with wildcards on their values.</summary>
    [Parameter(ParameterSetName = Sides)]
    [ValidateNotNull]
    [TagTransformation]
    public IDictionary? Tag { get; set; }

    /// <summary>The machines: names with wildcards, or objects that are of one.</summary>
    [Parameter(ParameterSetName = Sides)]
    [Alias("VM")]
    [ArgumentCompleter(typeof(MachineNameCompleter))]
    [ValidateNotNull]
    [AllowEmptyCollection]
    [SupportsWildcards]
    [MachineTransformation]
    public MachineReference[]? Vmi { get; set; }

    /// <summary>Wildcards on the namespaces of machines.</summary>
    [Parameter(ParameterSetName = Sides)]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Namespace { get; set; }

    /// <summary>Wildcards on the nodes.</summary>
    [Parameter(ParameterSetName = Sides)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public string[]? Node { get; set; }

    // As its base, and of the two sides too.
    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Path, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.LiteralPath, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.Uri, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.InputObject, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [Parameter(ParameterSetName = ParameterSets.Component)]
    [Parameter(ParameterSetName = Sides)]
    [ValidateNotNullOrEmpty]
    public override ComponentKind[]? Component { get; set; }

    /// <summary>Tags that do not tell series apart.</summary>
    [Parameter(ParameterSetName = Sides)]
    [ValidateNotNull]
    [AllowEmptyCollection]
    public string[] IgnoreTag { get; set; } = ComparisonOptions.TargetTags;

    /// <summary>Compares each series, or all series of a name as one.</summary>
    [Parameter(ParameterSetName = Sides)]
    public MetricGrouping By { get; set; }

    /// <summary>The part of the larger value up to which values are equal.</summary>
    [Parameter(ParameterSetName = Sides)]
    [ValidateRange(0d, 1d)]
    public double Tolerance { get; set; }

    /// <summary>Also what is promised and there, and what is equal on both sides.</summary>
    [Parameter]
    public SwitchParameter IncludeEqual { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _literals = MetricNames.Of(Name, raw: false);
        if (ParameterSetName != Sides) return;
        _comparison = new MetricComparison(new ComparisonOptions
        {
            ByName = By == MetricGrouping.Name,
            IgnoredTags = IgnoreTag,
            Tolerance = Tolerance,
            IncludeEqual = IncludeEqual,
            NameFilter = _names,
            Components = Component,
        });
    }

    // Which names occur is all that matters to the catalogue, so no sample has to be made.
    /// <inheritdoc/>
    internal override MappingOptions CreateMapping()
    {
        _names = NamePatterns.ToFilter(Name, null);
        return _mapping = ParameterSetName == Sides
            ? base.CreateMapping() with { NameFilter = _names, TagFilter = TagPatterns.ToFilter(Tag), MachineFilter = Machines.Filter, IncludeUnmapped = true }
            : base.CreateMapping() with { NameFilter = static (_, _) => false };
    }

    private protected override void Process()
    {
        if (_comparison is null)
        {
            base.Process();
            return;
        }

        if (Reference is { } reference)
        {
            Reference = null;
            Read(reference, isReference: true);
            ScrapeCollected();
        }

        Read(Difference!, isReference: false);
    }

    private protected override void Finish()
    {
        base.Finish();
        // A scrape may have names that no catalogue knows.
        foreach (string name in _literals!.Unknown) WriteError(ErrorRecords.NoSuchMetric(name, _literals.Candidates, isScraped: true));
        if (_comparison is null || !_hasReference || !_hasDifference) return;
        if (_isPartial) WriteWarning("Something could not be read. What it has is missing on its side of the comparison.");
        foreach (MetricDifference difference in _comparison.Compare()) WriteObject(difference);
    }

    internal override void Fail(ErrorRecord error)
    {
        _isPartial = true;
        base.Fail(error);
    }

    /// <inheritdoc/>
    internal override void TakeSample(MetricSample sample)
    {
        _literals!.Take(sample);
        _comparison?.Add(_isReference, sample);
    }

    /// <inheritdoc/>
    internal override void TakeResult(ScrapeResult result)
    {
        _comparison?.EndTarget();
        if (result.Summary is { } families) _literals!.Take(families.Families);
        if (result.Error is null) Has();
        else _isPartial = true;
        // What a body that broke off lacks says nothing of the endpoint.
        if (_comparison is not null || result.Error is not null || result.Summary is not { } summary) return;
        try
        {
            foreach (MetricDrift drift in DriftAnalyzer.Compare(summary, KubeVirtVersion, OneComponent))
            {
                if (_names?.Invoke(drift.Name, drift.RawName ?? drift.Name) == false) continue;
                if (IncludeEqual || drift.Status != DriftStatus.Present) WriteObject(Advice.In(drift));
            }
        }
        catch (ArgumentException e)
        {
            WriteError(ErrorRecords.UnknownComponent(result.Target.Name, e));
        }
    }

    private protected override MachineChoice Machines => _machines ??= MachineChoice.Of(this, Vmi, Namespace, Node);

    /// <inheritdoc/>
    internal override bool WantsScrapeOf(ComponentKind component, MachineChoice machines)
    {
        if (_comparison is null || (_names is null && machines.Filter is null)) return true;
        // A name that no component is known for may be served by any.
        return MayServe(component) || !Array.Exists(Enum.GetValues<ComponentKind>(), MayServe);
        bool MayServe(ComponentKind one) => MetricCatalog.Default.Entries(one).Any(entry => _names?.Invoke(entry.Definition.Name, entry.SampleName) != false && machines.MayHave(one, entry.SampleName));
    }

    // A cluster has been read also where nothing of it is asked for.
    /// <inheritdoc/>
    internal override void EndSession(KubeVirtSession session, IReadOnlyCollection<ComponentKind> components, MachineChoice machines)
    {
        if (!_isPartial) Has();
    }

    private void Has()
    {
        if (_isReference) _hasReference = true;
        else _hasDifference = true;
    }

    private bool IsWanted(MetricSample sample) => _names?.Invoke(sample.Name, sample.RawName) != false
        && _mapping!.TagFilter?.Invoke(sample.Tags) != false && _mapping.MachineFilter?.Invoke(sample.ReadMachine()) != false;

    private void Read(object[] side, bool isReference)
    {
        _isReference = isReference;
        foreach (object item in side)
        {
            switch (item)
            {
                case MetricSample sample:
                    Has();
                    if (IsWanted(sample)) TakeSample(sample);
                    break;
                case KubeVirtVersion version:
                    if (side.Length > 1) ThrowTerminatingError(ErrorRecords.VersionBesideOthers(version));
                    this.Refuse($"KubeVirt {version}", "a version has names, types and units, and no values", nameof(Tag), nameof(By), nameof(Tolerance), nameof(IgnoreTag), nameof(Vmi), nameof(Namespace), nameof(Node));
                    Has();
                    _comparison!.Add(isReference, version);
                    break;
                case KubeVirtSession session:
                    ScrapeSessions(SessionResolver.Resolve(this, [session], null), Machines);
                    break;
                case Uri uri:
                    AddEndpoints([uri]);
                    break;
                case ScrapeContent content:
                    TakeContent(content);
                    break;
                case FileInfo file:
                    ScrapeFiles([file.FullName], isLiteral: true);
                    break;
                default:
                    ScrapeFiles([(string)item], isLiteral: false);
                    break;
            }
        }
    }
}

/// <summary>What is compared as one.</summary>
public enum MetricGrouping
{
    /// <summary>Each series.</summary>
    Series,

    /// <summary>All series of a name.</summary>
    Name,
}
