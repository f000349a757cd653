using System.Globalization;
using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Gives the samples of one scrape the names and tags that an instance asks for. Not for two threads at once.</summary>
/// <param name="mapping">What the user of this module asks for: names and tags that are wanted, and whether families that nobody knows are.</param>
internal sealed class SampleRewriter(AgentInstance instance, MappingOptions mapping)
{
    private readonly MetricRules _metrics = instance.Metrics;
    private readonly LabelRules _labels = instance.Labels;
    private readonly SharedLabels _shared = new(instance.Labels.Shared);
    private readonly List<RawSample> _waiting = [];
    private readonly Dictionary<string, string> _firstSuffixes = new(StringComparer.Ordinal);
    private long _sent;
    private long _left;

    /// <summary>Whether samples have to wait for the end of the scrape, since what becomes of one depends on all.</summary>
    private bool Waits => _metrics.Decumulate || _labels.Shared.Count > 0;

    /// <summary>Takes a sample while its scrape is being read.</summary>
    /// <returns>The sample as it is wanted; null where it is not, or not yet.</returns>
    public MetricSample? Take(MetricSample sample)
    {
        RawSample raw = new(sample, Normalise(sample.ReadLabels()));
        if (!Waits) return Finish(raw);
        _shared.Collect(sample.Family.Family, raw.Labels, sample.Value);
        _waiting.Add(raw);
        return null;
    }

    /// <summary>The samples that waited.</summary>
    public IEnumerable<MetricSample> Complete()
    {
        foreach (RawSample raw in _waiting) _shared.Populate(raw.Labels);
        if (_metrics.Decumulate) HistogramBuckets.Decumulate(_waiting);
        foreach (RawSample raw in _waiting)
        {
            if (Finish(raw) is { } sample) yield return sample;
        }
    }

    /// <summary>What became of the limit, as sentences.</summary>
    /// <param name="target">The target.</param>
    public IEnumerable<string> Warnings(string target) =>
        _left == 0 ? [] : [$"{target}: {_left} samples are omitted, since the Agent sends only {_metrics.Limit} of this instance in one run. Set max_returned_metrics to more, such as 1000000."];

    private static List<KeyValuePair<string, string>> Normalise(List<KeyValuePair<string, string>> labels)
    {
        int bound = labels.FindIndex(label => label.Key == "le");
        if (bound >= 0) labels[bound] = new("upper_bound", labels[bound].Value);
        return labels;
    }

    private MetricSample? Finish(RawSample raw)
    {
        MetricSample sample = raw.Sample;
        (string family, string suffix) = sample.Family;
        if (_metrics.IsExcluded(family) || (suffix == ".bucket" && !_metrics.WithBuckets)) return null;
        if (NameOf(sample, family, suffix) is not { } name || !_metrics.IsNameWanted(name.Name)) return null;
        if (_metrics.Limit is not null && !IsWithinLimit(raw)) return null;
        if (mapping.NameFilter?.Invoke(name.Name, sample.RawName) == false) return null;
        if (mapping.MachineFilter?.Invoke(sample.ReadMachine()) == false) return null;
        TagSet? tags = TagsOf(raw);
        if (tags is null || mapping.TagFilter?.Invoke(tags) == false) return null;
        return sample.With(name.Name, name.Kind, raw.Value, tags);
    }

    private (string Name, MetricKind Kind)? NameOf(MetricSample sample, string family, string suffix)
    {
        // What was counted from other families is on no endpoint, so no entry is for it.
        if (_metrics.Names is { } names && !sample.IsRebuilt && names.Find(family, suffix, sample.IsTyped, _firstSuffixes) is { } own) return mapping.Raw ? (sample.Name, sample.Kind) : own;
        bool isUnknown = sample.Name == sample.RawName;
        return _metrics.OnlyNamed || (isUnknown && !mapping.IncludeUnmapped && !mapping.Raw) ? null : (sample.Name, sample.Kind);
    }

    // The Agent sends neither a bucket +Inf nor a value that is no finite number, and counts what is left of the labels.
    private bool IsWithinLimit(RawSample raw)
    {
        if (raw.Labels.Exists(label => _labels.ExcludesSeries(label.Key, label.Value))) return false;
        bool isSent = double.IsFinite(raw.Sample.Value) && !raw.Labels.Exists(label => label is { Key: "upper_bound", Value: "+Inf" or "Inf" });
        if (_sent >= _metrics.Limit)
        {
            if (isSent) _left++;
            return false;
        }

        if (isSent) _sent++;
        return true;
    }

    private TagSet? TagsOf(RawSample raw)
    {
        TagRules rules = raw.Sample.Rules!;
        List<KeyValuePair<string, string>> tags = [];
        string? host = null;
        foreach ((string label, string value) in raw.Labels)
        {
            if (_labels.ExcludesSeries(label, value)) return null;
            if (label == _labels.HostnameLabel) host = LabelRulesReader.Host(_labels, value);
            if (!_labels.IsTag(label) || (rules.DropAbsent && value is "" or "<none>")) continue;
            string key = _labels.Renames.TryGetValue(label, out string? renamed) ? renamed : _labels.OnlyRenames ? label : rules.Rename(label);
            if (mapping.Raw && key == "upper_bound") key = "le";
            if (!rules.IsReplaced(key)) tags.Add(new(key, value));
        }

        if (host is not null)
        {
            tags.RemoveAll(tag => tag.Key == "host");
            tags.Add(new("host", host));
        }

        tags.AddRange(rules.Extra.Where(tag => _labels.WithEndpoint || tag.Key != "endpoint"));
        return new TagSet(tags);
    }
}

/// <summary>A sample with the labels of its series, while it waits for the rest of its scrape.</summary>
/// <param name="labels">Its labels; <c>le</c> is <c>upper_bound</c> already, as the Agent has it.</param>
internal sealed class RawSample(MetricSample sample, List<KeyValuePair<string, string>> labels)
{
    public MetricSample Sample { get; } = sample;

    public List<KeyValuePair<string, string>> Labels { get; } = labels;

    public double Value { get; set; } = sample.Value;
}

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
