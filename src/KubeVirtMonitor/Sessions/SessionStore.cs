using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace KubeVirtMonitor.Sessions;

/// <summary>The open sessions of a runspace. The last one opened that is still open is the default.</summary>
/// <remarks>Each runspace has its own, also those of <c>ForEach-Object -Parallel</c>; a session itself may be used by several.</remarks>
internal sealed class SessionStore
{
    private static readonly ConditionalWeakTable<Runspace, SessionStore> Stores = [];

    private readonly List<KubeVirtSession> _sessions = [];
    private readonly HashSet<int> _quiet = [];

    /// <summary>The store of the runspace that this thread works for.</summary>
    public static SessionStore Current => Stores.GetOrCreateValue(Runspace.DefaultRunspace);

    /// <summary>The open sessions, in the order they were opened.</summary>
    public IReadOnlyList<KubeVirtSession> Sessions
    {
        get
        {
            // One may have been closed in another runspace.
            _sessions.RemoveAll(session => !session.IsOpen);
            return [.. _sessions];
        }
    }

    /// <summary>The session that is meant when none is named; null when there is none.</summary>
    public KubeVirtSession? Default => Sessions.LastOrDefault(session => !_quiet.Contains(session.Id));

    /// <summary>The last session that was opened for a context of the kubeconfig; null when there is none.</summary>
    public KubeVirtSession? Find(string context) => Sessions.LastOrDefault(session => session.Context == context);

    /// <summary>Adds a session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="isDefault">Whether it becomes the default.</param>
    public void Add(KubeVirtSession session, bool isDefault)
    {
        _sessions.Add(session);
        if (!isDefault) _quiet.Add(session.Id);
    }

    /// <summary>Closes a session and forgets it.</summary>
    public void Close(KubeVirtSession session)
    {
        _sessions.Remove(session);
        _quiet.Remove(session.Id);
        session.Dispose();
    }
}
