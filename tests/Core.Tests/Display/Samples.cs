using KubeVirtMonitor.Catalog;

namespace KubeVirtMonitor.Tests.Display;

internal static class Samples
{
    public static MetricSample Of(string name, double value) =>
        MetricSample.Create(MetricCatalog.Default.Find(name)!, value, TagSet.Empty, "test", DateTimeOffset.UnixEpoch);

    public static TagSet Tags(string pairs) =>
        new(pairs.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).Select(pair => new KeyValuePair<string, string>(pair[0], pair[1])));
}
