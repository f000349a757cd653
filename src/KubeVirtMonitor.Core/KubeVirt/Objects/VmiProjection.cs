using System.Runtime.CompilerServices;
using System.Text.Json;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Reads a VirtualMachineInstance of <c>kubevirt.io/v1</c>: what a list shows of it, and on demand what its probes depend on.</summary>
internal struct VmiProjection : IObjectProjection
{
    private readonly bool _withProbes;
    private readonly ListSharing? _sharing;
    private GuestSize _size;
    private bool _hasTopology;
    private decimal? _memory;
    private string? _reason;
    private string? _phase;
    private string? _node;
    private string? _guestOS;
    private DateTimeOffset? _migrationStarted;
    private DateTimeOffset? _migrationEnded;
    private List<string>? _addresses;
    private Dictionary<string, int>? _ports;

    private VmiProjection(bool withProbes, ListSharing? sharing) => (_withProbes, _sharing) = (withProbes, sharing);

    public ObjectMeta Meta { readonly get; private set; }

    public readonly string? Phase => string.IsNullOrEmpty(_phase) ? null : _phase;

    public readonly string? Node => string.IsNullOrEmpty(_node) ? null : _node;

    /// <summary>When it came to the phase Running.</summary>
    public DateTimeOffset? Started { readonly get; private set; }

    /// <summary>With their times where probes are asked for.</summary>
    public Conditions Conditions { readonly get; private set; }

    /// <summary>The first address of its interfaces; null when none has one.</summary>
    public string? Address { readonly get; private set; }

    /// <summary>Whether a live migration has started and not ended. Like all below, read for probes only.</summary>
    public readonly bool IsMigrating => _migrationStarted is not null && _migrationEnded is null;

    /// <summary>Whether its file systems are frozen.</summary>
    public bool IsFrozen { readonly get; private set; }

    /// <summary>Ports that its interfaces declare by name. The first of a name counts, as in the list of the container's ports.</summary>
    public readonly IReadOnlyDictionary<string, int> Ports => _ports ?? [];

    /// <summary>Reads one object.</summary>
    /// <param name="json">The object as UTF-8.</param>
    /// <param name="session">The session that read it.</param>
    /// <param name="sharing">The list it is of; null = it is of none.</param>
    /// <exception cref="FormatException">A field has the wrong type, or there is no name.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static KubeVirtVmi Read(ReadOnlySpan<byte> json, KubeVirtSession? session = null, ListSharing? sharing = null)
    {
        VmiProjection vmi = Parse(json, withProbes: false, sharing);
        if (vmi._hasTopology && vmi._memory is not null) return vmi.ToVmi(session, vmi._size.VCpus, Quantity.Bytes(vmi._memory));
        GuestSize wanted = GuestSize.OfInstance(json);
        return vmi.ToVmi(session, vmi._hasTopology ? vmi._size.VCpus : wanted.VCpus, Quantity.Bytes(vmi._memory) ?? wanted.Memory);
    }

    /// <summary>Reads one object and what its probes depend on.</summary>
    /// <param name="json">The object as UTF-8.</param>
    /// <exception cref="FormatException">A field has the wrong type, or there is no name.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static VmiProjection ReadForProbes(ReadOnlySpan<byte> json) => Parse(json, withProbes: true, null);

    private static VmiProjection Parse(ReadOnlySpan<byte> json, bool withProbes, ListSharing? sharing)
    {
        VmiProjection vmi = new(withProbes, sharing);
        vmi.Meta = ObjectMeta.Read(json, ref vmi, withProbes, sharing?.Texts);
        return vmi;
    }

    public void ReadSpec(ref JsonCursor reader)
    {
        if (!_withProbes) reader.Skip();
        else if (JsonFields.EnterObject(ref reader, "spec")) ReadDomain(ref reader);
    }

