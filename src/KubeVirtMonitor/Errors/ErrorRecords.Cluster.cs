using System.Management.Automation;

namespace KubeVirtMonitor.Errors;

/// <summary>The errors of sessions and of what is asked of clusters.</summary>
internal static partial class ErrorRecords
{
    /// <summary>What the API server, or the way to it, is the reason of.</summary>
    public static ErrorRecord Failed(KubernetesException error, object? target = null) =>
        new(error, error.Error.ToString(), CategoryOf(error.Error), target ?? error.File)
        {
            // PowerShell shows the advice on a line of its own, so the message goes without it.
            ErrorDetails = new ErrorDetails(error.Message[..^error.Advice.Length].TrimEnd()) { RecommendedAction = error.Advice },
        };

    public static ErrorRecord NoSession() => Make(
        new InvalidOperationException("There is no open session to a cluster."),
        "NoSession",
        ErrorCategory.ConnectionError,
        null,
        "Open one with Connect-KubeVirt, or name a context of the kubeconfig with -Context.");

    public static ErrorRecord NoSessionOf(string context) => Make(
        new ItemNotFoundException($"There is no open session of the context '{context}'."),
        "SessionNotFound",
        ErrorCategory.ObjectNotFound,
        context,
        "Get-KubeVirtSession shows the open ones; Connect-KubeVirt opens one.");

    public static ErrorRecord SessionAndContext() => Make(
        new ArgumentException("Both -Session and -Context are given, and each of them names a cluster."),
        "SessionAndContext",
        ErrorCategory.InvalidArgument,
        null,
        "Leave one of them out.");

    public static ErrorRecord SessionClosed(KubeVirtSession session) => Make(
        new InvalidOperationException($"The session {session.Id} ({session}) has been closed."),
        "SessionClosed",
        ErrorCategory.ConnectionError,
        session,
        "Open a new one with Connect-KubeVirt.");

    public static ErrorRecord NoSuchObject(string kind, string name, string[]? namespaces, KubeVirtSession session, string where = "the name and -Namespace") => Make(
        new ItemNotFoundException($"There is no {kind} '{name}' in {(namespaces is null ? "any namespace" : $"namespace {string.Join(", ", namespaces)}")} of {session}."),
        "ObjectNotFound",
        ErrorCategory.ObjectNotFound,
        name,
        $"Check {where}; wildcards such as web-* find what is there.");

    public static ErrorRecord NoComponent(KubeVirtSession session, ComponentKind? kind = null) => Make(
        new ItemNotFoundException($"There is no {(kind is { } one ? $"pod of {ComponentFacts.NameOf(one)}" : "component of KubeVirt")} in namespace {session.InstallNamespace} of {session}."),
        "ComponentNotFound",
        ErrorCategory.ObjectNotFound,
        kind is null ? session : kind,
        $"Look at them with Get-KubeVirtComponent, and at all pods with 'kubectl get pods -n {session.InstallNamespace}'.");

    public static ErrorRecord ComponentCount(int count) => Make(
        new ArgumentException($"-Component has {count} values; a scrape is of one component. Several are a choice among those of a cluster."),
        "ComponentCount",
        ErrorCategory.InvalidArgument,
        null,
        "Name one component, or leave -Component out to have it recognised.");

    private static ErrorCategory CategoryOf(KubernetesError error) => error switch
    {
        KubernetesError.ConnectionFailed or KubernetesError.StreamFailed => ErrorCategory.ConnectionError,
        KubernetesError.TimedOut => ErrorCategory.OperationTimeout,
        KubernetesError.TlsUntrusted or KubernetesError.TlsNameMismatch or KubernetesError.TlsExpired or KubernetesError.TlsHandshake => ErrorCategory.SecurityError,
        KubernetesError.Unauthorized or KubernetesError.CredentialMissing or KubernetesError.CredentialInvalid or KubernetesError.CredentialUnsupported or KubernetesError.PluginFailed => ErrorCategory.AuthenticationError,
        KubernetesError.Forbidden => ErrorCategory.PermissionDenied,
        KubernetesError.NotFound or KubernetesError.EntryNotFound or KubernetesError.NoConfiguration => ErrorCategory.ObjectNotFound,
        KubernetesError.Conflict => ErrorCategory.ResourceExists,
        KubernetesError.Throttled => ErrorCategory.ResourceBusy,
        KubernetesError.FileUnreadable => ErrorCategory.ReadError,
        KubernetesError.ConfigurationInvalid or KubernetesError.ArgumentInvalid or KubernetesError.Invalid => ErrorCategory.InvalidArgument,
        KubernetesError.Expired or KubernetesError.ServerError or KubernetesError.BadAnswer => ErrorCategory.ProtocolError,
        _ => ErrorCategory.NotSpecified,
    };
}
