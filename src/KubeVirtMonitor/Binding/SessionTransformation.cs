using System.Collections;
using System.Globalization;
using System.Management.Automation;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Binding;

/// <summary>Takes the number of an open session for the session itself, also among others in a list.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SessionTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? given = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (given is not IList list || given is byte[]) return SessionOf(given) ?? inputData;
        object?[] items = [.. list.Cast<object?>().Select(static item => item is PSObject one ? one.BaseObject : item).Select(static item => SessionOf(item) ?? item)];
        return items.Length > 0 && Array.TrueForAll(items, static item => item is KubeVirtSession) ? Array.ConvertAll(items, static item => (KubeVirtSession)item!) : inputData;
    }

    /// <summary>The session of a number, or the session that is given; null for anything else.</summary>
    /// <exception cref="ArgumentTransformationMetadataException">No open session has the number.</exception>
    internal static KubeVirtSession? SessionOf(object? given) => given switch
    {
        KubeVirtSession session => session,
        int number => Find(number, null),
        long number => Find(number, null),
        // Text in a pipeline may be the name of a machine: PowerShell goes on to the next parameter after a failed conversion, and after nothing else.
        string text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) => Find(number, new PSInvalidCastException()),
        string text => throw new ArgumentTransformationMetadataException($"'{text}' is neither a session nor the number of one. To name a context, use -Context {text}.", new PSInvalidCastException()),
        _ => null,
    };

    private static KubeVirtSession Find(long number, Exception? inner)
    {
        IReadOnlyList<KubeVirtSession> open = SessionStore.Current.Sessions;
        return open.FirstOrDefault(session => session.Id == number) ?? throw new ArgumentTransformationMetadataException(
            open.Count > 0
                ? $"There is no open session {number}. Open are {string.Join(", ", open.Select(static session => $"{session.Id} ({session})"))}."
                : $"There is no open session {number}: this runspace has none. Open one with Connect-KubeVirt; a session of another runspace is passed as an object, such as $using:session.",
            inner);
    }
}
