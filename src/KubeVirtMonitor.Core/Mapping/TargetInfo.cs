namespace KubeVirtMonitor.Mapping;

/// <summary>Whose scrape this is: what every sample of it says about its origin.</summary>
public sealed record TargetInfo
{
    /// <summary>The address or the file path, shown as <see cref="MetricSample.Target"/>.</summary>
    public required string Target { get; init; }

    /// <summary>Value of the <c>endpoint</c> tag: the metrics address; null for files, which carry no such tag.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Value of the <c>pod_name</c> tag, where it is known.</summary>
    public string? PodName { get; init; }

    /// <summary>Value of the <c>kube_namespace</c> tag (the component's namespace), where it is known.</summary>
    public string? KubeNamespace { get; init; }

    /// <summary>The component; null = recognise it from the content.</summary>
    public ComponentKind? Component { get; init; }

    /// <summary>Tags the user adds, behind all others; a tag of the same name from the scrape is replaced.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> AddTags { get; init; } = [];
}
