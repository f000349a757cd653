using KubeVirtMonitor.Catalog;

namespace KubeVirtMonitor.Mapping;

/// <summary>Determines the KubeVirt version of a scrape: from the scrape, or else from the user, or else from its names.</summary>
internal sealed class VersionTracker(KubeVirtVersion? userVersion, bool isCertain = false)
{
    private static readonly KubeVirtVersion FirstWithoutNone = new(1, 6);

    private KubeVirtVersion? _lowest;
    private KubeVirtVersion? _below;

    /// <summary>The version the scrape itself names.</summary>
    public KubeVirtVersion? Stated { get; private set; }

    /// <summary>The best answer so far.</summary>
    public KubeVirtVersion? Version => Stated ?? userVersion ?? _lowest;

    /// <summary>Where <see cref="Version"/> comes from.</summary>
    public VersionSource Source =>
        Stated is not null ? VersionSource.Scrape
        : userVersion is not null ? VersionSource.User
        : _lowest is not null ? VersionSource.Inferred
        : VersionSource.None;

    /// <summary>Takes the label <c>kubeversion</c> of <c>kubevirt_info</c>; development builds say nothing.</summary>
    public void State(string? label)
    {
        if (KubeVirtVersion.TryParse(label, out KubeVirtVersion version)) Stated = version;
    }

    /// <summary>Takes a name that occurs: it narrows the versions the scrape can be of.</summary>
    public void Observe(CatalogEntry entry)
    {
        KubeVirtVersion? since = entry.Raw[0].Since;
        KubeVirtVersion? until = entry.Raw[0].Until;
        for (int i = 0; i < entry.Raw.Count; i++)
        {
            RawMetric raw = entry.Raw[i];
            since = since is null || raw.Since is null ? null : Min(since.Value, raw.Since.Value);
            until = until is null || raw.Until is null ? null : Max(until.Value, raw.Until.Value);
        }

        if (since is { } first && (_lowest is null || first > _lowest)) _lowest = first;
        if (until is { } end && (_below is null || end < _below)) _below = end;
    }

    /// <summary>Takes the placeholder that KubeVirt before 1.6 writes for absent label values.</summary>
    public void ObserveNone()
    {
        if (_below is null || _below > FirstWithoutNone) _below = FirstWithoutNone;
    }

    /// <summary>
    /// The raw metric whose reading applies, or null where the version is not known well enough to choose between readings.
    /// </summary>
    public RawMetric? Choose(CatalogEntry entry)
    {
        if ((Stated ?? userVersion) is { } version)
        {
            return entry.RawFor(version);
        }

        RawMetric? only = null;
        for (int i = 0; i < entry.Raw.Count; i++)
        {
            RawMetric raw = entry.Raw[i];
            if (!IsPossible(raw)) continue;
            if (only is not null && !only.Divisor.Equals(raw.Divisor)) return null;
            only ??= raw;
        }

        return only ?? entry.Raw[0];
    }

    /// <summary>Whether nothing that may still come in the scrape changes what an entry means.</summary>
    public bool IsSettled(CatalogEntry entry)
    {
        if (isCertain || Stated is not null) return true;
        RawMetric? first = null;
        MetricDefinition? meaning = null;
        for (CatalogEntry? candidate = entry; candidate is not null; candidate = candidate.Alternative)
        {
            for (int i = 0; i < candidate.Raw.Count; i++)
            {
                RawMetric raw = candidate.Raw[i];
                if (!IsPossible(raw)) continue;
                first ??= raw;
                meaning ??= candidate.Definition;
                if (!first.Divisor.Equals(raw.Divisor) || meaning != candidate.Definition) return false;
            }
        }

        return true;
    }

    private bool IsPossible(RawMetric raw) =>
        (raw.Until is not { } until || _lowest is not { } lowest || lowest < until)
        && (raw.Since is not { } since || _below is not { } below || since < below);

    private static KubeVirtVersion Min(KubeVirtVersion left, KubeVirtVersion right) => left < right ? left : right;

    private static KubeVirtVersion Max(KubeVirtVersion left, KubeVirtVersion right) => left > right ? left : right;
}

/// <summary>How the KubeVirt version of a scrape is known.</summary>
internal enum VersionSource
{
    /// <summary>Not known at all.</summary>
    None,

    /// <summary>The scrape says so (<c>kubevirt_info</c>).</summary>
    Scrape,

    /// <summary>The user says so.</summary>
    User,

    /// <summary>Inferred from which names are present: the lowest version that has them all.</summary>
    Inferred,
}
