namespace KubeVirtMonitor;

/// <summary>What scrapes the components of KubeVirt.</summary>
public enum AgentTool
{
    /// <summary>The Datadog Agent: annotations on the pods of the components, by patches in the KubeVirt resource.</summary>
    Datadog,

    /// <summary>The Prometheus operator: a PodMonitor for each component.</summary>
    Prometheus,

    /// <summary>An OpenTelemetry Collector: the scrape configuration of its Prometheus receiver.</summary>
    OpenTelemetry,
}
