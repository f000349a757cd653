using System.Management.Automation;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Commands;

/// <summary>Writes the differences between a scrape and the catalogue.</summary>
[Cmdlet(VerbsData.Compare, "KubeVirtMetric", DefaultParameterSetName = ParameterSets.Session)]
[OutputType(typeof(MetricDrift))]
public sealed class CompareKubeVirtMetricCommand : ScrapeCommand
{
    /// <summary>Also what is promised and there.</summary>
    [Parameter]
    public SwitchParameter IncludeEqual { get; set; }

    // Which names occur is all that matters, so no sample has to be made.
    /// <inheritdoc/>
    internal override MappingOptions CreateMapping() => base.CreateMapping() with { NameFilter = static (_, _) => false };

    /// <inheritdoc/>
    internal override void TakeSample(MetricSample sample)
    {
    }

    /// <inheritdoc/>
    internal override void TakeResult(ScrapeResult result)
    {
        // What a body that broke off lacks says nothing of the endpoint.
        if (result.Error is not null || result.Summary is not { } summary) return;
        try
        {
            foreach (MetricDrift drift in DriftAnalyzer.Compare(summary, KubeVirtVersion, OneComponent))
            {
                if (IncludeEqual || drift.Status != DriftStatus.Present) WriteObject(Advice.In(drift));
            }
        }
        catch (ArgumentException e)
        {
            WriteError(ErrorRecords.UnknownComponent(result.Target.Name, e));
        }
    }
}
