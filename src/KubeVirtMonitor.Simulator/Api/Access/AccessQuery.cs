namespace KubeVirtMonitor.Simulator.Api;

/// <summary>A question to the authorizer: may someone do this?</summary>
internal sealed record AccessQuery
{
    public required string Verb { get; init; }

    public string Group { get; init; } = "";

    public string? Resource { get; init; }

    public string? Subresource { get; init; }

    public string? Namespace { get; init; }

    public string? Name { get; init; }

    /// <summary>The path, when it is none of a resource.</summary>
    public string? Path { get; init; }

    /// <summary>Resource and subresource as rules have them.</summary>
    public string? FullResource => string.IsNullOrEmpty(Subresource) ? Resource : $"{Resource}/{Subresource}";

    public static AccessQuery Of(ApiRequest request) => new()
    {
        Verb = request.Verb,
        Group = request.Group,
        Resource = request.Resource,
        Subresource = request.Subresource,
        Namespace = request.Namespace,
        Name = request.Name ?? request.SelectedName,
        Path = request.Resource is null ? request.Path : null,
    };
}
