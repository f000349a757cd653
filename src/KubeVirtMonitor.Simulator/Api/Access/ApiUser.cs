namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Who sends a request.</summary>
/// <param name="Name">The user name, such as <c>admin</c> or <c>system:serviceaccount:monitoring:reader</c>.</param>
/// <param name="Groups">The groups, without <c>system:authenticated</c>.</param>
public sealed record ApiUser(string Name, params IReadOnlyList<string> Groups)
{
    /// <summary>Nobody in particular.</summary>
    public static ApiUser Anonymous { get; } = new("system:anonymous", "system:unauthenticated");

    /// <summary>All groups.</summary>
    internal IReadOnlyList<string> AllGroups => this == Anonymous ? Groups : [.. Groups, "system:authenticated"];

    /// <summary>The user of a service account.</summary>
    public static ApiUser ServiceAccount(string space, string name) => new($"system:serviceaccount:{space}:{name}", "system:serviceaccounts", $"system:serviceaccounts:{space}");
}
