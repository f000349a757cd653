using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace KubeVirtMonitor.Sessions;

/// <summary>The open sessions of a runspace. The default is the one that was opened or chosen last and is still open.</summary>
/// <remarks>Each runspace has its own, also those of <c>ForEach-Object -Parallel</c>; a session itself may be used by several.</remarks>
internal sealed class SessionStore
{
    private static readonly ConditionalWeakTable<Runspace, SessionStore> Stores = [];

    private readonly List<KubeVirtSession> _sessions = [];

    // In the order in which they were chosen.
    private readonly List<KubeVirtSession> _chosen = [];

    static SessionStore() => KubeVirtSession.DefaultRule = static session => Runspace.DefaultRunspace is not null && Current.Default == session;

    /// <summary>The store of the runspace that this thread works for.</summary>
    public static SessionStore Current => Stores.GetOrCreateValue(Runspace.DefaultRunspace);

    /// <summary>The open sessions, in the order they were opened.</summary>
    public IReadOnlyList<KubeVirtSession> Sessions
    {
        get
        {
            // One may have been closed in another runspace.
            _sessions.RemoveAll(static session => !session.IsOpen);
            return [.. _sessions];
        }
    }

    /// <summary>The session that is meant when none is named; null when there is none.</summary>
    public KubeVirtSession? Default => _chosen.LastOrDefault(static session => session.IsOpen);

    /// <summary>The open sessions of a name: that of a context, alone or with the address, or of the server where there is no context. Of several to one server, that is the default or the last.</summary>
    /// <param name="name">The name.</param>
    /// <returns>None, one, or one to each of the servers that cannot be told apart by the name.</returns>
    public IReadOnlyList<KubeVirtSession> Named(string name) =>
        [.. Sessions.Where(session => IsNamed(session, name)).GroupBy(static session => session.Server).Select(static same => same.FirstOrDefault(static session => session.IsDefault) ?? same.Last())];

    /// <summary>Whether a name may be that of a session.</summary>
    public static bool IsNamed(KubeVirtSession session, string name) => session.ToString() == name || session.Context == name;

    /// <summary>Adds a session, which may be one of another runspace.</summary>
    /// <param name="session">The session.</param>
    /// <param name="isDefault">Whether it becomes the default; one that is the default already stays it.</param>
    public void Add(KubeVirtSession session, bool isDefault)
    {
        if (!_sessions.Contains(session))
        {
            // Which of them a name without an address means would depend on who came first.
            KubeVirtSession[] alike = session.Context is null ? [] : [.. Sessions.Where(other => other.Context == session.Context && other.Server != session.Server)];
            foreach (KubeVirtSession one in alike.Length == 0 ? [] : alike.Append(session)) one.TellApart();
            _sessions.Add(session);
        }

        if (!isDefault) return;
        _chosen.RemoveAll(one => one == session || !one.IsOpen);
        _chosen.Add(session);
    }

    /// <summary>Closes a session and forgets it.</summary>
    public void Close(KubeVirtSession session)
    {
        _sessions.Remove(session);
        _chosen.Remove(session);
        session.Dispose();
    }
}
