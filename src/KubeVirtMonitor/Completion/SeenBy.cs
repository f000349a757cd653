using System.Collections;
using System.Management.Automation;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Completion;

/// <summary>Whose names complete a command line.</summary>
internal static class SeenBy
{
    /// <summary>The session that the command line names, or the default one; null when there is none.</summary>
    public static KubeVirtSession? Session(IDictionary? parameters)
    {
        object? given = parameters?["Session"] is PSObject wrapped ? wrapped.BaseObject : parameters?["Session"];
        if (given is KubeVirtSession session) return session;
        return parameters?["Context"] is { } context ? SessionStore.Current.Find(context.ToString()!) : SessionStore.Current.Default;
    }
}
