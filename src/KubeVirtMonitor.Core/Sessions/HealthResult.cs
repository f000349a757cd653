using KubeVirtMonitor.Text;

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

    /// <summary>How long the health address took, in seconds; null where no answer came.</summary>
    public double? LatencySeconds { get; init; }

    /// <summary>The way it was asked; null when there was nothing to ask, or no way was found.</summary>
    public ComponentRoute? Route { get; init; }

    /// <summary>Why it is not healthy, in one line: why the pod is not Ready, what is wrong beyond it, why it cannot connect or be scraped; null where it is healthy.</summary>
    public string? Problem
    {
        get
        {
            string said = string.Join(' ', Problems.Append(Said(Error)).OfType<string>());
            return (ReadyNote is { } note && !said.Contains(note, StringComparison.Ordinal) ? $"{note} {said}".TrimEnd() : said) is { Length: > 0 } text ? text : null;
        }
    }

    /// <summary>What kept it from being asked, in one word such as <c>ConnectionRefused</c>, <c>TlsUntrusted</c>, <c>Timeout</c>, as <see cref="ScrapeException"/> has it; null where it can connect and be scraped.</summary>
    public string? ErrorId => Error?.Id;

    /// <summary>Why it cannot connect, or else why it cannot be scraped; null where it can.</summary>
    internal ScrapeException? Error { get; init; }

    /// <summary>The pod that was asked; null where there is none.</summary>
    internal KubeVirtComponent? Pod { get; init; }

    /// <summary>What is wrong beyond this one pod, as sentences: no leader, two leaders, no pod at all.</summary>
    public IReadOnlyList<string> Problems { get; init => field = TextList.Of(value); } = TextList.Of<string>([]);

    /// <summary>What will go wrong or is not known, as sentences: a certificate that is about to end, sources that contradict each other on who leads.</summary>
    public IReadOnlyList<string> Warnings { get; init => field = TextList.Of(value); } = TextList.Of<string>([]);

    /// <summary>The session whose cluster it is of.</summary>
    internal KubeVirtSession? Session { get; init; }

    /// <summary>The cluster it is of: the context of the kubeconfig, else the address of the API server; null where it comes from no session.</summary>
    public string? Cluster => Session?.ToString();

    // Target and route are properties of their own.
    private static string? Said(ScrapeException? error) => error is null ? null : $"{char.ToUpperInvariant(error.What[0])}{error.What.AsSpan(1)}. {error.Advice}".TrimEnd();

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {(Healthy ? "healthy" : "not healthy")}";
}
