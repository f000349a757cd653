using System.Collections.Concurrent;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>The names that a session has seen, for whoever needs some at once, such as completion. Limited, for clusters of any size. Thread-safe.</summary>
internal sealed class SeenNames
{
    private const int Most = 20_000;

    // One asks for the same names again and again while one types.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    // By kind; each is the lock of itself.
    private readonly HashSet<(string Namespace, string Name)>[] _names = [.. Enum.GetValues<SeenKind>().Select(static _ => new HashSet<(string, string)>())];

    private readonly ConcurrentDictionary<(SeenKind Kind, string? Namespace), long> _asked = [];

    /// <summary>Takes note of a name.</summary>
    /// <param name="kind">What it is of.</param>
    /// <param name="inNamespace">Its namespace, which is noted too; empty where there is none.</param>
    /// <param name="name">The name.</param>
    public void Add(SeenKind kind, string inNamespace, string name)
    {
        HashSet<(string, string)> names = _names[(int)kind];
        lock (names)
        {
            if (names.Count < Most) names.Add((inNamespace, name));
        }

        if (inNamespace.Length > 0 && kind is SeenKind.VirtualMachine or SeenKind.Instance) Add(SeenKind.Namespace, "", inNamespace);
    }

    /// <summary>The names of a kind with their namespaces, ordered by name.</summary>
    public IEnumerable<(string Namespace, string Name)> Of(SeenKind kind) =>
        All(kind).OrderBy(static seen => seen.Name, StringComparer.Ordinal).ThenBy(static seen => seen.Namespace, StringComparer.Ordinal);

    /// <summary>The names of VMs and instances, each once, in order.</summary>
    /// <param name="isWanted">Which namespaces to list; null = all.</param>
    public IEnumerable<string> Machines(Func<string, bool>? isWanted) => All(SeenKind.VirtualMachine).Concat(All(SeenKind.Instance))
        .Where(machine => isWanted is null || isWanted(machine.Namespace))
        .Select(static machine => machine.Name)
        .Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal);

    /// <summary>Lists the names of a kind anew. What it comes to in the time is noted; what a complete list lacks is forgotten.</summary>
    /// <param name="session">The session whose names these are.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="inNamespace">The only namespace to list; null = all, or a kind without namespaces.</param>
    /// <param name="limit">The time.</param>
    /// <returns>Null where that was tried a moment ago, or would need a credential that is not at hand. Where it fails, the names are as they were.</returns>
    public Task? RefreshAsync(KubeVirtSession session, SeenKind kind, string? inNamespace, TimeSpan limit)
    {
        if (!session.IsOpen || !session.Client.Connection.IsCredentialAtHand) return null;
        long now = session.Time.GetTimestamp();
        if (_asked.TryGetValue((kind, inNamespace), out long last) && session.Time.GetElapsedTime(last, now) < Pause) return null;
        _asked[(kind, inNamespace)] = now;
        return Task.Run(async () =>
        {
            using CancellationTokenSource ending = new(limit);
            HashSet<(string, string)> found = [];
            await foreach ((string, string) one in ListAsync(session, kind, inNamespace, ending.Token).ConfigureAwait(false))
            {
                found.Add(one);
                Add(kind, one.Item1, one.Item2);
            }

            HashSet<(string Namespace, string Name)> names = _names[(int)kind];
            lock (names)
            {
                names.RemoveWhere(seen => (inNamespace is null || seen.Namespace == inNamespace) && !found.Contains(seen));
            }
        });
    }

    /// <summary>The names of a kind that a cluster has.</summary>
    /// <exception cref="KubernetesException">They may not be listed.</exception>
    public static async Task<IReadOnlyCollection<string>> ReadAsync(KubeVirtSession session, SeenKind kind, CancellationToken cancellationToken)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        await foreach ((string space, string name) in ListAsync(session, kind, null, cancellationToken).ConfigureAwait(false))
        {
            names.Add(name);
            session.Seen.Add(kind, space, name);
        }

        return names;
    }

    private (string Namespace, string Name)[] All(SeenKind kind)
    {
        HashSet<(string, string)> names = _names[(int)kind];
        lock (names)
        {
            return [.. names];
        }
    }

    private static IAsyncEnumerable<(string Namespace, string Name)> ListAsync(KubeVirtSession session, SeenKind kind, string? inNamespace, CancellationToken cancellationToken)
    {
        ResourceType type = kind switch
        {
            SeenKind.VirtualMachine => KubeVirtResources.VirtualMachines,
            SeenKind.Instance => KubeVirtResources.Instances,
            SeenKind.Namespace => ResourceType.Namespaces,
            SeenKind.Node => ResourceType.Nodes,
            _ => ResourceType.Pods,
        };
        ListOptions options = new()
        {
            Namespace = kind == SeenKind.Pod ? session.InstallNamespace : inNamespace,
            LabelSelector = kind == SeenKind.Pod ? ComponentFacts.Selector(Enum.GetValues<ComponentKind>()) : null,
            BadItem = static _ => { },
        };
        return session.Client.ListAsync(type, static json => NameOf(ObjectMeta.Read(json)), options, cancellationToken);
    }

    private static (string Namespace, string Name) NameOf(in ObjectMeta meta) => (meta.Namespace, meta.Name);
}

/// <summary>What a name is of.</summary>
internal enum SeenKind
{
    VirtualMachine,
    Instance,
    Namespace,
    Node,

    /// <summary>A pod of KubeVirt itself.</summary>
    Pod,
}
