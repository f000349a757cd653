using KubeVirtMonitor.Exposition;

namespace KubeVirtMonitor.Mapping;

/// <summary>Takes the name of a sample apart, as the Datadog Agent does.</summary>
internal static class SampleFamily
{
    /// <summary>The family, of a counter without <c>_total</c>, and what the Agent puts behind the metric's name for the sample: <c>.count</c>, <c>.bucket</c> and their like, or nothing.</summary>
    /// <param name="rawName">The name on the endpoint.</param>
    /// <param name="type">The type of the family.</param>
    public static (string Family, string Suffix) Of(string rawName, MetricType type) => type switch
    {
        MetricType.Counter => (Cut(rawName, "_total") ?? rawName, ".count"),
        MetricType.Histogram when Cut(rawName, "_bucket") is { } family => (family, ".bucket"),
        MetricType.Histogram or MetricType.Summary when Cut(rawName, "_sum") is { } family => (family, ".sum"),
        MetricType.Histogram or MetricType.Summary when Cut(rawName, "_count") is { } family => (family, ".count"),
        MetricType.Summary => (rawName, ".quantile"),
        _ => (rawName, ""),
    };

    private static string? Cut(string name, string end) => name.EndsWith(end, StringComparison.Ordinal) ? name[..^end.Length] : null;
}