    private void ReadDomain(ref JsonCursor reader)
    {
        while (JsonFields.Find(ref reader, "domain"u8))
        {
            if (!JsonFields.EnterObject(ref reader, "spec.domain")) continue;
            while (JsonFields.Find(ref reader, "devices"u8))
            {
                if (!JsonFields.EnterObject(ref reader, "spec.domain.devices")) continue;
                while (JsonFields.Find(ref reader, "interfaces"u8))
                {
                    if (!JsonFields.EnterArray(ref reader, "spec.domain.devices.interfaces")) continue;
                    while (JsonFields.NextObject(ref reader, "spec.domain.devices.interfaces"))
                    {
                        while (JsonFields.Find(ref reader, "ports"u8)) ReadPorts(ref reader);
                    }
                }
            }
        }
    }

    private void ReadPorts(ref JsonCursor reader)
    {
        if (!JsonFields.EnterArray(ref reader, "spec.domain.devices.interfaces.ports")) return;
        while (JsonFields.NextObject(ref reader, "spec.domain.devices.interfaces.ports"))
        {
            (string? name, long? port) = (null, null);
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("name"u8)) name = JsonFields.Text(ref reader, "spec.domain.devices.interfaces.ports.name");
                else if (key.SequenceEqual("port"u8)) port = JsonFields.Port(ref reader, "spec.domain.devices.interfaces.ports.port");
                else reader.Skip();
            }

