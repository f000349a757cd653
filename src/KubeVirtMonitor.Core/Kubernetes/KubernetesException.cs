using KubeVirtMonitor.Net;

namespace KubeVirtMonitor;

/// <summary>A cluster could not be reached, or refused a request.</summary>
public sealed class KubernetesException : MonitorException
{
    /// <summary>Tells what is wrong.</summary>
    /// <param name="what">What is wrong, as a sentence without its full stop.</param>
    /// <param name="advice">What to do about it in the cluster or in a file, as whole sentences; empty when there is nothing to say.</param>
    /// <param name="innerException">What led to it.</param>
    internal KubernetesException(KubernetesError error, string what, string advice = "", Exception? innerException = null)
        : base(target: "", what, advice, innerException) => Error = error;

    /// <summary>The cause.</summary>
    public KubernetesError Error { get; }

    /// <inheritdoc/>
    public override string Id => Error.ToString();

    /// <summary>The HTTP status, where the server answered.</summary>
    public int? StatusCode { get; internal init; }

    /// <summary>What the server said, where it answered with a Status object.</summary>
    public KubernetesStatus? Status { get; internal init; }

    /// <summary>The file that is at fault, where one is.</summary>
    public string? File { get; internal init; }

    /// <summary>The entry of the kubeconfig that is at fault, such as <c>users[admin].token</c>.</summary>
    public string? Entry { get; internal init; }

    /// <summary>Whether a connection broke that had been open, so that the same may work on a new one.</summary>
    internal bool IsBreak { get; init; }

    /// <summary>Whether the server refuses because it is still starting, so that the same may work in a moment.</summary>
    internal bool IsStarting { get; init; }

    /// <summary>Whether the server refuses to let the user act as somebody else, so that nothing at all can be done.</summary>
    internal bool IsImpersonation { get; init; }

    /// <summary>The same with other words.</summary>
    internal KubernetesException With(string what, string advice) => new(Error, what, advice, InnerException)
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

/// <summary>Why a cluster could not be reached or refused a request. One value per cause, stable for scripts.</summary>
public enum KubernetesError
{
    /// <summary>There is no kubeconfig, no current context, and no service account.</summary>
    NoConfiguration,

    /// <summary>A kubeconfig, or a file that it names, is missing, unreadable or too large.</summary>
    FileUnreadable,

    /// <summary>A kubeconfig is no YAML or JSON, or an entry of it is wrong.</summary>
    ConfigurationInvalid,

    /// <summary>A context, cluster or user that was asked for is not in the kubeconfig.</summary>
    EntryNotFound,

    /// <summary>The user entry has no credentials, and nothing is sent anonymously.</summary>
    CredentialMissing,

    /// <summary>A credential cannot be used: wrong base64, a key that does not match, an expired certificate.</summary>
    CredentialInvalid,

    /// <summary>A way to log in that this module does not speak.</summary>
    CredentialUnsupported,

    /// <summary>A credential plugin is missing, failed, hung or answered rubbish.</summary>
    PluginFailed,

    /// <summary>No connection to the server, or to the proxy in front of it.</summary>
    ConnectionFailed,

    /// <summary>The server's certificate was issued by nobody who is trusted.</summary>
    TlsUntrusted,

    /// <summary>The server's certificate carries another name.</summary>
    TlsNameMismatch,

    /// <summary>The server's certificate, or one above it, is out of its time.</summary>
    TlsExpired,

    /// <summary>The TLS handshake failed in another way.</summary>
    TlsHandshake,

    /// <summary>The server did not answer in time.</summary>
    TimedOut,

    /// <summary>401: the server does not know these credentials.</summary>
    Unauthorized,

    /// <summary>403: a permission is missing.</summary>
    Forbidden,

    /// <summary>404: the object, or its kind, does not exist.</summary>
    NotFound,

    /// <summary>409: somebody else changed or made the object.</summary>
    Conflict,

    /// <summary>410: the list or version asked for is gone.</summary>
    Expired,

    /// <summary>400 or 422: the server finds the object or the request wrong.</summary>
    Invalid,

    /// <summary>429: the server asks to be left alone for a while.</summary>
    Throttled,

    /// <summary>5xx: the server failed.</summary>
    ServerError,

    /// <summary>An answer that no API server gives.</summary>
    BadAnswer,

    /// <summary>An exec or port-forward stream broke, or could not be opened.</summary>
    StreamFailed,

    /// <summary>An argument of the request makes no sense, such as a name with a slash.</summary>
    ArgumentInvalid,

    /// <summary>The object that was meant has been deleted, and there is another of its name.</summary>
    Replaced,
}

/// <summary>A Status object of the Kubernetes API: why a request was refused.</summary>
public sealed record KubernetesStatus
{
    /// <summary>The HTTP status code it stands for; 0 when it does not say.</summary>
    public int Code { get; init; }

    /// <summary>Whether it says that all went well, as kubelet does of a command.</summary>
    internal bool IsSuccess { get; init; }

    /// <summary>One word, such as <c>Forbidden</c>, <c>Conflict</c>, <c>Invalid</c>, <c>Expired</c>; empty when it does not say.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The server's own sentence.</summary>
    public string Message { get; init; } = "";

    /// <summary>The kind or resource it is about; empty when it does not say.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The API group of that kind; empty for the core group.</summary>
    public string Group { get; init; } = "";

    /// <summary>The object it is about; empty when it does not say.</summary>
    public string Name { get; init; } = "";

    /// <summary>How long the server asks to wait before trying again; null when it does not.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What exactly is wrong, for a request that is invalid.</summary>
    public IReadOnlyList<KubernetesStatusCause> Causes { get; init; } = [];

    /// <summary>With reason Expired: the token that goes on with the list, of a newer state.</summary>
    public string? Continue { get; init; }

    /// <summary>The same, fit to be shown: without secrets, and without what could steer a terminal.</summary>
    internal KubernetesStatus Shown(ForeignText foreign) => this with
    {
        Reason = foreign.Line(Reason),
        Message = foreign.Scrub(Message),
        Kind = foreign.Line(Kind),
        Group = foreign.Line(Group),
        Name = foreign.Line(Name, 300),
        Causes = [.. Causes.Select(cause => new KubernetesStatusCause(foreign.Line(cause.Reason), foreign.Line(cause.Field, 1000), foreign.Scrub(cause.Message)))],
        // Opaque, and to be sent back as it is; one that holds a secret is no token of a list.
        Continue = Continue is not null && foreign.Holds(Continue) ? null : Continue,
    };
}

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Reason">One word, such as <c>FieldValueInvalid</c>, or <c>ExitCode</c> for a command that failed.</param>
/// <param name="Field">The field, such as <c>spec.running</c>; empty when it is about none.</param>
/// <param name="Message">The server's own sentence.</param>
public sealed record KubernetesStatusCause(string Reason, string Field, string Message);
