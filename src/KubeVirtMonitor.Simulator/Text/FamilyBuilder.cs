namespace KubeVirtMonitor.Simulator;

/// <summary>Collects the series of one family and puts them in order.</summary>
internal sealed class FamilyBuilder(string name, string help, string type)
{
    private readonly List<(LabelSet Labels, SeriesValue Value)> _plain = [];
    private readonly List<(LabelSet Labels, Action<LabelSet, List<Series>> Write)> _groups = [];

    public FamilyBuilder Add(SeriesValue value, params IEnumerable<(string Name, string Value)> labels)
    {
        _plain.Add((new LabelSet(labels), value));
        return this;
    }

    /// <summary>Adds a series for each item.</summary>
    public FamilyBuilder AddEach<T>(IEnumerable<T> items, Func<T, SeriesValue> value, Func<T, IEnumerable<(string Name, string Value)>> labels)
    {
        foreach (T item in items) Add(value(item), labels(item));
        return this;
    }

    /// <summary>
    /// Adds a histogram: a count that grows, of which a fixed part of a thousand is in each bucket, with a fixed mean.
    /// </summary>
    /// <param name="shape">Bounds, and for each bound how many of a thousand observations are at or below it.</param>
    /// <param name="start">The count at 0 s.</param>
    /// <param name="perSecond">Observations per second.</param>
    /// <param name="meanNanoseconds">The mean observation; the sum is count × mean.</param>
    /// <param name="labels">The labels.</param>
    public FamilyBuilder AddHistogram(HistogramShape shape, long start, long perSecond, long meanNanoseconds, params IEnumerable<(string Name, string Value)> labels)
    {
        SeriesValue count = SeriesValue.Growing(start, perSecond);
        _groups.Add((new LabelSet(labels), (set, lines) =>
        {
            for (int i = 0; i < shape.Bounds.Length; i++)
            {
                lines.Add(new Series(set.Render(("le", shape.Bounds[i])), count with { Numerator = shape.PerThousand[i], Divisor = 1000 }, SeriesSuffix.Bucket));
            }

            lines.Add(new Series(set.Render(("le", "+Inf")), count, SeriesSuffix.Bucket));
            byte[] labelBlock = set.Render();
            lines.Add(new Series(labelBlock, SeriesValue.Growing(start * meanNanoseconds, perSecond * meanNanoseconds, 9), SeriesSuffix.Sum));
            lines.Add(new Series(labelBlock, count, SeriesSuffix.Count));
        }));
        return this;
    }

    /// <summary>Adds a summary with fixed quantiles, in nanoseconds.</summary>
    public FamilyBuilder AddSummary(IReadOnlyList<(string Quantile, long Nanoseconds)> quantiles, SeriesValue sum, SeriesValue count, params IEnumerable<(string Name, string Value)> labels)
    {
        _groups.Add((new LabelSet(labels), (set, lines) =>
        {
            foreach ((string quantile, long value) in quantiles)
            {
                lines.Add(new Series(set.Render(("quantile", quantile)), SeriesValue.Fixed(value, 9)));
            }

            lines.Add(new Series(set.Render(), sum, SeriesSuffix.Sum));
            lines.Add(new Series(set.Render(), count, SeriesSuffix.Count));
        }));
        return this;
    }

    public MetricFamily Build()
    {
        List<Series> lines = new(_plain.Count);
        foreach ((LabelSet labels, SeriesValue value) in _plain.OrderBy(series => series.Labels)) lines.Add(new Series(labels.Render(), value));
        foreach ((LabelSet labels, Action<LabelSet, List<Series>> write) in _groups.OrderBy(group => group.Labels)) write(labels, lines);
        return new MetricFamily(name, help, type, lines);
    }
}
