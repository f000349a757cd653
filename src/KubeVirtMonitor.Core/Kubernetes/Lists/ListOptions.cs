namespace KubeVirtMonitor;

/// <summary>Which objects a list is to hold, and how it is fetched.</summary>
public sealed record ListOptions
{
    /// <summary>The namespace; null = all of them.</summary>
    public string? Namespace { get; init; }

    /// <summary>Labels the objects have to carry, such as <c>kubevirt.io=virt-handler</c>; null = any.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Fields the objects have to have, such as <c>spec.nodeName=worker-1</c>; null = any.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>How many objects a page holds; 0 = all in one.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>Told of items that cannot be read, which are then left out; null = the first of them ends the list with its error.</summary>
    public Action<KubernetesException>? BadItem { get; init; }
}
