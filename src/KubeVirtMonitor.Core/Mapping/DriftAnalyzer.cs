using System.Text;
using KubeVirtMonitor.Catalog;

namespace KubeVirtMonitor.Mapping;

/// <summary>Compares a scrape with what the catalogue promises for its component and KubeVirt version.</summary>
public static class DriftAnalyzer
{
    /// <summary>Compares.</summary>
    /// <param name="scrape">What a reading of the scrape found.</param>
    /// <param name="version">The KubeVirt version to compare with; null = the scrape's own, and where that is unknown, all versions.</param>
    /// <param name="component">The component to compare with; null = the scrape's own.</param>
    /// <returns>
    /// One object for each metric that is promised (in the order of the catalogue), then one for each sample name that the catalogue does not know
    /// (in the order of the scrape). Every documented metric of the component is among them, with a reason where it is absent.
    /// </returns>
    /// <exception cref="ArgumentException">The component is neither given nor recognised.</exception>
    public static IReadOnlyList<MetricDrift> Compare(ScrapeSummary scrape, KubeVirtVersion? version = null, ComponentKind? component = null)
    {
        ArgumentNullException.ThrowIfNull(scrape);
        ComponentKind known = component ?? scrape.Component
            ?? throw new ArgumentException($"The component that '{scrape.Target}' comes from is neither given nor recognised from its content.", nameof(scrape));
        return new Comparison(scrape, known, version ?? scrape.Version, version is null ? scrape.VersionSource : VersionSource.User).Run();
    }

    /// <summary>What the scrape has of one metric.</summary>
    private sealed class Sighting(CatalogEntry entry, FamilyObservation family)
    {
        public CatalogEntry Entry { get; } = entry;

        public string Type { get; } = family.Type;

        public long Series { get; set; }
    }

    private sealed class Comparison(ScrapeSummary scrape, ComponentKind component, KubeVirtVersion? version, VersionSource source)
    {
        private readonly Dictionary<MetricDefinition, Sighting> _seen = [];
        private readonly List<MetricDrift> _result = [];

        public List<MetricDrift> Run()
        {
            List<MetricDrift> unmapped = [];
            foreach (FamilyObservation family in scrape.Families)
            {
                if (MetricCatalog.Default.Find(component, Encoding.UTF8.GetBytes(family.SampleName), version) is not { } entry)
                {
                    unmapped.Add(Unmapped(family));
                    continue;
                }

                if (!_seen.TryGetValue(entry.Definition, out Sighting? sighting)) _seen.Add(entry.Definition, sighting = new Sighting(entry, family));
                sighting.Series += family.Series;
            }

            DriftReasons reasons = new(component, version, source, _seen.Keys);
            foreach (MetricDefinition definition in MetricCatalog.Default.Definitions)
            {
                if (definition.Component == component) Promised(definition, reasons);
            }

            _result.AddRange(unmapped);
            return _result;
        }

        private void Promised(MetricDefinition definition, DriftReasons reasons)
        {
            if (_seen.TryGetValue(definition, out Sighting? sighting))
            {
                RawMetric raw = sighting.Entry.RawFor(version);
                bool same = string.Equals(sighting.Type, raw.Type, StringComparison.Ordinal);
                string? reason = same ? reasons.OfOtherVersion(definition, raw) : DriftReasons.OfType(raw.Type, sighting.Type);
                _result.Add(Drift(definition, same ? DriftStatus.Present : DriftStatus.TypeDiffers, reason, raw, sighting.Type, sighting.Series));
            }
            else if (definition.DerivedFrom is { } derivedFrom && Serves(derivedFrom))
            {
                _result.Add(Drift(definition, DriftStatus.Present, $"Counted from {derivedFrom}, since KubeVirt made it a recording rule.", new RawMetric(derivedFrom, "gauge", null, null, 1), "gauge", null));
            }
            else if (definition.AppliesTo(version))
            {
                // Where the version is unknown, names that the newest KubeVirt no longer has are no promise.
                if (version is null && definition.UntilVersion is not null && !definition.Documented) return;
                bool endpoint = definition.RawMetrics.Count > 0;
                _result.Add(Drift(definition, endpoint ? DriftStatus.Missing : DriftStatus.NotOnEndpoint, reasons.OfMissing(definition), Expected(definition), null, 0));
            }
            else if (definition.Documented)
            {
                _result.Add(Drift(definition, DriftStatus.NotInVersion, reasons.OfMissing(definition), definition.RawMetrics[0], null, 0));
            }
        }

        private bool Serves(string sampleName)
        {
            foreach (Sighting sighting in _seen.Values)
            {
                if (sighting.Entry.SampleName == sampleName) return true;
            }

            return false;
        }

        private RawMetric? Expected(MetricDefinition definition)
        {
            foreach (RawMetric raw in definition.RawMetrics)
            {
                if (raw.AppliesTo(version)) return raw;
            }

            return definition.DerivedFrom is { } derivedFrom ? new RawMetric(derivedFrom, "gauge", null, null, 1) : null;
        }

        private MetricDrift Drift(MetricDefinition definition, DriftStatus status, string? reason, RawMetric? raw, string? actualType, long? series) => new()
        {
            Name = definition.Name,
            Status = status,
            Reason = reason,
            Component = component,
            RawName = raw?.Name,
            ExpectedType = raw?.Type,
            ActualType = actualType,
            Version = version,
            Series = series,
            Documented = definition.Documented,
            Target = scrape.Target,
        };

        private MetricDrift Unmapped(FamilyObservation family) => new()
        {
            Name = family.SampleName,
            Status = DriftStatus.Unmapped,
            Reason = DriftReasons.OfUnmapped(family.SampleName, component),
            Component = component,
            RawName = family.SampleName,
            ActualType = family.Type,
            Version = version,
            Series = family.Series,
            Target = scrape.Target,
        };
    }
}
