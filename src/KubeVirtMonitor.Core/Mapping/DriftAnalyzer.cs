using System.Numerics;
using System.Text;
using KubeVirtMonitor.Catalog;

namespace KubeVirtMonitor.Mapping;

/// <summary>Compares a scrape with the metrics that the catalogue expects for its component and KubeVirt version.</summary>
internal static class DriftAnalyzer
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
        ComponentKind known = component ?? scrape.Component
            ?? throw new ArgumentException($"The component that '{scrape.Target}' comes from is neither specified nor recognised from its content.", nameof(scrape));
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

/// <summary>Says why a scrape lacks a metric, or has another than expected: the most specific reason that the rest of the scrape supports.</summary>
internal sealed class DriftReasons
{
    private readonly string _executable;
    private readonly KubeVirtVersion? _version;
    private readonly string _versionText;
    private readonly bool _leading;
    private readonly bool _anyVm;
    private readonly bool _anyVmi;
    private readonly bool _anyNodeVmi;
    private readonly bool _anyBalloon;

    /// <summary>Takes what the scrape has as evidence of what the component is doing.</summary>
    public DriftReasons(ComponentKind component, KubeVirtVersion? version, VersionSource source, IEnumerable<MetricDefinition> seen)
    {
        _executable = ComponentFacts.NameOf(component);
        _version = version;
        _versionText = source == VersionSource.Inferred ? $"{version} (inferred from the names in the scrape)" : $"{version}";
        bool leaderRegisters = version >= new KubeVirtVersion(1, 4);
        foreach (MetricDefinition definition in seen)
        {
            MetricPresence presence = definition.Presence;
            if (presence == MetricPresence.Leader && !leaderRegisters) continue;
            _anyVm |= presence is >= MetricPresence.Vm and <= MetricPresence.VmNic;
            _anyVmi |= presence is >= MetricPresence.Vmi and <= MetricPresence.Hotplug;
            _anyNodeVmi |= presence is >= MetricPresence.NodeVmi and <= MetricPresence.Nic;
            _anyBalloon |= presence == MetricPresence.Balloon;
            _leading |= presence is >= MetricPresence.Leader and <= MetricPresence.Snapshot and not MetricPresence.Migrations;
        }
    }

    /// <summary>Why a promised or documented metric is not in the scrape.</summary>
    public string OfMissing(MetricDefinition definition)
    {
        if (_version is { } version && !definition.AppliesTo(version))
        {
            if (definition.SinceVersion is { } since && version < since) return $"KubeVirt {since} added it; the scrape is of {_versionText}.";
            if (definition.UntilVersion is { } until && version >= until) return $"KubeVirt {until} removed it; the scrape is of {_versionText}.";
            return $"KubeVirt {_versionText} does not have it, although versions before and after it do.";
        }

        string reason = OfPresence(definition.Presence);
        if (_version is null && definition.SinceVersion is { } added)
            return $"KubeVirt {added} added it, and the version of this scrape is not known. If it is not older: {char.ToLowerInvariant(reason[0])}{reason[1..]}";
        if (definition.DerivedFrom is not { } derivedFrom) return reason;
        return _version is { } v && HasOwnFamily(definition, v)
            ? reason
            : $"KubeVirt 1.3 made it a recording rule, which is on no endpoint. It is counted from {derivedFrom}, and the scrape has none. {reason}";
    }

    /// <summary>A remark on a metric whose family in the scrape is not the one of the version compared with, or null.</summary>
    public string? OfOtherVersion(MetricDefinition definition, RawMetric found)
    {
        if (_version is not { } version || found.AppliesTo(version)) return null;
        foreach (RawMetric raw in definition.RawMetrics)
        {
            if (raw.AppliesTo(version)) return $"KubeVirt {_versionText} names it {raw.Name}; the scrape has {found.Name}, the name of another version.";
        }

        return $"KubeVirt {_versionText} is not known to have it; the scrape has {found.Name}, the name of another version.";
    }

    /// <summary>What it means that a type differs.</summary>
    public static string OfType(string expected, string actual) => actual == "untyped"
        ? $"The scrape has no TYPE line for it; a {expected} is expected, and it is read as one."
        : $"The scrape types it {actual}; a {expected} is expected.";

    /// <summary>Why a name in the scrape has no definition.</summary>
    public static string OfUnmapped(string sampleName, ComponentKind component)
    {
        if (sampleName == "kubevirt_info") return "It shows the version of KubeVirt and is not a metric.";
        uint others = MetricCatalog.Default.ComponentsOf(Encoding.UTF8.GetBytes(sampleName)) & ~(1u << (int)component);
        if (others != 0) return $"{ComponentFacts.NameOf((ComponentKind)BitOperations.TrailingZeroCount(others))} serves it, {ComponentFacts.NameOf(component)} does not. Is the component right?";
        const string Created = "_created";
        if (sampleName.EndsWith(Created, StringComparison.Ordinal) && KnowsFamily(sampleName[..^Created.Length]))
            return "OpenMetrics adds it to show when the series began.";
        return MetricDrift.NotInCatalogue;
    }

    private static bool KnowsFamily(string family) =>
        MetricCatalog.Default.ComponentsOf(Encoding.UTF8.GetBytes(family)) != 0
        || MetricCatalog.Default.ComponentsOf(Encoding.UTF8.GetBytes(family + "_total")) != 0;

    private static bool HasOwnFamily(MetricDefinition definition, KubeVirtVersion version)
    {
        foreach (RawMetric raw in definition.RawMetrics)
        {
            if (raw.AppliesTo(version)) return true;
        }

        return false;
    }

