using System.Collections;
using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Commands;

/// <summary>Scrapes metrics endpoints or saved scrapes, and writes each value as an object.</summary>
[Cmdlet(VerbsCommon.Get, "KubeVirtMetric", DefaultParameterSetName = ParameterSets.Session)]
[OutputType(typeof(MetricSample))]
public sealed class GetKubeVirtMetricCommand : SampleCommand
{
    private MappingOptions _mapping = new();
    private MetricChoice? _choice;

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

    // As its base, and of configurations too, which only this cmdlet has.
    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Path, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.LiteralPath, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.Uri, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.InputObject, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ParameterSets.Session)]
    [Parameter(ParameterSetName = ParameterSets.Component)]
    [Parameter(ParameterSetName = ParameterSets.AgentConfig)]
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [ValidateNotNullOrEmpty]
    public override ComponentKind[]? Component { get; set; }

    // What is said of TLS here goes before what configurations say.
    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [Parameter(ParameterSetName = ParameterSets.AgentConfig)]
    [ValidateNotNullOrEmpty]
    public override string[]? CertificateAuthority { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [Parameter(ParameterSetName = ParameterSets.AgentConfig)]
    [ValidateNotNullOrEmpty]
    public override string? ServerName { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.Prometheus)]
    [Parameter(ParameterSetName = ParameterSets.AgentConfig)]
    public override SwitchParameter SkipCertificateCheck { get; set; }

    /// <summary>Configurations of the Datadog Agent's checks.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ParameterSets.AgentConfig)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] AgentConfig { get; set; } = [];

    /// <summary>Also what the catalogue does not know.</summary>
    [Parameter]
    public SwitchParameter IncludeUnmapped { get; set; }

    /// <summary>Only what the three Datadog Agent checks document.</summary>
    [Parameter]
    public SwitchParameter Documented { get; set; }

    /// <summary>Everything as the endpoint has it.</summary>
    [Parameter]
    public SwitchParameter Raw { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (Raw) this.Refuse("-Raw", "everything is written as the endpoint has it", nameof(IncludeUnmapped), nameof(Documented));
        _choice = new MetricChoice(this)
        {
            Name = Name,
            ExcludeName = ExcludeName,
            Tag = Tag,
            AddTags = TagPatterns.ToTags(AddTag),
            IncludeUnmapped = IncludeUnmapped,
            Documented = Documented,
            Raw = Raw,
            MayHaveOtherNames = Raw || IncludeUnmapped || ParameterSetName == ParameterSets.AgentConfig,
        };
        base.BeginProcessing();
        if (!_choice.MayHaveOtherNames) _choice.ReportUnknownNames();
    }

    private protected override void Process()
    {
        if (HealthUri is { } health && health.Length != Uri.Length) ThrowTerminatingError(ErrorRecords.HealthUriCount(Uri.Length, health.Length));
        if (_choice!.IsEmpty) return;
        if (ParameterSetName == ParameterSets.AgentConfig) new AgentConfigRun(this, Runner).Scrape(AgentConfig, OneComponent, _mapping, _choice.AddTags);
        else base.Process();
    }

    private protected override void AskServer(OpenServer server, MachineChoice machines)
    {
        SampleRun run = new(this, Servers!) { Components = Component, Names = Name, AddTags = _choice!.AddTags };
        if (run.Ask(server, _mapping, machines, WriteObject) is { } families) _choice.Take(families);
    }

    /// <inheritdoc/>
    internal override IEnumerable<string> LiteralNames => _choice!.LiteralNames;

    /// <inheritdoc/>
    internal override MappingOptions CreateMapping() => _mapping = _choice!.Apply(base.CreateMapping());

    /// <inheritdoc/>
    internal override void TakeSample(MetricSample sample)
    {
        _choice!.Take(sample);
        WriteObject(sample);
    }

    /// <inheritdoc/>
    internal override void TakeResult(ScrapeResult result) => _choice!.TakeResult(result, Machines);

    private protected override void Finish()
    {
        base.Finish();
        if (_choice!.MayHaveOtherNames) _choice.ReportUnknownNames();
    }

    /// <inheritdoc/>
    internal override bool WantsHealth(MachineChoice machines) => _choice!.WantsHealth(machines);

    /// <inheritdoc/>
    internal override bool WantsScrapeOf(ComponentKind component, MachineChoice machines) => _choice!.WantsScrapeOf(component, machines);

    /// <inheritdoc/>
    internal override IReadOnlyList<KeyValuePair<string, string>> SessionTags => _choice!.AddTags;

    /// <inheritdoc/>
    internal override void EndSession(KubeVirtSession session, IReadOnlyCollection<ComponentKind> components, MachineChoice machines) => _choice!.WriteCounts(session, components, machines);

    private protected override Uri? HealthUriOf(int index) => HealthUri?[index];

    private protected override ScrapeTarget Describe(ScrapeTarget target) => target with { PodName = PodName, KubeNamespace = KubeNamespace, AddTags = _choice!.AddTags };
}
