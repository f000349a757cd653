using System.Text;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Prometheus;

namespace KubeVirtMonitor.History;

/// <summary>Makes samples of what a query of a user's own gives: as the server has it, with all labels as tags.</summary>
/// <param name="server">The address of the server, without secrets.</param>
/// <param name="expression">The query.</param>
/// <param name="session">The session whose server it is; null = none.</param>
/// <param name="isRange">Whether it was asked at several moments.</param>
internal sealed class QuerySamples(string server, string expression, KubeVirtSession? session, bool isRange)
{
    private static readonly string[] Cumulative = ["_total", "_bucket", "_count", "_sum"];

    private readonly Dictionary<string, MetricDefinition?> _known = new(StringComparer.Ordinal);

    /// <summary>The samples of a series, in the order of its points. A series of an instant query that has several is of a range too.</summary>
    /// <param name="series">The series; nothing of it is kept.</param>
    public IReadOnlyList<MetricSample> Of(QuerySeries series)
    {
        ReadOnlySpan<QueryPoint> points = series.Points.Span;
        if (points.IsEmpty || series.Text is not null) return [];
        string? name = series["__name__"];
        MetricDefinition? known = name is null ? null : Find(name);
        string? cluster = SeriesOrigin.ClusterLabels.Select(label => series[label]).FirstOrDefault(static value => value is { Length: > 0 });
        SeriesDescriptor descriptor = new()
        {
            Context = new ScrapeContext
            {
                Target = server,
                Timestamp = DateTimeOffset.FromUnixTimeMilliseconds(points[0].Milliseconds),
                FixedTags = new TagSet([.. series.Labels.Where(static label => label.Key != "__name__")]),
                Machine = MachineOf(series, name),
                Origin = session is null || cluster is not null ? null : new SampleOrigin(session, null),
                Cluster = cluster,
            },
            Name = name ?? expression,
            RawName = name ?? expression,
            Kind = name is not null && Array.Exists(Cumulative, name.EndsWith) && known?.Kind != MetricKind.Gauge ? MetricKind.Count : MetricKind.Gauge,
            Description = known?.Description,
        };
        bool isStored = isRange || points.Length > 1;
        MetricSample[] samples = new MetricSample[points.Length];
        for (int i = 0; i < points.Length; i++)
        {
            long ticks = isStored ? DateTimeOffset.FromUnixTimeMilliseconds(points[i].Milliseconds).Ticks : 0;
            samples[i] = isStored ? new StoredSample(descriptor, -1, points[i].Value, ticks) : new QueriedSample(descriptor, -1, points[i].Value, ticks);
        }

        return samples;
    }

    // What a query has summed up by name and namespace is of that machine; what is scraped is so only where KubeVirt means a machine by the name.
    private static MachineIdentity MachineOf(QuerySeries series, string? name)
    {
        MachineLabels labels = name is null ? MachineLabels.Machine : MachineFacts.Of(name);
        string? vmi = labels == MachineLabels.Machine ? Value(series, "vmi") ?? Value(series, "name") ?? Value(series, "vm_name") : null;
        string? space = vmi is not null || labels == MachineLabels.Namespace || name is null ? Value(series, "vm_namespace") ?? Value(series, "exported_namespace") ?? Value(series, "namespace") : null;
        return new MachineIdentity(space, vmi, Value(series, "exported_node") ?? Value(series, "node"));
    }

    private static string? Value(QuerySeries series, string label) => series[label] is { Length: > 0 } value and not "<none>" ? value : null;

    private MetricDefinition? Find(string name)
    {
        if (_known.TryGetValue(name, out MetricDefinition? known)) return known;
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        known = Enum.GetValues<ComponentKind>().Select(component => MetricCatalog.Default.Find(component, bytes)?.Definition).FirstOrDefault(static definition => definition is not null);
        _known.Add(name, known);
        return known;
    }
}
