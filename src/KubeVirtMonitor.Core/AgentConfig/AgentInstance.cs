using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>An instance of a configuration: a target, how it is reached, and how its samples are changed.</summary>
internal sealed class AgentInstance
{
    internal AgentInstance(int number, AgentCheck check, ScrapeTarget target, ScrapeOptions options, ScrapeOptions? healthOptions, MetricRules metrics, LabelRules labels)
    {
        Number = number;
        Check = check;
        HealthOptions = healthOptions;
        Target = target;
        Options = options;
        Metrics = metrics;
        Labels = labels;
    }

    /// <summary>Its place in the file, from 1.</summary>
    public int Number { get; }

    /// <summary>The target, with the tags of the instance.</summary>
    public ScrapeTarget Target { get; }

    /// <summary>Which check of the Agent it is of.</summary>
    public AgentCheck Check { get; }

    /// <summary>How the scrape is made.</summary>
    internal ScrapeOptions Options { get; }

    /// <summary>How the health request is made; null where there is none.</summary>
    internal ScrapeOptions? HealthOptions { get; }

    internal MetricRules Metrics { get; }

    internal LabelRules Labels { get; }
}
