using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>An instance of a configuration: a target, how it is reached, and how its samples are changed.</summary>
internal sealed class AgentInstance
{
    internal AgentInstance(int number, ScrapeTarget target, ScrapeOptions options, MetricRules metrics, LabelRules labels)
    {
        Number = number;
        Target = target;
        Options = options;
        Metrics = metrics;
        Labels = labels;
    }

    /// <summary>Its place in the file, from 1.</summary>
    public int Number { get; }

    /// <summary>The target, with the tags of the instance.</summary>
    public ScrapeTarget Target { get; }

    internal ScrapeOptions Options { get; }

    internal MetricRules Metrics { get; }

    internal LabelRules Labels { get; }
}
