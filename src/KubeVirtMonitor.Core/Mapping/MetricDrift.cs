namespace KubeVirtMonitor;

/// <summary>What the catalogue says of one metric beside what a scrape has.</summary>
public sealed record MetricDrift
{
    /// <summary>The <see cref="Reason"/> of a name that no component is known to serve.</summary>
    internal const string NotInCatalogue = "The catalogue does not know it.";

    /// <summary>The module's name; the raw name for what the catalogue does not know.</summary>
    public required string Name { get; init; }

    /// <summary>How the two agree.</summary>
    public required DriftStatus Status { get; init; }

    /// <summary>Why, or what follows from it, in one or two sentences; null where the metric is simply there.</summary>
    public string? Reason { get; init; }

    /// <summary>The component that was compared with.</summary>
    public required ComponentKind Component { get; init; }

    /// <summary>The raw family: the one in the scrape, else the one expected; null for what no endpoint carries.</summary>
    public string? RawName { get; init; }

    /// <summary>The type that the catalogue expects on the TYPE line, or null.</summary>
    public string? ExpectedType { get; init; }

    /// <summary>The type on the scrape's own TYPE line, <c>untyped</c> where it has none; null for what is not in the scrape.</summary>
    public string? ActualType { get; init; }

    /// <summary>The KubeVirt version that was compared with, or null where it is not known.</summary>
    public KubeVirtVersion? Version { get; init; }

    /// <summary>Number of series in the scrape; null for a metric that is computed from another family.</summary>
    public long? Series { get; init; }

    /// <summary>True for the metrics that the three Datadog Agent checks document.</summary>
    public bool Documented { get; init; }

    /// <summary>The address or the file of the scrape.</summary>
    public required string Target { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Reason is null ? $"{Name}: {Status}" : $"{Name}: {Status}: {Reason}";
}

/// <summary>How a scrape and the catalogue agree on one metric.</summary>
public enum DriftStatus
{
    /// <summary>Promised and there.</summary>
    Present,

    /// <summary>Promised for this component and version, and not in the scrape.</summary>
    Missing,

    /// <summary>Documented for this component, but not by this KubeVirt version.</summary>
    NotInVersion,

    /// <summary>Documented for this component, but never on its metrics endpoint: it comes from the health check or the Kubernetes API.</summary>
    NotOnEndpoint,

    /// <summary>In the scrape, with another type than the catalogue expects.</summary>
    TypeDiffers,

    /// <summary>In the scrape and not in the catalogue.</summary>
    Unmapped,
}
