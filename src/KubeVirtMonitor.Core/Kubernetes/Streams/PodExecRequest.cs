using System.Text;

namespace KubeVirtMonitor;

/// <summary>A command to run in a container.</summary>
public sealed record PodExecRequest
{
    /// <summary>The pod's namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The pod.</summary>
    public required string Pod { get; init; }

    /// <summary>The container; null = the pod's default one.</summary>
    public string? Container { get; init; }

    /// <summary>The program and its arguments; no shell stands between.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Whether the command gets a standard input, written to <see cref="PodExecSession.Input"/>.</summary>
    public bool HasInput { get; init; }

    internal string ToPath()
    {
        if (Command.Count == 0) throw new KubernetesException(KubernetesError.ArgumentInvalid, "there is no command to run", "Name a program.");
        StringBuilder query = new("exec?stdout=true&stderr=true");
        if (HasInput) query.Append("&stdin=true");
        if (Container is { } container) query.Append("&container=").Append(Uri.EscapeDataString(container));
        foreach (string part in Command) query.Append("&command=").Append(Uri.EscapeDataString(part));
        return ResourceType.Pods.PathOf(Namespace, Pod, query.ToString());
    }
}
