using System.Collections;
using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Commands;

/// <summary>Which metrics a cmdlet writes, by their names and tags, and what it writes beside those of endpoints: health, and counts of machines.</summary>
/// <param name="command">The cmdlet.</param>
internal sealed class MetricChoice(ScrapeCommand command)
{
    // Of no family of an endpoint, and so of no machine.
    private const string CheckName = "can_connect";

    private MappingOptions _mapping = new();
    private MetricNames? _names;

    /// <summary>Wildcards on the names that are wanted; null = all.</summary>
    public string[]? Name { get; init; }

    /// <summary>Wildcards on names that are not wanted; null = none.</summary>
    public string[]? ExcludeName { get; init; }

    /// <summary>Tag names with wildcards on their values; null = all.</summary>
    public IDictionary? Tag { get; init; }

    /// <summary>Tags for every sample.</summary>
    public KeyValuePair<string, string>[] AddTags { get; init; } = [];

    /// <summary>Also what the catalogue does not know.</summary>
    public bool IncludeUnmapped { get; init; }

    /// <summary>Only what the three Datadog Agent checks document.</summary>
    public bool Documented { get; init; }

    /// <summary>Everything as the endpoint has it.</summary>
    public bool Raw { get; init; }

    /// <summary>Whether scrapes can have names that no catalogue knows, or a configuration can make some up.</summary>
    public bool MayHaveOtherNames { get; init; }

    /// <summary>The names without wildcards.</summary>
    public IEnumerable<string> LiteralNames => (Name ?? []).Where(static name => !WildcardPattern.ContainsWildcardCharacters(name));

    /// <summary>Whether nothing can come of it, since there is none of the names.</summary>
    public bool IsEmpty => !MayHaveOtherNames && Names.Unknown.Count > 0 && Names.Unknown.Count == Name!.Distinct(StringComparer.OrdinalIgnoreCase).Count();

    private MetricNames Names => _names ??= MetricNames.Of(Name, Raw);

    /// <summary>What to keep of a scrape.</summary>
    /// <param name="mapping">The same, as far as other parameters say.</param>
    /// <exception cref="WildcardPatternException">A pattern is malformed.</exception>
    public MappingOptions Apply(MappingOptions mapping) => _mapping = mapping with
    {
        NameFilter = NamePatterns.ToFilter(Name, ExcludeName),
        TagFilter = TagPatterns.ToFilter(Tag),
        IncludeUnmapped = IncludeUnmapped,
        Documented = Documented,
        Raw = Raw,
    };

    /// <summary>Takes the name of a sample.</summary>
    public void Take(MetricSample sample) => Names.Take(sample);

    /// <summary>Takes the names that there are.</summary>
    public void Take(IReadOnlyList<FamilyObservation> families) => Names.Take(families);

    /// <summary>Takes what a scrape has, and writes the result of the health check where there was one.</summary>
    public void TakeResult(ScrapeResult result, MachineChoice machines)
    {
        if (result.Summary is { } summary) Names.Take(summary.Families);
        if (result.Health is not { } health) return;
        // One reason is told once.
        if (health.Error is { } error && error.Cause != result.Error?.Cause) command.Warn($"The health check failed. {Advice.In(error).Message}");
        if ((result.Target.Component ?? result.Summary?.Component) is not { } component)
        {
            command.Warn($"{health.Target}: the component is unknown, so the result of the health check has no name. Specify -Component.");
            return;
        }

        if (CanConnect.ToSample(health, result.Target, component) is { } sample && IsWanted(sample) && machines.Filter?.Invoke(sample.ReadMachine()) != false) command.WriteObject(sample);
    }

    /// <summary>Whether components of a cluster are asked for their health as well.</summary>
    public bool WantsHealth(MachineChoice machines) => Enum.GetValues<ComponentKind>().Any(component => WantsHealthOf(component, machines));

    /// <summary>Whether a component of a cluster can have anything that is asked for.</summary>
    public bool WantsScrapeOf(ComponentKind component, MachineChoice machines) =>
        Raw || IncludeUnmapped || WantsHealthOf(component, machines) || MetricCatalog.Default.Entries(component).Any(entry =>
            (!Documented || entry.Definition.Documented) && _mapping.NameFilter?.Invoke(entry.Definition.Name, entry.SampleName) != false && machines.MayHave(component, entry.SampleName));

    /// <summary>Writes the counts of machines. They are virt-api's, and come with it.</summary>
    public void WriteCounts(KubeVirtSession session, IReadOnlyCollection<ComponentKind> components, MachineChoice machines)
    {
        // Nothing is listed for names that nobody asked for.
        if (Raw || !components.Contains(ComponentKind.Api)) return;
        MachineCounts counts = new(command, session, sample => IsTagWanted(sample.Tags) && machines.Filter?.Invoke(sample.ReadMachine()) != false);
        if (IsWanted(ObjectCounts.VirtualMachines)) counts.WriteVirtualMachines(AddTags);
        if (IsWanted(ObjectCounts.Instances)) counts.WriteInstances(AddTags);
    }

    /// <summary>Writes an error for each name that is nowhere.</summary>
    public void ReportUnknownNames()
    {
        foreach (string name in Names.Unknown)
        {
            if (SourceOf(name) is { } parameter) command.WriteError(ErrorRecords.NameIsSource(name, parameter));
            else command.WriteError(ErrorRecords.NoSuchMetric(name, Names.Candidates, MayHaveOtherNames));
        }
    }

    private bool WantsHealthOf(ComponentKind component, MachineChoice machines) => !Raw && machines.MayHave(component, CheckName) && MetricCatalog.Default.Definitions.Any(definition =>
        definition.Component == component && definition.Name.EndsWith(".can_connect", StringComparison.Ordinal) && IsWanted(definition));

    private bool IsWanted(MetricSample sample) => _mapping.NameFilter?.Invoke(sample.Name, sample.RawName) != false && IsTagWanted(sample.Tags);

    private bool IsWanted(MetricDefinition definition) =>
        _mapping.NameFilter?.Invoke(definition.Name, definition.Name) != false && (!Documented || definition.Documented);

    private bool IsTagWanted(TagSet tags) => _mapping.TagFilter?.Invoke(tags) != false;

    // Who is used to other cmdlets may give a file or an address first.
    private string? SourceOf(string name)
    {
        if (AddressText.Of(name) is not null) return "-Uri";
        if (command is LiveCommand) return null;
        try
        {
            return File.Exists(command.GetUnresolvedProviderPathFromPSPath(name)) ? "-Path" : null;
        }
        catch (SessionStateException)
        {
            return null;
        }
    }
}
