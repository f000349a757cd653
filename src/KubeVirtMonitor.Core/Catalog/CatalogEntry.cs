namespace KubeVirtMonitor.Catalog;

/// <summary>One raw sample name of one component, and what it maps to.</summary>
/// <param name="SampleName">The name on the sample line, such as <c>kubevirt_workqueue_queue_duration_seconds_bucket</c>.</param>
/// <param name="Raw">The raw families with this name, newest first, one per span of versions that treats the value differently; at least one.</param>
/// <param name="Definition">What it maps to.</param>
public sealed record CatalogEntry(string SampleName, IReadOnlyList<RawMetric> Raw, MetricDefinition Definition)
{
    /// <summary>What the same name meant in other KubeVirt versions, or null. KubeVirt 1.1 has the names of two migration rates the wrong way round.</summary>
    public CatalogEntry? Alternative { get; internal set; }

    /// <summary>The meaning of the name in a KubeVirt version; the newest one where the version is unknown (null) or fits none.</summary>
    public CatalogEntry For(KubeVirtVersion? version)
    {
        for (CatalogEntry? entry = Alternative is null ? null : this; entry is not null; entry = entry.Alternative)
        {
            for (int i = 0; i < entry.Raw.Count; i++)
            {
                if (entry.Raw[i].AppliesTo(version)) return entry;
            }
        }

        return this;
    }

    /// <summary>The treatment of the value in a KubeVirt version; the newest one where the version is unknown (null) or fits none.</summary>
    public RawMetric RawFor(KubeVirtVersion? version)
    {
        for (int i = 0; i < Raw.Count; i++)
        {
            if (Raw[i].AppliesTo(version)) return Raw[i];
        }

        return Raw[0];
    }
}
