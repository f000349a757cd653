using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;

namespace KubeVirtMonitor.Commands;

/// <summary>Writes the definitions in the catalogue.</summary>
[Cmdlet(VerbsCommon.Get, "KubeVirtMetricDefinition")]
[OutputType(typeof(MetricDefinition))]
public sealed class GetKubeVirtMetricDefinitionCommand : PSCmdlet
{
    /// <summary>Wildcards on the module's or the raw name.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(MetricNameCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Name { get; set; } = ["*"];

    /// <summary>The components whose metrics are wanted.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public ComponentKind[]? Component { get; set; }

    /// <summary>Only what this KubeVirt version has.</summary>
    [Parameter]
    [VersionTransformation]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public KubeVirtVersion? KubeVirtVersion { get; set; }

    /// <summary>Only what the three Datadog Agent checks document.</summary>
    [Parameter]
    public SwitchParameter Documented { get; set; }

    /// <summary>Only what one of these checks of the Agent sends, with the KubeVirt version asked for or with any.</summary>
    [Parameter]
    public AgentCheck[]? AgentCheck { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Name)
        {
            try
            {
                WriteMatches(name);
            }
            catch (WildcardPatternException e)
            {
                WriteError(ErrorRecords.BadPattern(name, e));
            }
        }
    }

    private void WriteMatches(string name)
    {
        WildcardPattern[] pattern = NamePatterns.ToPatterns([name]);
        MetricDefinition[] found = [.. MetricCatalog.Default.Definitions.Where(definition =>
            NamePatterns.IsAnyMatch(pattern, definition.Name) || definition.RawNames.Any(raw => NamePatterns.IsAnyMatch(pattern, raw)))];
        if (found.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name)) WriteError(ErrorRecords.NoSuchMetric(name, MetricNames.All));
        foreach (MetricDefinition definition in found)
        {
            if (IsWanted(definition)) WriteObject(definition);
        }
    }

    private bool IsWanted(MetricDefinition definition) =>
        (Component is null || Component.Contains(definition.Component))
        && (KubeVirtVersion is not { } version || definition.AppliesTo(version))
        && (!Documented || definition.Documented)
        && (AgentCheck is null || definition.AgentSupport.Any(support => AgentCheck.Contains(support.Check) && (KubeVirtVersion is not { } with || support.AppliesTo(with))));
}
