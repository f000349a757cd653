namespace KubeVirtMonitor.Kubernetes;

/// <summary>A resource type, as in the paths of the API.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version, such as <c>v1</c>.</param>
/// <param name="Resource">The plural in lower case, such as <c>pods</c>.</param>
/// <param name="IsNamespaced">Whether its objects live in namespaces.</param>
internal sealed record ResourceType(string Group, string Version, string Resource, bool IsNamespaced = true)
{
    /// <summary>Pods.</summary>
    public static ResourceType Pods { get; } = new("", "v1", "pods");

    /// <summary>Services.</summary>
    public static ResourceType Services { get; } = new("", "v1", "services");

    /// <summary>Nodes.</summary>
    public static ResourceType Nodes { get; } = new("", "v1", "nodes", IsNamespaced: false);

    /// <summary>Namespaces.</summary>
    public static ResourceType Namespaces { get; } = new("", "v1", "namespaces", IsNamespaced: false);

    /// <summary>ConfigMaps.</summary>
    public static ResourceType ConfigMaps { get; } = new("", "v1", "configmaps");

    /// <summary>The resource with its group, as <c>kubectl</c> takes it: <c>pods</c>, <c>deployments.apps</c>.</summary>
    public string FullName => Group.Length == 0 ? Resource : $"{Resource}.{Group}";

    /// <summary>The path of the whole kind, of the kind in a namespace, of an object, or of a subresource.</summary>
    /// <param name="inNamespace">The namespace; null = all of them, or a kind without namespaces.</param>
    /// <param name="name">The object; null = all of them.</param>
    /// <param name="subresource">What of the object, such as <c>status</c> or <c>proxy/metrics</c>; escaped by the caller where it needs to be.</param>
    /// <exception cref="KubernetesException">A name cannot be part of a path, or a namespace is missing or too many.</exception>
    public string PathOf(string? inNamespace = null, string? name = null, string? subresource = null)
    {
        if (!IsNamespaced && inNamespace is not null)
            throw new KubernetesException(KubernetesError.ArgumentInvalid, $"{FullName} are not namespaced", "Omit the namespace.");
        if (IsNamespaced && inNamespace is null && name is not null)
            throw new KubernetesException(KubernetesError.ArgumentInvalid, $"no namespace is given for {FullName} '{name}'", "Specify it; there is no default namespace.") { Setting = Setting.Namespace };
        string path = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";
        if (inNamespace is not null) path += $"/namespaces/{Segment(inNamespace, "namespace")}";
        path += $"/{Resource}";
        if (name is not null) path += $"/{Segment(name, "name")}";
        return subresource is null ? path : $"{path}/{subresource}";
    }

    internal string Describe(string? inNamespace, string? name) =>
        $"{FullName}{(name is null ? "" : $" '{name}'")}{(inNamespace is not null ? $" in namespace {inNamespace}" : IsNamespaced && name is null ? " in all namespaces" : "")}";

    private static string Segment(string text, string what) => ResourceNames.IsSegment(text)
        ? Uri.EscapeDataString(text).Replace("%3A", ":", StringComparison.Ordinal)
        : throw new KubernetesException(KubernetesError.ArgumentInvalid, $"'{TextShown.Cut(TextShown.Printable(text), 80)}' is not a {what} that an object can have", "A name must not be empty or contain a slash, percent sign or control character.");
}
