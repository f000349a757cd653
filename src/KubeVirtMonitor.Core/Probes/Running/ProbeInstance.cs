using System.Text.Json;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor.Probes.Running;

/// <summary>An instance as far as its probes are concerned.</summary>
internal sealed record ProbeInstance
{
    public required string Name { get; init; }

    public required string Namespace { get; init; }

    public string? Uid { get; init; }

    public string? Phase { get; init; }

    public string? Node { get; init; }

    /// <summary>When it came to the phase Running.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>The first address of its first interface.</summary>
    public string? Address { get; init; }

    public Condition? Ready { get; init; }

    public Condition? AgentConnected { get; init; }

    /// <summary>The condition Paused, where it is True.</summary>
    public Condition? Paused { get; init; }

    /// <summary>Whether a live migration has started and not ended.</summary>
    public bool IsMigrating { get; init; }

    /// <summary>Whether its file systems are frozen.</summary>
    public bool IsFrozen { get; init; }

    /// <summary>Whether the annotation <c>kubevirt.io/pause-guest-agent-probes</c> is on.</summary>
    public bool ProbesArePaused { get; init; }

    /// <summary>Ports that its interfaces declare by name.</summary>
    public required IReadOnlyDictionary<string, int> Ports { get; init; }

    /// <summary>The probes of its spec.</summary>
    public required IReadOnlyList<VmiProbe> Probes { get; init; }

    public bool IsRunning => Phase == "Running";

    /// <summary>Reads one object.</summary>
    /// <param name="json">The object as UTF-8.</param>
    /// <param name="session">The session that read it.</param>
    /// <exception cref="FormatException">A field has the wrong type, there is no name, or a probe is not well-formed.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static ProbeInstance Read(ReadOnlySpan<byte> json, KubeVirtSession? session = null)
    {
        VmiProjection vmi = VmiProjection.ReadForProbes(json);
        ObjectMeta meta = vmi.Meta;
        return new ProbeInstance
        {
            Name = meta.Name,
            Namespace = meta.Namespace,
            Uid = meta.Uid,
            Phase = vmi.Phase,
            Node = vmi.Node,
            Started = vmi.Started,
            Address = vmi.Address,
            Ready = vmi.Conditions["Ready"],
            AgentConnected = vmi.Conditions["AgentConnected"],
            Paused = vmi.Conditions["Paused"] is { IsTrue: true } paused ? paused : null,
            IsMigrating = vmi.IsMigrating,
            IsFrozen = vmi.IsFrozen,
            // strconv.ParseBool
            ProbesArePaused = meta.Annotations?.GetValueOrDefault("kubevirt.io/pause-guest-agent-probes") is "1" or "t" or "T" or "TRUE" or "true" or "True",
            Ports = vmi.Ports,
            Probes = VmiManifest.Of(JsonText.Parse(json), "VirtualMachineInstance", session: session) is { } manifest ? [.. Enum.GetValues<ProbeRole>().Select(manifest.GetProbe).OfType<VmiProbe>()] : [],
        };
    }
}
