namespace KubeVirtMonitor.Kubernetes;

/// <summary>Which objects to list, and how to fetch them.</summary>
internal sealed record ListOptions
{
    /// <summary>The namespace; null = all of them. A name that no namespace can have is an error, and nobody is asked.</summary>
    public string? Namespace { get; init; }

    /// <summary>The one name that the objects have, such as <c>web-1</c>; null = any. A name that no object can have is an error, and nobody is asked.</summary>
    public string? Name { get; init; }

    /// <summary>Labels the objects have to carry, such as <c>kubevirt.io=virt-handler</c>; null = any.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Fields the objects have to have, such as <c>spec.nodeName=worker-1</c>; null = any. <see cref="Fields"/> writes it.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>How many objects a page holds; 0 = all in one.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>Told of items that cannot be read, which are then left out; null = the first of them ends the list with its error. From the thousandth on they are counted, and told of together at the end.</summary>
    public Action<KubernetesException>? BadItem { get; init; }

    /// <summary>A field selector that wants exactly these values, with what has a meaning in selectors escaped as API servers read it (backslash, comma, equals sign; nothing else may be).</summary>
    /// <param name="fields">Each field with its value.</param>
    public static string Fields(params (string Field, string Value)[] fields) =>
        string.Join(',', fields.Select(static one => $"{one.Field}={one.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal).Replace("=", "\\=", StringComparison.Ordinal)}"));
}