    private string OfPresence(MetricPresence presence) => presence switch
    {
        MetricPresence.Health => "No metrics endpoint serves it: it is the result of the health check.",
        MetricPresence.KubernetesApi => "No metrics endpoint serves it: it is counted from the objects that the Kubernetes API lists.",
        MetricPresence.Request => $"It appears after the first request of {_executable} to the Kubernetes API, and the scrape shows none.",
        MetricPresence.Queue => $"It appears once {_executable} works on its queues, and the scrape shows none.",
        MetricPresence.Sync => $"It appears once {_executable} has written a change of a VMI to the Kubernetes API, and each series ends with its VMI.",
        MetricPresence.Connection => "It appears after the first VNC, console, USB or port forwarding connection through this virt-api replica.",
        MetricPresence.Created => "It appears after the first VM was created through this virt-api replica.",
        MetricPresence.Leader when _leading => "The leading replica serves it, and the scrape seems to come from the leader.",
        MetricPresence.Leader => "Since KubeVirt 1.4 only the leading replica serves it: this replica may be a standby.",
        MetricPresence.Migrations when _version is { } version && version < new KubeVirtVersion(1, 2) => "Before KubeVirt 1.2 it appears only while the cluster has a migration object.",
        MetricPresence.Never => "KubeVirt 1.9 defines it but never exposes it.",
        >= MetricPresence.Leader and <= MetricPresence.Snapshot when OfCluster(presence) is { } reason => reason,
        >= MetricPresence.NodeVmi and <= MetricPresence.Nic => OfNode(presence),
        MetricPresence.Migrating => "It appears while a VMI migrates away from this node.",
        MetricPresence.MachineType => "It appears on nodes that still offer a deprecated machine type.",
        MetricPresence.Panic => "It appears after the first crash of a guest that this virt-handler saw.",
        _ => $"Every {_executable} serves it, so the scrape may be truncated or filtered.",
    };

    /// <summary>The reason for what only the leading virt-controller serves, or null.</summary>
    private string? OfCluster(MetricPresence presence)
    {
        bool ofVm = presence is >= MetricPresence.Vm and <= MetricPresence.VmNic or MetricPresence.Snapshot;
        bool ofVmi = presence is >= MetricPresence.Vmi and <= MetricPresence.Hotplug;
        if (!_leading && presence != MetricPresence.Migrations)
        {
            string series = ofVm ? "It is served for each VM" : ofVmi ? "It is served for each VMI" : "It is served";
            return $"{series} by the leading virt-controller only. The scrape has no such series: this replica may be a standby, or the cluster has no {(ofVm ? "VM" : "VMI")}.";
        }

        return presence switch
        {
            MetricPresence.VmDisk when _anyVm => "No VM has a disk with a persistent volume claim.",
            MetricPresence.VmLimits when _anyVm => "No VM has limits set.",
            MetricPresence.VmNic when _anyVm => "No VM has a network interface in its definition.",
            MetricPresence.Snapshot => "It appears after the first snapshot of a VM succeeded.",
            _ when ofVm => _anyVm ? "The scrape has series of VMs, but none of this kind." : "It is served for each VM, and the scrape shows none.",
            MetricPresence.VmiAddress when _anyVmi => "No VMI reports an interface with an address.",
            MetricPresence.VmiNic when _anyVmi => "No VMI has a network interface.",
            MetricPresence.Hotplug when _anyVmi => "No VMI has an ephemeral hot-plugged volume.",
            _ when ofVmi => _anyVmi ? "The scrape has series of VMIs, but none of this kind." : "It is served for each VMI, and the scrape shows none.",
            MetricPresence.Transition => "It appears after this virt-controller, while it leads, has seen such a change of phase of a VMI.",
            MetricPresence.MigrationTransition => "It appears after this virt-controller, while it leads, has seen a migration change its phase.",
            MetricPresence.Migrated => "It appears while the cluster has an object of such a migration.",
            _ => null,
        };
    }

    private string OfNode(MetricPresence presence)
    {
        if (!_anyNodeVmi) return "It is served for each VMI that runs on the node, and the scrape shows none. virt-handler also leaves out a VMI that does not answer within 10 seconds.";
        return presence switch
        {
            MetricPresence.Balloon when _anyBalloon => "Balloon drivers on the node report other values, but none of them this one.",
            MetricPresence.Balloon => "No VMI on the node reports it: the guest's balloon driver provides it, and is absent or not yet running.",
            MetricPresence.Agent => "No VMI on the node reports it: the QEMU guest agent provides it, and is absent or not connected.",
            MetricPresence.Agent10 => "No VMI on the node reports it: QEMU guest agent 10.0 or later provides it.",
            MetricPresence.Disk => "No VMI on the node reports a disk.",
            MetricPresence.Nic => "No VMI on the node reports a network interface.",
            _ => "VMIs run on the node, but none of them reports it.",
        };
    }
}

/// <summary>One sample name that a scrape contained.</summary>
/// <param name="SampleName">The name on the sample lines.</param>
/// <param name="FamilyName">The family by the scrape's own TYPE line, or the sample name where there is none.</param>
/// <param name="Type">The type by the scrape's own TYPE line; <c>untyped</c> where there is none.</param>
/// <param name="Series">Number of sample lines.</param>
/// <param name="Definition">What it maps to, or null.</param>
internal sealed record FamilyObservation(string SampleName, string FamilyName, string Type, long Series, MetricDefinition? Definition);
