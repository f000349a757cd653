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
public sealed class GetKubeVirtMetricCommand : SampleCommand
{
    // Of no family of an endpoint, and so of no machine.
    private const string CheckName = "can_connect";

    private MappingOptions _mapping = new();
    private KeyValuePair<string, string>[] _addTags = [];
    private MetricNames _names = MetricNames.Of(null, raw: false);

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
    [ValidateNotNullOrEmpty]
    public override ComponentKind[]? Component { get; set; }

    // What is said of TLS here goes before what configurations say.
    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.AgentConfig)]
    [ValidateNotNullOrEmpty]
    public override string[]? CertificateAuthority { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.AgentConfig)]
    [ValidateNotNullOrEmpty]
    public override string? ServerName { get; set; }

    /// <inheritdoc/>
    [Parameter(ParameterSetName = ParameterSets.Uri)]
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
        _addTags = TagPatterns.ToTags(AddTag);
        base.BeginProcessing();
        _names = MetricNames.Of(Name, Raw);
        if (!MayHaveOtherNames) ReportUnknownNames();
    }

    private protected override void Process()
    {
        if (HealthUri is { } health && health.Length != Uri.Length) ThrowTerminatingError(ErrorRecords.HealthUriCount(Uri.Length, health.Length));
        if (!MayHaveOtherNames && _names.Unknown.Count > 0 && _names.Unknown.Count == Name!.Distinct(StringComparer.OrdinalIgnoreCase).Count()) return;
        if (ParameterSetName == ParameterSets.AgentConfig) new AgentConfigRun(this, Runner).Scrape(AgentConfig, OneComponent, _mapping, _addTags);
        else base.Process();
    }

    /// <inheritdoc/>
    internal override IEnumerable<string> LiteralNames => (Name ?? []).Where(static name => !WildcardPattern.ContainsWildcardCharacters(name));

    /// <inheritdoc/>
    internal override MappingOptions CreateMapping() => _mapping = base.CreateMapping() with
    {
        NameFilter = NamePatterns.ToFilter(Name, ExcludeName),
        TagFilter = TagPatterns.ToFilter(Tag),
        IncludeUnmapped = IncludeUnmapped,
        Documented = Documented,
        Raw = Raw,
    };

    /// <inheritdoc/>
    internal override void TakeSample(MetricSample sample)
    {
        _names.Take(sample);
        WriteObject(sample);
    }

    /// <inheritdoc/>
    internal override void TakeResult(ScrapeResult result)
    {
        if (result.Summary is { } summary) _names.Take(summary.Families);
        if (result.Health is not { } health) return;
        // One reason is told once.
        if (health.Error is { } error && error.Cause != result.Error?.Cause) WriteWarning($"The health check failed. {Advice.In(error).Message}");
        if ((result.Target.Component ?? result.Summary?.Component) is not { } component)
        {
            WriteWarning($"{health.Target}: the component is unknown, so the result of the health check has no name. Specify -Component.");
            return;
        }

        if (CanConnect.ToSample(health, result.Target, component) is { } sample && IsWanted(sample) && Machines.Filter?.Invoke(sample.ReadMachine()) != false) WriteObject(sample);
    }

    private protected override void End()
    {
        base.End();
        if (MayHaveOtherNames) ReportUnknownNames();
    }

    /// <inheritdoc/>
    internal override bool WantsHealth(MachineChoice machines) => Enum.GetValues<ComponentKind>().Any(component => WantsHealthOf(component, machines));

    /// <inheritdoc/>
    internal override bool WantsScrapeOf(ComponentKind component, MachineChoice machines) =>
        Raw || IncludeUnmapped || WantsHealthOf(component, machines) || MetricCatalog.Default.Entries(component).Any(entry =>
            (!Documented || entry.Definition.Documented) && _mapping.NameFilter?.Invoke(entry.Definition.Name, entry.SampleName) != false && machines.MayHave(component, entry.SampleName));

    /// <inheritdoc/>
    internal override IReadOnlyList<KeyValuePair<string, string>> SessionTags => _addTags;

    /// <inheritdoc/>
    internal override void EndSession(KubeVirtSession session, IReadOnlyCollection<ComponentKind> components, MachineChoice machines)
    {
        // The counts are virt-api's, and come with it; nothing is listed for names that nobody asked for.
        if (Raw || !components.Contains(ComponentKind.Api)) return;
        MachineCounts counts = new(this, session, sample => IsTagWanted(sample.Tags) && machines.Filter?.Invoke(sample.ReadMachine()) != false);
        if (IsWanted(ObjectCounts.VirtualMachines)) counts.WriteVirtualMachines(_addTags);
        if (IsWanted(ObjectCounts.Instances)) counts.WriteInstances(_addTags);
    }

    private protected override Uri? HealthUriOf(int index) => HealthUri?[index];

    private protected override ScrapeTarget Describe(ScrapeTarget target) => target with { PodName = PodName, KubeNamespace = KubeNamespace, AddTags = _addTags };

    private bool IsWanted(MetricSample sample) => _mapping.NameFilter?.Invoke(sample.Name, sample.RawName) != false && IsTagWanted(sample.Tags);

    private bool IsWanted(MetricDefinition definition) =>
        _mapping.NameFilter?.Invoke(definition.Name, definition.Name) != false && (!Documented || definition.Documented);

    private bool WantsHealthOf(ComponentKind component, MachineChoice machines) => !Raw && machines.MayHave(component, CheckName) && MetricCatalog.Default.Definitions.Any(definition =>
        definition.Component == component && definition.Name.EndsWith(".can_connect", StringComparison.Ordinal) && IsWanted(definition));

    // Scrapes can have names that no catalogue knows, and a configuration can make some up.
    private bool MayHaveOtherNames => Raw || IncludeUnmapped || ParameterSetName == ParameterSets.AgentConfig;

    private void ReportUnknownNames()
    {
        foreach (string name in _names.Unknown)
        {
            if (SourceOf(name) is { } parameter) WriteError(ErrorRecords.NameIsSource(name, parameter));
            else WriteError(ErrorRecords.NoSuchMetric(name, _names.Candidates, MayHaveOtherNames));
        }
    }

    // Who is used to other cmdlets may give a file or an address first.
    private string? SourceOf(string name)
    {
        if (AddressText.Of(name) is not null) return "-Uri";
        try
        {
            return File.Exists(GetUnresolvedProviderPathFromPSPath(name)) ? "-Path" : null;
        }
        catch (SessionStateException)
        {
            return null;
        }
    }

    private bool IsTagWanted(TagSet tags) => _mapping.TagFilter?.Invoke(tags) != false;
}
