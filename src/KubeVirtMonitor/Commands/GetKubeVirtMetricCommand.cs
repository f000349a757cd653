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

/// <summary>Scrapes metrics endpoints or saved scrapes, and writes each value as an object.</summary>
[Cmdlet(VerbsCommon.Get, "KubeVirtMetric", DefaultParameterSetName = ParameterSets.Session)]
[OutputType(typeof(MetricSample))]
public sealed class GetKubeVirtMetricCommand : ScrapeCommand
{
    private MappingOptions _mapping = new();
    private KeyValuePair<string, string>[] _addTags = [];

    /// <summary>Wildcards on the module's or the raw name.</summary>
    [Parameter(Position = 1)]
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

    /// <summary>Tag names with wildcards on their values.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Tag { get; set; }

    /// <summary>Tags to add to every sample.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? AddTag { get; set; }

    /// <summary>The pod the scrape is of.</summary>
    [Parameter(ParameterSetName = ParameterSets.Path, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.LiteralPath, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.Uri, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.InputObject, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? PodName { get; set; }

    /// <summary>The namespace KubeVirt is installed in.</summary>
    [Parameter(ParameterSetName = ParameterSets.Path, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.LiteralPath, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.Uri, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.InputObject, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? KubeNamespace { get; set; }

    /// <summary>Health addresses, one for each endpoint.</summary>
    [Parameter(ParameterSetName = ParameterSets.Uri, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [UriTransformation]
    public Uri[]? HealthUri { get; set; }

    /// <summary>Configurations of the Datadog Agent's KubeVirt checks.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.AgentConfig)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] AgentConfig { get; set; } = [];

    /// <summary>Also what the catalogue does not know.</summary>
    [Parameter]
    public SwitchParameter IncludeUnmapped { get; set; }

    /// <summary>Only what the three Datadog Agent checks document.</summary>
    [Parameter]
    public SwitchParameter DocumentedOnly { get; set; }

    /// <summary>Everything as the endpoint has it.</summary>
    [Parameter]
    public SwitchParameter Raw { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _addTags = TagPatterns.ToTags(AddTag);
        base.BeginProcessing();
    }

    private protected override void Process()
    {
        if (HealthUri is { } health && health.Length != Uri.Length) ThrowTerminatingError(ErrorRecords.HealthUriCount(Uri.Length, health.Length));
        if (ParameterSetName == ParameterSets.AgentConfig) new AgentConfigRun(this, Runner).Scrape(AgentConfig, OneComponent, _mapping, _addTags);
        else base.Process();
    }

    /// <inheritdoc/>
    internal override MappingOptions CreateMapping() => _mapping = base.CreateMapping() with
    {
        NameFilter = NamePatterns.ToFilter(Name, ExcludeName),
        TagFilter = TagPatterns.ToFilter(Tag),
        IncludeUnmapped = IncludeUnmapped,
        DocumentedOnly = DocumentedOnly,
        Raw = Raw,
    };

    /// <inheritdoc/>
    internal override void TakeSample(MetricSample sample) => WriteObject(sample);

    /// <inheritdoc/>
    internal override void TakeResult(ScrapeResult result)
    {
        if (result.Health is not { } health) return;
        // One reason is told once.
        if (health.Error is { } error && error.Cause != result.Error?.Cause) WriteWarning($"The health check failed. {Advice.In(error).Message}");
        if ((result.Target.Component ?? result.Summary?.Component) is not { } component)
        {
            WriteWarning($"{health.Target}: the component is unknown, so the result of the health check has no name. Specify -Component.");
            return;
        }

        if (CanConnect.ToSample(health, result.Target, component) is { } sample && IsWanted(sample)) WriteObject(sample);
    }

    /// <inheritdoc/>
    internal override bool WantsHealth => Enum.GetValues<ComponentKind>().Any(WantsHealthOf);

    /// <inheritdoc/>
    internal override bool WantsScrapeOf(ComponentKind component) =>
        Raw || IncludeUnmapped || WantsHealthOf(component) || MetricCatalog.Default.Entries(component).Any(entry =>
            (!DocumentedOnly || entry.Definition.Documented) && _mapping.NameFilter?.Invoke(entry.Definition.Name, entry.SampleName) != false);

    /// <inheritdoc/>
    internal override IReadOnlyList<KeyValuePair<string, string>> SessionTags => _addTags;

    /// <inheritdoc/>
    internal override void EndSession(KubeVirtSession session, IReadOnlyCollection<ComponentKind> components)
    {
        // The counts are virt-api's, and come with it; nothing is listed for names that nobody asked for.
        if (Raw || !components.Contains(ComponentKind.Api)) return;
        MachineCounts counts = new(this, session, sample => IsTagWanted(sample.Tags));
        if (IsWanted(ObjectCounts.VirtualMachines)) counts.WriteVirtualMachines(_addTags);
        if (IsWanted(ObjectCounts.Instances)) counts.WriteInstances(_addTags);
    }

    private protected override Uri? HealthUriOf(int index) => HealthUri?[index];

    private protected override ScrapeTarget Describe(ScrapeTarget target) => target with { PodName = PodName, KubeNamespace = KubeNamespace, AddTags = _addTags };

    private bool IsWanted(MetricSample sample) => _mapping.NameFilter?.Invoke(sample.Name, sample.RawName) != false && IsTagWanted(sample.Tags);

    private bool IsWanted(MetricDefinition definition) =>
        _mapping.NameFilter?.Invoke(definition.Name, definition.Name) != false && (!DocumentedOnly || definition.Documented);

    private bool WantsHealthOf(ComponentKind component) => !Raw && MetricCatalog.Default.Definitions.Any(definition =>
        definition.Component == component && definition.Name.EndsWith(".can_connect", StringComparison.Ordinal) && IsWanted(definition));

    private bool IsTagWanted(TagSet tags) => _mapping.TagFilter?.Invoke(tags) != false;
}
