using KubeVirtMonitor.Catalog;

namespace KubeVirtMonitor.Scraping;

/// <summary>The metric that the health check yields: <c>kubevirt_api.can_connect</c> and its like.</summary>
public static class CanConnect
{
    /// <summary>Makes the sample: 1 where the health address answered with success, else 0.</summary>
    /// <param name="result">What the health check gave; <see cref="HealthCheckResult.Error"/> is the reason of a 0.</param>
    /// <param name="target">Whose health it is.</param>
    /// <param name="component">The component, given or recognised.</param>
    /// <param name="catalog">Where the metric is defined; null = the module's catalogue.</param>
    /// <returns>The sample, with the health address as <c>endpoint</c>; null where the catalogue has no such metric for the component.</returns>
    public static MetricSample? ToSample(HealthCheckResult result, ScrapeTarget target, ComponentKind component, MetricCatalog? catalog = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(target);
        MetricDefinition? definition = (catalog ?? MetricCatalog.Default).Definitions
            .FirstOrDefault(known => known.Component == component && known.Name.EndsWith(".can_connect", StringComparison.Ordinal));
        if (definition is null) return null;
        List<KeyValuePair<string, string>> tags = [new("endpoint", result.Target)];
        if (target.PodName is { } pod) tags.Add(new("pod_name", pod));
        if (target.KubeNamespace is { } ns) tags.Add(new("kube_namespace", ns));
        foreach (KeyValuePair<string, string> tag in target.AddTags)
        {
            tags.RemoveAll(other => other.Key == tag.Key);
            tags.Add(tag);
        }

        return MetricSample.Create(definition, result.CanConnect ? 1 : 0, new TagSet(tags), result.Target, result.Timestamp);
    }
}
