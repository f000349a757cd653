using System.Globalization;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Counts each bucket of a histogram for itself.</summary>
internal static class HistogramBuckets
{
    private const string Upper = "upper_bound";

    /// <summary>Takes from each bucket what the one below it holds, and adds the label <c>lower_bound</c>.</summary>
    public static void Decumulate(IEnumerable<RawSample> samples)
    {
        foreach (IGrouping<string, RawSample> histogram in samples.Where(sample => sample.Sample.Family.Suffix == ".bucket").GroupBy(KeyOf))
        {
            double below = 0;
            string? lower = null;
            foreach (RawSample bucket in histogram.OrderBy(BoundOf).ToArray())
            {
                bucket.Labels.Add(new("lower_bound", lower ?? (BoundOf(bucket) > 0 ? "0" : "-Inf")));
                bucket.Value -= below;
                below += bucket.Value;
                lower = TextOf(bucket);
            }
        }
    }

    private static string KeyOf(RawSample sample) =>
        string.Join('\n', sample.Labels.Where(label => label.Key != Upper).Select(label => $"{label.Key}={label.Value}").Order(StringComparer.Ordinal).Prepend(sample.Sample.RawName));

    private static string? TextOf(RawSample bucket) => bucket.Labels.Find(label => label.Key == Upper).Value;

    private static double BoundOf(RawSample bucket) => TextOf(bucket) switch
    {
        "+Inf" or "Inf" => double.PositiveInfinity,
        { } text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double bound) => bound,
        _ => double.NaN,
    };
}
