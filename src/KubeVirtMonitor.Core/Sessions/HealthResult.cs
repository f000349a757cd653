namespace KubeVirtMonitor;

/// <summary>The health of a component of KubeVirt. A failure is a result, never an exception.</summary>
public sealed record HealthResult
{
    /// <summary>The pod; the name of the component where it has no pod.</summary>
    public required string Name { get; init; }

    /// <summary>The component.</summary>
    public required ComponentKind Component { get; init; }

    /// <summary>The namespace KubeVirt is installed in.</summary>
    public required string Namespace { get; init; }

    /// <summary>The node; null while the pod has none.</summary>
    public string? Node { get; init; }

    /// <summary>The health address inside the cluster; null while the pod has none.</summary>
    public string? Target { get; init; }

    /// <summary>Whether everything is as it should be: the pod is ready, can connect, can be scraped, and there are no <see cref="Problems"/>.</summary>
    public bool Healthy => Ready && CanConnect && CanScrape && Problems.Count == 0;

    /// <summary>Whether Kubernetes finds the pod ready.</summary>
    public bool Ready { get; init; }

    /// <summary>Why the pod is not Ready and since when, as a sentence; null where it is, and where there is no pod.</summary>
    public string? ReadyNote { get; init; }

    /// <summary>Whether it leads, by its own word or else by its lease; null where there is no leader, or it is not known, and then <see cref="Warnings"/> say why.</summary>
    public bool? Leading { get; init; }

    /// <summary>Whether the health address answered with success.</summary>
    public bool CanConnect { get; init; }

    /// <summary>Whether the metrics address gave a whole scrape.</summary>
    public bool CanScrape { get; init; }

    /// <summary>The HTTP status of the health address; null where no answer came.</summary>
    public int? StatusCode { get; init; }

    /// <summary>The start of what the health address answered; null where no answer came.</summary>
    public string? Body { get; init; }

    /// <summary>When the certificate of the component ends; null where it is not seen, as with route ApiServerProxy.</summary>
    public DateTimeOffset? CertificateExpires { get; init; }

    /// <summary>How long the health address took.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>The way it was asked; null when there was nothing to ask, or no way was found.</summary>
    public ComponentRoute? Route { get; init; }

    /// <summary>Why it cannot connect, or else why it cannot be scraped; null where it can.</summary>
    public ScrapeException? Error { get; init; }

    /// <summary>What is wrong beyond this one pod, as sentences: no leader, two leaders, no pod at all.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>What will go wrong or is not known, as sentences: a certificate that is about to end, sources that contradict each other on who leads.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {(Healthy ? "healthy" : "not healthy")}";
}
