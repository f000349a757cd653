using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Simulator.Api;

namespace KubeVirtMonitor.Simulator.Guests;

/// <summary>The inside of an instance: its guest agent, its ports, the state of its domain. What of it the API server tells is changed there too.</summary>
public sealed class SimulatedGuest : IDisposable
{
    private readonly GuestFleet _fleet;
    private readonly int _ordinal;
    private bool? _migrating;
    private readonly ConcurrentDictionary<int, GuestListener> _listeners = [];

    internal SimulatedGuest(GuestFleet fleet, int ordinal)
    {
        _fleet = fleet;
        _ordinal = ordinal;
        Agent = Vmi.AgentConnected ? GuestAgentState.Answering : GuestAgentState.Absent;
        AgentConnection = new SimulatedGuestAgent(this);
    }

    /// <summary>The instance as it is now.</summary>
    public SimulatedVmi Vmi => _fleet.Instance(_ordinal);

    /// <summary>How its guest agent is. The condition AgentConnected stays as it is, as it does for a while in a real cluster.</summary>
    public GuestAgentState Agent { get; set; }

    /// <summary>The guest agent behind virt-launcher.</summary>
    public IGuestAgent AgentConnection { get; set; }

    /// <summary>The files of the guest, for <c>cat</c>.</summary>
    public ConcurrentDictionary<string, string> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Why libvirt has the domain paused, such as <c>User</c> or <c>IOError</c>; null when it runs.</summary>
    public string? PausedReason { get; private set; }

    /// <summary>Whether a live migration runs.</summary>
    public bool IsMigrating => _migrating ?? Vmi.Migrating;

    /// <summary>Whether the file systems are frozen.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>Whether the annotation <c>kubevirt.io/pause-guest-agent-probes</c> is on.</summary>
    public bool ProbesArePaused { get; private set; }

    /// <summary>Listens on a port.</summary>
    /// <param name="port">The port of the guest.</param>
    /// <param name="certificate">The certificate to speak TLS with; null = plain.</param>
    public GuestListener Listen(int port, X509Certificate2? certificate = null)
    {
        (Socket socket, bool own) = _fleet.Addresses.Listen(Vmi.Ordinal, port);
        GuestListener listener = new(socket, port, certificate);
        _listeners[port] = listener;
        _fleet.Network.ListenInstance(Vmi, port, listener.EndPoint);
        if (own) SetAddress(listener.EndPoint.Address);
        return listener;
    }

    /// <summary>A port it listens on; null when it does not.</summary>
    public GuestListener? this[int port] => _listeners.GetValueOrDefault(port);

    /// <summary>Closes a port.</summary>
    public void Close(int port)
    {
        if (!_listeners.TryRemove(port, out GuestListener? listener)) return;
        _fleet.Network.CloseInstance(Vmi, port);
        listener.Dispose();
    }

    /// <summary>Puts probes into the spec, as if it had been started with them.</summary>
    public void SetProbes(JsonObject? readiness, JsonObject? liveness)
    {
        _fleet.EditInstance(this, vmi =>
        {
            JsonObject spec = (JsonObject)vmi["spec"]!;
            Put(spec, "readinessProbe", readiness);
            Put(spec, "livenessProbe", liveness);
        });
    }

    /// <summary>Declares a port of its first interface by name.</summary>
    public void DeclarePort(string name, int port)
    {
        _fleet.EditInstance(this, vmi =>
        {
            JsonObject first = (JsonObject)vmi["spec"]!["domain"]!["devices"]!["interfaces"]![0]!;
            if (first["ports"] is not JsonArray) first["ports"] = new JsonArray();
            ((JsonArray)first["ports"]!).Add((JsonNode)new JsonObject { ["name"] = name, ["port"] = port, ["protocol"] = "TCP" });
        });
    }

    /// <summary>Moves it to an address, such as one that cannot be reached from here; null = it has none, as long as nobody has told it.</summary>
    public void SetAddress(IPAddress? address) => _fleet.EditInstance(this, vmi =>
    {
        JsonObject first = (JsonObject)vmi["status"]!["interfaces"]![0]!;
        first.Remove("ipAddress");
        first.Remove("ipAddresses");
        if (address is null) return;
        first["ipAddress"] = address.ToString();
        first["ipAddresses"] = new JsonArray(address.ToString());
    });

    /// <summary>Pauses the domain, or lets it run again.</summary>
    public void Pause(string? reason)
    {
        PausedReason = reason;
        _fleet.EditInstance(this, vmi => SetCondition(vmi, "Paused", reason is null ? null : true, reason == "IOError" ? "PausedIOError" : "PausedByUser", "VMI was paused"));
    }

    /// <summary>Begins or ends a live migration.</summary>
    public void Migrate(bool isMigrating)
    {
        _migrating = isMigrating;
        _fleet.EditInstance(this, vmi =>
        {
            JsonObject state = new() { ["startTimestamp"] = Meta.Time(_fleet.Now) };
            if (!isMigrating) state["endTimestamp"] = Meta.Time(_fleet.Now);
            vmi["status"]!["migrationState"] = state;
        });
    }

    /// <summary>Freezes or thaws the file systems.</summary>
    public void Freeze(bool isFrozen)
    {
        IsFrozen = isFrozen;
        _fleet.EditInstance(this, vmi => Put((JsonObject)vmi["status"]!, "fsFreezeStatus", isFrozen ? "frozen" : null));
    }

    /// <summary>Puts the annotation on that takes guest agent pings out of force, or takes it off.</summary>
    public void PauseProbes(bool isPaused)
    {
        ProbesArePaused = isPaused;
        _fleet.EditInstance(this, vmi => Put((JsonObject)vmi["metadata"]!["annotations"]!, "kubevirt.io/pause-guest-agent-probes", isPaused ? "true" : null));
    }

    /// <summary>What kubelet and virt-controller hold of its readiness.</summary>
    public void SetReady(bool isReady)
    {
        _fleet.EditInstance(this, vmi => SetCondition(vmi, "Ready", isReady, isReady ? null : "ContainersNotReady", isReady ? null : "containers with unready status: [compute]"));
        _fleet.EditPod(this, pod =>
        {
            SetCondition(pod, "Ready", isReady, isReady ? null : "ContainersNotReady", isReady ? null : "containers with unready status: [compute]");
            pod["status"]!["containerStatuses"]![0]!["ready"] = isReady;
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (GuestListener listener in _listeners.Values) listener.Dispose();
        _listeners.Clear();
    }

    private static void Put(JsonObject map, string name, JsonNode? value)
    {
        if (value is null) map.Remove(name);
        else map[name] = value.DeepClone();
    }

    private void SetCondition(JsonObject whole, string type, bool? isTrue, string? reason, string? message)
    {
        JsonArray conditions = (JsonArray)whole["status"]!["conditions"]!;
        foreach (JsonNode? known in conditions.Where(each => (string?)each!["type"] == type).ToArray()) conditions.Remove(known);
        if (isTrue is { } status) conditions.Add((JsonNode)Meta.Condition(type, status, _fleet.Now, reason, message));
    }
}
