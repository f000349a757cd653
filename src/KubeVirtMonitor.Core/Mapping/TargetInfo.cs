using KubeVirtMonitor.Catalog;

namespace KubeVirtMonitor.Mapping;

/// <summary>Whose scrape this is: what every sample of it says about its origin.</summary>
internal sealed record TargetInfo
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

    /// <summary>The cluster it is of; null = none, or not known.</summary>
    public SampleOrigin? Origin { get; init; }

    /// <summary>The cluster by name, where it is known and <see cref="Origin"/> is not.</summary>
    public string? Cluster { get; init; }

    /// <summary>The node of the pod, where it is known and <see cref="Origin"/> is not.</summary>
    public string? Node { get; init; }

    /// <summary>Tags that the user adds, after all others; a tag of the same name from the scrape is replaced.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> AddTags { get; init; } = [];
}

/// <summary>Tells which component served a scrape from the names in it.</summary>
internal static class ComponentRecogniser
{
    /// <summary>Looks for names that only one component has.</summary>
    /// <param name="data">Whole lines from the start of a scrape.</param>
    /// <param name="isWhole">Whether nothing follows.</param>
    /// <returns>The component, or null where the lines do not tell.</returns>
    public static ComponentKind? Recognise(ReadOnlySpan<byte> data, bool isWhole)
    {
        bool restClient = false;
        bool workQueue = false;
        ReadOnlySpan<byte> last = default;
        ReadOnlySpan<byte> rest = data;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> name = NameOf(end < 0 ? rest : rest[..end]);
            rest = end < 0 ? default : rest[(end + 1)..];
            if (name.IsEmpty || name.SequenceEqual(last)) continue;
            last = name;
            if (ComponentSignatures.Recognise(name) is { } component) return component;
            restClient |= name.StartsWith("rest_client_"u8) || name.StartsWith("kubevirt_rest_client_"u8);
            workQueue |= name.StartsWith("kubevirt_workqueue_"u8);
        }

        // virt-api may serve nothing of its own, the others always do: what is left is virt-api, which has API requests and no queues.
        return isWhole && restClient && !workQueue ? ComponentKind.Api : null;
    }

    private static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> text = line.TrimStart(" \t"u8);
        if (text.StartsWith("# TYPE "u8)) text = text[7..];
        else if (text.StartsWith("#"u8)) return default;
        int end = text.IndexOfAny("{ \t\r"u8);
        return end < 0 ? text : text[..end];
    }
}
