namespace KubeVirtMonitor;

/// <summary>A cluster could not be reached, or did not do what it was asked.</summary>
public sealed class KubernetesException : MonitorException
{
    /// <summary>Tells what is wrong.</summary>
    /// <param name="error">The cause.</param>
    /// <param name="what">What is wrong, as a sentence without its full stop.</param>
    /// <param name="advice">What to do about it in the cluster or in a file, as whole sentences; empty when there is nothing to say.</param>
    /// <param name="innerException">What led to it.</param>
    public KubernetesException(KubernetesError error, string what, string advice = "", Exception? innerException = null)
        : base(target: "", what, advice, innerException) => Error = error;

    /// <summary>The cause.</summary>
    public KubernetesError Error { get; }

    /// <inheritdoc/>
    public override string Id => Error.ToString();

    /// <summary>The HTTP status, where the server answered.</summary>
    public int? StatusCode { get; init; }

    /// <summary>What the server said, where it answered with a Status object.</summary>
    public KubernetesStatus? Status { get; init; }

    /// <summary>The file that is at fault, where one is.</summary>
    public string? File { get; init; }

    /// <summary>The entry of the kubeconfig that is at fault, such as <c>users[admin].token</c>.</summary>
    public string? Entry { get; init; }

    /// <summary>Whether a connection broke that had been open, so that the same may work on a new one.</summary>
    internal bool IsBreak { get; init; }

    /// <summary>Whether the server refuses because it is still starting, so that the same may work in a moment.</summary>
    internal bool IsStarting { get; init; }

    /// <summary>Whether the server refuses to let the user act as somebody else, so that nothing at all can be done.</summary>
    internal bool IsImpersonation { get; init; }

    /// <summary>The same with other advice.</summary>
    public KubernetesException WithAdvice(string advice) => With(What, advice);

    /// <summary>The same with other words.</summary>
    internal KubernetesException With(string what, string advice, Exception? inner = null) => new(Error, what, advice, inner ?? InnerException)
    {
        Setting = Setting,
        StatusCode = StatusCode,
        Status = Status,
        File = File,
        Entry = Entry,
        IsBreak = IsBreak,
        IsStarting = IsStarting,
        IsImpersonation = IsImpersonation,
    };
}
