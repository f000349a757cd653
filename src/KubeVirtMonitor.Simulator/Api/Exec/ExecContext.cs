namespace KubeVirtMonitor.Simulator.Api;

/// <summary>A command that runs in a container.</summary>
public sealed record ExecContext
{
    /// <summary>The command and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The namespace of the pod.</summary>
    public required string Namespace { get; init; }

    /// <summary>The pod.</summary>
    public required string Pod { get; init; }

    /// <summary>The container.</summary>
    public required string Container { get; init; }

    /// <summary>The standard input; empty when none was asked for.</summary>
    public required Stream Input { get; init; }

    /// <summary>The standard output.</summary>
    public required Stream Output { get; init; }

    /// <summary>The standard error.</summary>
    public required Stream Error { get; init; }

    /// <summary>The environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Writes text to the standard output.</summary>
    public ValueTask WriteAsync(string text, CancellationToken cancellation) => Output.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), cancellation);

    /// <summary>Writes text to the standard error.</summary>
    public ValueTask WriteErrorAsync(string text, CancellationToken cancellation) => Error.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), cancellation);
}
