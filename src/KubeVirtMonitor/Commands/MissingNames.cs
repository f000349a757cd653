using System.Management.Automation;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor.Commands;

/// <summary>Says for a cmdlet which machines and namespaces are not there, and which names are near. Nothing is asked before something is missing.</summary>
/// <param name="command">The cmdlet.</param>
/// <param name="fail">Takes errors.</param>
internal sealed class MissingNames(CancellableCommand command, Action<ErrorRecord> fail)
{
    // Of thousands of names that are missing, the first tell what is wrong with them.
    private const int MostExplained = 20;

    // To look for near names is worth this much, and not a whole list of any cluster.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly Dictionary<(KubeVirtSession, SeenKind), IReadOnlyCollection<string>?> _known = [];
    private readonly HashSet<(KubeVirtSession, SeenKind)> _listed = [];
    private readonly HashSet<(KubeVirtSession, SeenKind, string)> _reported = [];
    private int _explained;

    /// <summary>Reports a machine that is in none of the namespaces of the sessions.</summary>
    public void Report(string kind, string name, string[]? namespaces, IReadOnlyList<KubeVirtSession> sessions)
    {
        if (_explained++ >= MostExplained)
        {
            fail(ErrorRecords.NoSuchObject(kind, name, namespaces, sessions));
            return;
        }

        string[] nowhere = sessions is [var one] ? [.. Unknown(one, SeenKind.Namespace, namespaces)] : [];
        if (nowhere.Length > 0 && nowhere.Length == namespaces!.Length)
        {
            fail(ErrorRecords.NoSuchObject(kind, name, namespaces, sessions, where: "the namespace", reason: "there is no such namespace", names: Known(sessions[0], SeenKind.Namespace), wanted: nowhere[0]));
            return;
        }

        SeenKind seen = kind == "VM" ? SeenKind.VirtualMachine : SeenKind.Instance;
        foreach (KubeVirtSession session in sessions)
        {
            List(session, seen);
            if (seen == SeenKind.Instance) List(session, SeenKind.VirtualMachine);
        }

        bool IsMeant(string space) => namespaces is null || namespaces.Contains(space, StringComparer.Ordinal);
        string? stopped = seen == SeenKind.VirtualMachine ? null : sessions.SelectMany(static session => session.Seen.Of(SeenKind.VirtualMachine)).Where(vm => vm.Name == name && IsMeant(vm.Namespace)).Select(static vm => $"{vm.Namespace}/{vm.Name}").FirstOrDefault();
        if (stopped is not null) fail(ErrorRecords.NoSuchObject(kind, name, namespaces, sessions, reason: $"the VM {stopped} does not run"));
        else fail(ErrorRecords.NoSuchObject(kind, name, namespaces, sessions, names: sessions.SelectMany(session => session.Seen.Of(seen)).Where(machine => IsMeant(machine.Namespace)).Select(static machine => machine.Name)));
    }

    /// <summary>Reports namespaces that a cluster does not have, where that may be asked.</summary>
    /// <param name="session">The session.</param>
    /// <param name="namespaces">The names and wildcards; null = none.</param>
    public void ReportNamespaces(KubeVirtSession session, IEnumerable<string>? namespaces)
    {
        foreach (string name in Unknown(session, SeenKind.Namespace, namespaces).Where(name => _reported.Add((session, SeenKind.Namespace, name)))) fail(ErrorRecords.NoSuchNamespace(name, session, Known(session, SeenKind.Namespace)!));
    }

    /// <summary>Reports nodes that a cluster does not have, where that may be asked.</summary>
    /// <param name="session">The session.</param>
    /// <param name="nodes">The names and wildcards; null = none.</param>
    public void ReportNodes(KubeVirtSession session, IEnumerable<string>? nodes)
    {
        foreach (string name in Unknown(session, SeenKind.Node, nodes).Where(name => _reported.Add((session, SeenKind.Node, name)))) ReportNode(name, [session]);
    }

    /// <summary>Reports a node that none of the clusters has.</summary>
    public void ReportNode(string name, IReadOnlyList<KubeVirtSession> sessions) =>
        fail(ErrorRecords.NoSuchNode(name, sessions, _explained++ < MostExplained ? sessions.SelectMany(session => Known(session, SeenKind.Node) ?? []) : []));

    private IEnumerable<string> Unknown(KubeVirtSession session, SeenKind kind, IEnumerable<string>? names)
    {
        string[] literal = [.. (names ?? []).Where(static name => !WildcardPattern.ContainsWildcardCharacters(name)).Distinct(StringComparer.Ordinal)];
        return literal.Length > 0 && Known(session, kind) is { } known ? literal.Where(name => !known.Contains(name)) : [];
    }

    // Null where they may not be listed.
    private IReadOnlyCollection<string>? Known(KubeVirtSession session, SeenKind kind)
    {
        if (_known.TryGetValue((session, kind), out IReadOnlyCollection<string>? known)) return known;
        try
        {
            known = command.Await(cancellationToken => SeenNames.ReadAsync(session, kind, cancellationToken));
        }
        catch (KubernetesException error)
        {
            command.WriteVerbose($"{session}: what there is cannot be asked. {error.Fact}");
        }

        _known.Add((session, kind), known);
        return known;
    }

    private void List(KubeVirtSession session, SeenKind kind)
    {
        if (!_listed.Add((session, kind)) || session.Seen.RefreshAsync(session, kind, null, Limit) is not { } list) return;
        // What it comes to in the time is enough, and why it failed tells nothing that is asked for.
        command.Await(async cancellationToken => await Task.WhenAny(list, Task.Delay(Limit, cancellationToken)).ConfigureAwait(false));
    }
}
