namespace KubeVirtMonitor.Simulator.Guests;

/// <summary>What steers a guest from outside the process of the simulator. Every field is optional, and what is not named stays.</summary>
internal sealed record GuestControl
{
    public GuestAgentState? Agent { get; init; }

    /// <summary>The path of the socket of a real qemu-ga.</summary>
    public string? AgentSocket { get; init; }

    /// <summary>Why the domain is paused; empty = it runs.</summary>
    public string? Paused { get; init; }

    public bool? Migrating { get; init; }

    public bool? Frozen { get; init; }

    public bool? ProbesPaused { get; init; }

    public bool? Ready { get; init; }

    /// <summary>What kubelet is to have seen fail.</summary>
    public string? Unhealthy { get; init; }

    /// <summary>An address that it moves to.</summary>
    public string? Address { get; init; }

    /// <summary>The probes of its spec; both together.</summary>
    public GuestProbes? Probes { get; init; }

    /// <summary>How ports answer, by port; null closes one.</summary>
    public Dictionary<int, GuestAnswer?> Ports { get; init; } = [];

    /// <summary>Files of the guest.</summary>
    public Dictionary<string, string> Files { get; init; } = [];

    public void Apply(GuestFleet fleet, SimulatedGuest guest)
    {
        if (Agent is { } agent) guest.Agent = agent;
        if (AgentSocket is { } socket) guest.AgentConnection = new QemuGuestAgent(socket);
        if (Paused is { } paused) guest.Pause(paused.Length == 0 ? null : paused);
        if (Migrating is { } migrating) guest.Migrate(migrating);
        if (Frozen is { } frozen) guest.Freeze(frozen);
        if (ProbesPaused is { } off) guest.PauseProbes(off);
        if (Ready is { } ready) guest.SetReady(ready);
        if (Unhealthy is { } message) fleet.TellUnhealthy(guest, message);
        if (Probes is { } probes) guest.SetProbes(probes.Readiness, probes.Liveness);
        foreach ((string file, string text) in Files) guest.Files[file] = text;
        foreach ((int port, GuestAnswer? answer) in Ports)
        {
            if (answer is null) guest.Close(port);
            else (guest[port] ?? guest.Listen(port)).Answer = answer;
        }

        // Last, since listening moves it to an address of its own.
        if (Address is { } address) guest.SetAddress(System.Net.IPAddress.Parse(address));
    }
}
