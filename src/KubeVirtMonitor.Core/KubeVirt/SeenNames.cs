using System.Collections.Concurrent;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>The names that a session has come across, for completion without asking the network. Bounded, so that a cluster of any size fits.</summary>
internal sealed class SeenNames
{
    private const int Most = 20_000;

    private readonly ConcurrentDictionary<(string Namespace, string Name), bool> _machines = [];
    private readonly ConcurrentDictionary<string, bool> _namespaces = new(StringComparer.Ordinal);

    // Counted here, since the dictionaries take all of their locks to count themselves.
    private int _machineCount;
    private int _namespaceCount;

    /// <summary>The namespaces, in order.</summary>
    public IEnumerable<string> Namespaces => _namespaces.Keys.Order(StringComparer.Ordinal);

    public void Add(string inNamespace, string name)
    {
        if (Volatile.Read(ref _machineCount) < Most && _machines.TryAdd((inNamespace, name), true)) Interlocked.Increment(ref _machineCount);
        if (Volatile.Read(ref _namespaceCount) < Most && _namespaces.TryAdd(inNamespace, true)) Interlocked.Increment(ref _namespaceCount);
    }

    /// <summary>The names of VMs and instances, in order.</summary>
    /// <param name="isWanted">Which namespaces count; null = all.</param>
    public IEnumerable<string> Machines(Func<string, bool>? isWanted) => _machines.Keys
        .Where(machine => isWanted is null || isWanted(machine.Namespace))
        .Select(machine => machine.Name)
        .Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal);
}