            if (!string.IsNullOrEmpty(name) && port is { } number) (_ports ??= new(StringComparer.Ordinal)).TryAdd(name, (int)number);
        }
    }

    [MethodImpl(HotPath.Compile)]
    public void ReadStatus(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "status")) return;
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("phase"u8)) _phase = JsonFields.Text(ref reader, "status.phase", _sharing?.Texts);
            else if (key.SequenceEqual("nodeName"u8)) _node = JsonFields.Text(ref reader, "status.nodeName", _sharing?.Texts);
            else if (key.SequenceEqual("conditions"u8)) Conditions = _withProbes ? Conditions.Read(ref reader) : Conditions.Read(ref reader, _sharing);
            else if (key.SequenceEqual("interfaces"u8)) ReadInterfaces(ref reader);
            else if (_withProbes && key.SequenceEqual("migrationState"u8)) ReadMigration(ref reader);
            else if (_withProbes && key.SequenceEqual("fsFreezeStatus"u8)) IsFrozen = JsonFields.Text(ref reader, "status.fsFreezeStatus") == "frozen";
            else if (key.SequenceEqual("phaseTransitionTimestamps"u8)) ReadTransitions(ref reader);
            else if (_withProbes) reader.Skip();
            else if (key.SequenceEqual("reason"u8)) _reason = JsonFields.Text(ref reader, "status.reason");
            else if (key.SequenceEqual("currentCPUTopology"u8)) ReadTopology(ref reader);
            else if (key.SequenceEqual("memory"u8)) ReadMemory(ref reader);
            else if (key.SequenceEqual("guestOSInfo"u8)) ReadGuestOS(ref reader);
            else reader.Skip();
        }
    }

    private void ReadTopology(ref JsonCursor reader)
    {
        _hasTopology = reader.Kind == JsonValueKind.Object;
        _size.ReadTopology(ref reader, "status.currentCPUTopology");
    }

    private void ReadMemory(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "status.memory")) return;
        while (JsonFields.Find(ref reader, "guestCurrent"u8)) _memory = Quantity.Read(ref reader, "status.memory.guestCurrent");
    }

    [MethodImpl(HotPath.Compile)]
    private void ReadInterfaces(ref JsonCursor reader)
    {
        if (!JsonFields.EnterArray(ref reader, "status.interfaces")) return;
        while (JsonFields.NextObject(ref reader, "status.interfaces"))
        {
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("ipAddress"u8))
                {
                    string? address = JsonFields.Text(ref reader, "status.interfaces.ipAddress", _sharing?.Texts);
                    if (string.IsNullOrEmpty(Address) && !string.IsNullOrEmpty(address)) Address = address;
                    Add(address);
                }
                else if (!key.SequenceEqual("ipAddresses"u8)) reader.Skip();
                else if (JsonFields.EnterArray(ref reader, "status.interfaces.ipAddresses"))
                {
                    while (reader.NextItem()) Add(JsonFields.Text(ref reader, "status.interfaces.ipAddresses", _sharing?.Texts, "an array of texts"));
                }
            }
        }
    }

    private void ReadMigration(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "status.migrationState")) return;
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("startTimestamp"u8)) _migrationStarted = JsonFields.Time(ref reader, "status.migrationState.startTimestamp");
            else if (key.SequenceEqual("endTimestamp"u8)) _migrationEnded = JsonFields.Time(ref reader, "status.migrationState.endTimestamp");
            else reader.Skip();
        }
    }

    [MethodImpl(HotPath.Compile)]
    private void ReadGuestOS(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "status.guestOSInfo")) return;
        (string? pretty, string? name, string? version) = (null, null, null);
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("prettyName"u8)) pretty = JsonFields.Text(ref reader, "status.guestOSInfo.prettyName", _sharing?.Texts);
            else if (key.SequenceEqual("name"u8)) name = JsonFields.Text(ref reader, "status.guestOSInfo.name", _sharing?.Texts);
            else if (key.SequenceEqual("versionId"u8)) version = JsonFields.Text(ref reader, "status.guestOSInfo.versionId", _sharing?.Texts);
            else reader.Skip();
        }

        if (!string.IsNullOrEmpty(pretty)) _guestOS = pretty;
        else if ($"{name} {version}".Trim() is { Length: > 0 } named) _guestOS = named;
    }

    [MethodImpl(HotPath.Compile)]
    private void ReadTransitions(ref JsonCursor reader)
    {
        if (!JsonFields.EnterArray(ref reader, "status.phaseTransitionTimestamps")) return;
        while (JsonFields.NextObject(ref reader, "status.phaseTransitionTimestamps"))
        {
            (string? phase, DateTimeOffset? time) = (null, null);
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("phase"u8)) phase = JsonFields.Text(ref reader, "status.phaseTransitionTimestamps.phase", _sharing?.Texts);
                else if (key.SequenceEqual("phaseTransitionTimestamp"u8)) time = JsonFields.Time(ref reader, "status.phaseTransitionTimestamps.phaseTransitionTimestamp");
                else reader.Skip();
            }

            if (phase == "Running") Started = time;
        }
    }

    private void Add(string? address)
    {
        if (string.IsNullOrEmpty(address)) return;
        _addresses ??= [];
        if (!_addresses.Contains(address)) _addresses.Add(address);
    }

    private readonly KubeVirtVmi ToVmi(KubeVirtSession? session, int cpus, long? memory)
    {
        ObjectMeta meta = Meta;
        return new KubeVirtVmi
        {
            Session = session,
            Name = meta.Name,
            Namespace = meta.Namespace,
            Id = meta.Id,
            Created = meta.Created,
            Labels = meta.Labels,
            VM = meta.ControllerKind == "VirtualMachine" ? meta.ControllerName : null,
            Phase = Phase,
            Node = Node,
            VCpus = cpus,
            Memory = memory,
            Started = Started,
            GuestOS = _guestOS,
            IPAddresses = _addresses is null ? TextList<string>.Empty : new TextList<string>(_addresses.ToArray()),
            Ready = Conditions.Has("Ready"),
            Paused = Conditions.Has("Paused"),
            AgentConnected = Conditions.Has("AgentConnected"),
            LiveMigratable = Conditions["LiveMigratable"]?.IsTrue,
            MigrationProblem = Problems.OneLine(Conditions.WhyNot("LiveMigratable", true)),
            Problem = Problems.OneLine(Problems.OfInstance(Phase, _reason, Conditions)),
        };
    }
}
