using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Commands;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.Sessions;

/// <summary>Finds the sessions that a cmdlet uses: those it is given, those of contexts, or the default one.</summary>
internal static class SessionResolver
{
    /// <summary>The sessions, each once. One that cannot be used is an error, and the others are used; without any that was meant, the cmdlet ends with an error, except where more come down the pipeline.</summary>
    /// <param name="command">The cmdlet.</param>
    /// <param name="sessions">The value of -Session.</param>
    /// <param name="contexts">The value of -Context. Without an open session for one, one is opened and kept.</param>
    /// <param name="fail">Takes errors; null = the cmdlet writes them.</param>
    /// <param name="isPiped">Whether the sessions come down the pipeline, where others come after them; null = there is one.</param>
    public static IReadOnlyList<KubeVirtSession> Resolve(CancellableCommand command, KubeVirtSession[]? sessions, string[]? contexts, Action<ErrorRecord>? fail = null, bool? isPiped = null)
    {
        fail ??= command.WriteError;
        if (sessions is not null && contexts is not null) command.ThrowTerminatingError(ErrorRecords.SessionAndContext());
        if (sessions is not null) return Open(command, [.. sessions.Distinct()], fail, isPiped ?? command.MyInvocation.ExpectingInput);
        if (contexts is not null) return [.. contexts.Distinct(StringComparer.Ordinal).Select(context => Of(command, context, fail)).OfType<KubeVirtSession>()];
        if (SessionStore.Current.Default is not { } known) command.ThrowTerminatingError(ErrorRecords.NoSession(command.MyInvocation.MyCommand.Parameters.ContainsKey(nameof(IServerSource.PrometheusUri))));
        else return [command.Uses(known)];
        return [];
    }

    /// <summary>The session in which an object of the pipeline is acted on.</summary>
    /// <param name="origin">Where the object comes from.</param>
    /// <param name="what">The object.</param>
    /// <param name="given">The value of -Session; null = none.</param>
    /// <param name="isGiven">Whether -Session or -Context was given.</param>
    /// <param name="fail">Takes errors.</param>
    /// <param name="session">The session; null = the object is of those that are meant.</param>
    /// <returns>False, after an error, where it is not known.</returns>
    public static bool TryFind(Origin origin, object what, KubeVirtSession[]? given, bool isGiven, Action<ErrorRecord> fail, out KubeVirtSession? session)
    {
        session = origin.Session;
        if (origin.IsOfScrape)
        {
            // What a server calls a cluster need not be the name of a context, and whoever names a session knows.
            if (isGiven)
            {
                session = origin.Cluster is { } own ? given?.FirstOrDefault(one => SessionStore.IsNamed(one, own)) : null;
                return true;
            }

            IReadOnlyList<KubeVirtSession> open = SessionStore.Current.Sessions;
            IReadOnlyList<KubeVirtSession> named = origin.Cluster is { } label ? SessionStore.Current.Named(label) : [];
            if (named is [var only])
            {
                session = only;
                return true;
            }

            // Where one cluster only is open, and nothing says that it is another one, it is meant.
            if (origin.Cluster is null && open.Count <= 1) return true;
            fail(named is [] ? ErrorRecords.ClusterUnknown(origin.Cluster, what, open) : ErrorRecords.SeveralSessionsOf(origin.Cluster!, named));
            return false;
        }

        return origin.Cluster is not { } cluster || (session = Named(cluster, given, fail)) is not null;
    }

    /// <summary>The session of a cluster that is named by text, such as in a row of a file; null, after an error, where there is none or more than one.</summary>
    /// <param name="cluster">The name.</param>
    /// <param name="given">The value of -Session, which tells apart clusters of one name; null = none.</param>
    /// <param name="fail">Takes errors.</param>
    public static KubeVirtSession? Named(string cluster, KubeVirtSession[]? given, Action<ErrorRecord> fail)
    {
        if (given?.FirstOrDefault(session => SessionStore.IsNamed(session, cluster)) is { } meant) return meant;
        IReadOnlyList<KubeVirtSession> named = SessionStore.Current.Named(cluster);
        if (named is [var only]) return only;
        fail(named is [] ? ErrorRecords.NoSessionOf(cluster, SessionStore.Current.Sessions) : ErrorRecords.SeveralSessionsOf(cluster, named));
        return null;
    }

    private static List<KubeVirtSession> Open(CancellableCommand command, KubeVirtSession[] sessions, Action<ErrorRecord> fail, bool isPiped)
    {
        List<KubeVirtSession> open = [];
        foreach (KubeVirtSession session in sessions)
        {
            if (session.IsOpen) open.Add(command.Uses(session));
            else if (sessions.Length == 1 && !isPiped) command.ThrowTerminatingError(ErrorRecords.SessionClosed(session));
            else fail(ErrorRecords.SessionClosed(session));
        }

        return open;
    }

    private static KubeVirtSession? Of(CancellableCommand command, string context, Action<ErrorRecord> fail)
    {
        try
        {
            return SessionStore.Current.Named(context) is [] ? command.Uses(Open(command, context)) : Named(context, null, fail) is { } known ? command.Uses(known) : null;
        }
        catch (KubernetesException error)
        {
            fail(ErrorRecords.Failed(error, context));
            return null;
        }
    }

    private static KubeVirtSession Open(CancellableCommand command, string context)
    {
        string folder = command.SessionState.Path.CurrentFileSystemLocation.ProviderPath;
        KubeVirtSession opened = command.Await(cancellationToken =>
            SessionOpener.OpenAsync(SessionOpener.FromKubeConfig(null, context, folder), new KubernetesClientOptions(), new KubeVirtSessionOptions(), cancellationToken));
        command.WriteVerbose($"Opened a session to {opened.Place} as {opened.User} ({opened.Authentication}).");
        SessionStore.Current.Add(opened, isDefault: false);
        return opened;
    }
}
