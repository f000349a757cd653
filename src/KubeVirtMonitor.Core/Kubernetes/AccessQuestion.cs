namespace KubeVirtMonitor.Kubernetes;

/// <summary>An action for which to check the permission.</summary>
/// <param name="Verb">The verb, such as <c>get</c>, <c>list</c>, <c>create</c>, <c>patch</c>.</param>
/// <param name="Type">The kind.</param>
/// <param name="Namespace">The namespace; null = all of them, or a kind without namespaces.</param>
/// <param name="Subresource">The subresource, such as <c>proxy</c>, <c>exec</c>, <c>portforward</c>; null = the object itself.</param>
/// <param name="Name">The object; null = any.</param>
internal sealed record AccessQuestion(string Verb, ResourceType Type, string? Namespace = null, string? Subresource = null, string? Name = null);
