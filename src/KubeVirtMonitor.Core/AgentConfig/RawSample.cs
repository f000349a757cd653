namespace KubeVirtMonitor.AgentConfig;

/// <summary>A sample with the labels of its series, while it waits for the rest of its scrape.</summary>
/// <param name="sample">The sample.</param>
/// <param name="labels">Its labels; <c>le</c> is <c>upper_bound</c> already, as the Agent has it.</param>
internal sealed class RawSample(MetricSample sample, List<KeyValuePair<string, string>> labels)
{
    public MetricSample Sample { get; } = sample;

    public List<KeyValuePair<string, string>> Labels { get; } = labels;

    public double Value { get; set; } = sample.Value;
}
