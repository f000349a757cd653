namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Refuses what RBAC would allow. Null properties match everything.</summary>
public sealed record ApiRefusal
{
    /// <summary>The user.</summary>
    public string? User { get; init; }

    /// <summary>The verb.</summary>
    public string? Verb { get; init; }

    /// <summary>The plural, with a subresource as <c>pods/exec</c>.</summary>
    public string? Resource { get; init; }

    /// <summary>The namespace; requests at the cluster scope do not match a given one.</summary>
    public string? Namespace { get; init; }

    internal bool Matches(string user, AccessQuery query) =>
        (User is null || User == user)
        && (Verb is null || Verb == query.Verb)
        && (Resource is null || Resource == query.FullResource)
        && (Namespace is null || Namespace == query.Namespace);
}
