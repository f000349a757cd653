using System.Collections;
using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Completion;

/// <summary>Whose names complete a command line.</summary>
internal static class SeenBy
{
    /// <summary>The open sessions that the command line names, by object, number or context; the default one where it names none.</summary>
    public static IReadOnlyList<KubeVirtSession> Sessions(IDictionary? parameters)
    {
        KubeVirtSession?[] found = parameters?["Session"] is { } given ? [.. Items(given).Select(Of)]
            : parameters?["Context"] is { } contexts ? [.. Items(contexts).SelectMany(static context => SessionStore.Current.Named($"{context}"))]
            : [SessionStore.Current.Default];
        return [.. found.OfType<KubeVirtSession>().Where(static session => session.IsOpen).Distinct()];
    }

    private static KubeVirtSession? Of(object? given)
    {
        try
        {
            return SessionTransformationAttribute.SessionOf(given);
        }
        catch (ArgumentTransformationMetadataException)
        {
            // The cmdlet tells of a number that no session has.
            return null;
        }
    }

    private static IEnumerable<object?> Items(object? value)
    {
        object? bare = value is PSObject wrapped ? wrapped.BaseObject : value;
        return bare is IList list ? list.Cast<object?>().SelectMany(Items) : [bare];
    }
}
