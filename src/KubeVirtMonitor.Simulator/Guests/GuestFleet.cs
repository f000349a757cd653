using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Simulator.Api;

namespace KubeVirtMonitor.Simulator.Guests;

/// <summary>The guests of a simulated cluster. Each is made when it is first asked for.</summary>
public sealed class GuestFleet : IDisposable
{
    private readonly ResourceStore _store;
    private readonly TimeProvider _time;
    private readonly SimulatedCluster _cluster;
    private readonly Dictionary<(string Space, string Name), int> _instances;
    private readonly ConcurrentDictionary<(string Space, string Name), SimulatedGuest> _guests = [];

    internal GuestFleet(SimulatedCluster cluster, ResourceStore store, PodNetwork network, ExecCommands commands, TimeProvider time)
    {
        _store = store;
        _time = time;
        Network = network;
        Release = cluster.Release;
        _cluster = cluster;
        _instances = cluster.VirtualMachineInstances.ToDictionary(static vmi => (vmi.Namespace, vmi.Name), static vmi => vmi.Ordinal);
        commands["virt-probe"] = new VirtProbe(this).RunAsync;
    }

    internal PodNetwork Network { get; }

    internal SimulatedRelease Release { get; }

    internal GuestAddresses Addresses { get; } = new();

    internal DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>The guest of an instance.</summary>
    /// <exception cref="KeyNotFoundException">There is no such instance.</exception>
    public SimulatedGuest this[string space, string name] => Find(space, name) ?? throw new KeyNotFoundException($"There is no instance '{space}/{name}'.");

    /// <summary>The guest of an instance, or null.</summary>
    public SimulatedGuest? Find(string space, string name) =>
        _instances.TryGetValue((space, name), out int ordinal) ? _guests.GetOrAdd((space, name), _ => new SimulatedGuest(this, ordinal)) : null;

    /// <summary>The guest of a domain, whose name is namespace and name with an underscore between them.</summary>
    internal SimulatedGuest? OfDomain(string domain) => domain.Split('_', 2) is [string space, string name] ? Find(space, name) : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SimulatedGuest guest in _guests.Values) guest.Dispose();
    }

    /// <summary>The instance of a number as it is now.</summary>
    internal SimulatedVmi Instance(int ordinal) => _cluster.VirtualMachineInstances[ordinal];

    internal void EditInstance(SimulatedGuest guest, Action<JsonObject> change) =>
        Edit(_store[ResourceTypes.KubeVirtGroup, "virtualmachineinstances"], guest.Vmi.Namespace, guest.Vmi.Name, change);

    internal void EditPod(SimulatedGuest guest, Action<JsonObject> change) => Edit(_store["", "pods"], guest.Vmi.Namespace, guest.Vmi.LauncherPod, change);

    /// <summary>Says that something happened to an instance.</summary>
    internal void Tell(SimulatedGuest guest, string reason, string message) => Tell(guest.Vmi, "VirtualMachineInstance", guest.Vmi.Name, reason, message, "virt-launcher");

    /// <summary>Says that kubelet saw a probe fail.</summary>
    public void TellUnhealthy(SimulatedGuest guest, string message)
    {
        ArgumentNullException.ThrowIfNull(guest);
        Tell(guest.Vmi, "Pod", guest.Vmi.LauncherPod, "Unhealthy", message, "kubelet");
    }

    private void Tell(SimulatedVmi vmi, string kind, string about, string reason, string message, string source)
    {
        ResourceCollection events = _store["", "events"];
        string name = $"{about}.{Guid.NewGuid().ToString("N")[..16]}";
        JsonObject told = new()
        {
            ["metadata"] = Meta.Of(name, vmi.Namespace, Guid.NewGuid(), Now),
            ["involvedObject"] = new JsonObject { ["kind"] = kind, ["namespace"] = vmi.Namespace, ["name"] = about },
            ["reason"] = reason,
            ["message"] = message,
            ["source"] = new JsonObject { ["component"] = source },
            ["firstTimestamp"] = Meta.Time(Now),
            ["lastTimestamp"] = Meta.Time(Now),
            ["count"] = 1,
            ["type"] = "Warning",
        };
        lock (_store.Gate) events.Put(ApiObject.From(events.Type, told, _store.NextVersion()));
    }

    private void Edit(ResourceCollection collection, string space, string name, Action<JsonObject> change)
    {
        lock (_store.Gate)
        {
            JsonObject whole = collection.Find(space, name)?.ToJson() ?? throw new KeyNotFoundException($"There is no {collection.Type.Plural} '{space}/{name}'.");
            change(whole);
            collection.Put(ApiObject.From(collection.Type, whole, _store.NextVersion()));
        }
    }
}
