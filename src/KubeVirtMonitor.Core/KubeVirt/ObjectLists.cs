using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Lists the objects of KubeVirt page by page. What cannot be read is reported by name, and never hides the rest.</summary>
internal static class ObjectLists
{
    /// <summary>Virtual machines, page by page.</summary>
    /// <exception cref="KubernetesException">While enumerating: they may not be listed.</exception>
    public static async IAsyncEnumerable<KubeVirtVM> VirtualMachinesAsync(KubeVirtSession session, ListOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        JsonProjection<KubeVirtVM> project = Named("VirtualMachine", VmProjection.Read);
        await foreach (KubeVirtVM vm in session.Client.ListAsync(KubeVirtResources.VirtualMachines, project, options, cancellationToken).ConfigureAwait(false))
        {
            session.Seen.Add(vm.Namespace, vm.Name);
            yield return vm;
        }
    }

    /// <summary>Virtual machine instances, page by page.</summary>
    /// <exception cref="KubernetesException">While enumerating: they may not be listed.</exception>
    public static async IAsyncEnumerable<KubeVirtVmi> InstancesAsync(KubeVirtSession session, ListOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        JsonProjection<KubeVirtVmi> project = Named("VirtualMachineInstance", VmiProjection.Read);
        await foreach (KubeVirtVmi vmi in session.Client.ListAsync(KubeVirtResources.Instances, project, options, cancellationToken).ConfigureAwait(false))
        {
            session.Seen.Add(vmi.Namespace, vmi.Name);
            yield return vmi;
        }
    }

    /// <summary>A projection whose errors say which object they are about.</summary>
    public static JsonProjection<T> Named<T>(string kind, JsonProjection<T> project) => json =>
    {
        try
        {
            return project(json);
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            throw new FormatException($"{kind} {NameOf(json)}: {exception.Message}", exception);
        }
    };

    // Labels stand before the name, so the reader that failed may not have come to it.
    private static string NameOf(ReadOnlySpan<byte> json)
    {
        (string? name, string? space) = (null, null);
        try
        {
            JsonCursor reader = new(json);
            if (!reader.EnterObject()) return "without a name";
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (!key.SequenceEqual("metadata"u8)) reader.Skip();
                else if (reader.EnterObject())
                {
                    while (reader.NextField(out ReadOnlySpan<byte> inner))
                    {
                        if (inner.SequenceEqual("name"u8)) name = reader.ReadText();
                        else if (inner.SequenceEqual("namespace"u8)) space = reader.ReadText();
                        else reader.Skip();
                    }
                }
            }
        }
        catch (JsonException)
        {
            // What has been found so far has to do.
        }

        return string.IsNullOrEmpty(name) ? "without a name" : string.IsNullOrEmpty(space) ? name : $"{space}/{name}";
    }
}

/// <summary>The names that a session has seen, for completion without the network. Limited, for clusters of any size.</summary>
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
    /// <param name="isWanted">Which namespaces to list; null = all.</param>
    public IEnumerable<string> Machines(Func<string, bool>? isWanted) => _machines.Keys
        .Where(machine => isWanted is null || isWanted(machine.Namespace))
        .Select(machine => machine.Name)
        .Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal);
}
