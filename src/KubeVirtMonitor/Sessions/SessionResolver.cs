using KubeVirtMonitor.Commands;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.Sessions;

/// <summary>Finds the session that a cmdlet uses: the one it is given, that of a context, or the default one.</summary>
internal static class SessionResolver
{
    /// <summary>The session; what keeps the cmdlet from having one ends it with an error.</summary>
    /// <param name="command">The cmdlet.</param>
    /// <param name="session">The value of -Session.</param>
    /// <param name="context">The value of -Context. Without an open session for it, one is opened and kept.</param>
    public static KubeVirtSession Resolve(CancellableCommand command, KubeVirtSession? session, string? context) =>
        command.Uses(Find(command, session, context));

    private static KubeVirtSession Find(CancellableCommand command, KubeVirtSession? session, string? context)
    {
        if (session is not null && context is not null) command.ThrowTerminatingError(ErrorRecords.SessionAndContext());
        if (session is not null) return IsOpen(command, session);
        if (context is null)
        {
            if (SessionStore.Current.Default is { } known) return known;
            command.ThrowTerminatingError(ErrorRecords.NoSession());
        }

        return SessionStore.Current.Find(context!) ?? Open(command, context!);
    }

    private static KubeVirtSession IsOpen(CancellableCommand command, KubeVirtSession session)
    {
        if (!session.IsOpen) command.ThrowTerminatingError(ErrorRecords.SessionClosed(session));
        return session;
    }

    private static KubeVirtSession Open(CancellableCommand command, string context)
    {
        string folder = command.SessionState.Path.CurrentFileSystemLocation.ProviderPath;
        KubeVirtSession opened = command.Await(cancellationToken =>
            SessionOpener.OpenAsync(SessionOpener.FromKubeConfig(null, context, folder), new KubernetesClientOptions(), new KubeVirtSessionOptions(), cancellationToken));
        command.WriteVerbose($"Opened a session to {opened} as {opened.User} ({opened.Authentication}).");
        SessionStore.Current.Add(opened, isDefault: false);
        return opened;
    }
}
