using KubeVirtMonitor.Exposition;
using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor;

/// <content>Where a sample comes from, for those who give it other names and tags.</content>
public sealed partial class MetricSample
{
    /// <summary>The labels' place in the table of the target; negative where the sample has none.</summary>
    internal int LabelIndex => _labels;

    /// <summary>The time on the line; 0 where it has none.</summary>
    internal long Ticks => _explicitTicks;

    /// <summary>How labels became tags.</summary>
    internal TagRules? Rules => _descriptor.Context.Rules ?? _descriptor.Context.FixedTags?.Rules;

    /// <summary>Whether it was counted and not read, so that it has tags and no labels.</summary>
    internal bool IsRebuilt => _descriptor.Context.FixedTags is not null;

    /// <summary>The family and the Agent's ending, see <see cref="SampleFamily"/>.</summary>
    internal (string Family, string Suffix) Family => IsRebuilt ? (PhaseCounter.RebuiltName, "") : SampleFamily.Of(RawName, _descriptor.Type);

    /// <summary>The labels as the endpoint has them; for a rebuilt sample, its tags. Only to be called while its scrape is being read.</summary>
    internal List<KeyValuePair<string, string>> ReadLabels()
    {
        if (IsRebuilt) return [.. Tags.Where(tag => Rules?.IsReplaced(tag.Key) != true)];
        List<KeyValuePair<string, string>> read = [];
        if (_labels < 0) return read;
        LabelReader labels = new(_descriptor.Context.Labels!.Blocks.Get(_labels));
        while (labels.Read()) read.Add(new(LabelText.Unescape(labels.Name), LabelText.Unescape(labels.Value)));
        return read;
    }

    /// <summary>The same sample at another time.</summary>
    internal MetricSample At(long ticks) => new(_descriptor, _labels, Value, ticks);

    /// <summary>The same sample under another name and with other tags.</summary>
    internal MetricSample With(string name, MetricKind kind, double value, TagSet tags) =>
        new(_descriptor.For(_descriptor.Context.With(tags), name, kind), -1, value, _explicitTicks);
}
