namespace KubeVirtMonitor;

/// <summary>A cluster could not be reached, or did not do what it was asked. The message says what is wrong and what to do; it holds no secrets.</summary>
public class KubernetesException : Exception
{
    /// <summary>Tells what is wrong and what to do.</summary>
    /// <param name="error">The cause.</param>
    /// <param name="what">What is wrong, as a sentence without its full stop.</param>
    /// <param name="advice">What to do next, as whole sentences; empty when there is nothing to say.</param>
    /// <param name="innerException">What lies behind it.</param>
    public KubernetesException(KubernetesError error, string what, string advice = "", Exception? innerException = null)
        : base(Join(what, advice), innerException)
    {
        Error = error;
        Advice = advice;
    }

    /// <summary>The cause.</summary>
    public KubernetesError Error { get; }

    /// <summary>What to do next; may be empty.</summary>
    public string Advice { get; }

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

    /// <summary>What is wrong, without the advice and without a full stop.</summary>
    internal string What => Message[..^Advice.Length].TrimEnd(' ', '.');

    private static string Join(string what, string advice) => advice.Length == 0 ? what + "." : $"{what}. {advice}";
}
