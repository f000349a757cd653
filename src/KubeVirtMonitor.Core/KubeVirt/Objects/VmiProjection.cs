using System.Text.Json;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Reads a VirtualMachineInstance of <c>kubevirt.io/v1</c>: what a list shows of it, and on demand what its probes depend on.</summary>
internal struct VmiProjection : IObjectProjection
{
    private readonly bool _withProbes;
    private string? _phase;
    private string? _node;
    private string? _guestOS;
    private DateTimeOffset? _migrationStarted;
    private DateTimeOffset? _migrationEnded;
    private List<string>? _addresses;
    private Dictionary<string, int>? _ports;

    private VmiProjection(bool withProbes) => _withProbes = withProbes;

    public ObjectMeta Meta { readonly get; private set; }

    public readonly string? Phase => string.IsNullOrEmpty(_phase) ? null : _phase;

    public readonly string? Node => string.IsNullOrEmpty(_node) ? null : _node;

    /// <summary>When it came to the phase Running.</summary>
    public DateTimeOffset? Started { readonly get; private set; }

    /// <summary>With reasons where probes are asked for.</summary>
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
    /// <exception cref="FormatException">A field has the wrong type, or there is no name.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static KubeVirtVmi Read(ReadOnlySpan<byte> json) => Parse(json, withProbes: false).ToVmi();

    /// <summary>Reads one object and what its probes depend on.</summary>
    /// <inheritdoc cref="Read"/>
    public static VmiProjection ReadForProbes(ReadOnlySpan<byte> json) => Parse(json, withProbes: true);

    private static VmiProjection Parse(ReadOnlySpan<byte> json, bool withProbes)
    {
        VmiProjection vmi = new(withProbes);
        vmi.Meta = ObjectMeta.Read(json, ref vmi, withProbes);
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

    public void ReadStatus(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "status")) return;
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("phase"u8)) _phase = JsonFields.Text(ref reader, "status.phase");
            else if (key.SequenceEqual("nodeName"u8)) _node = JsonFields.Text(ref reader, "status.nodeName");
            else if (key.SequenceEqual("conditions"u8)) Conditions = Conditions.Read(ref reader, _withProbes);
            else if (key.SequenceEqual("interfaces"u8)) ReadInterfaces(ref reader);
            else if (_withProbes && key.SequenceEqual("migrationState"u8)) ReadMigration(ref reader);
            else if (_withProbes && key.SequenceEqual("fsFreezeStatus"u8)) IsFrozen = JsonFields.Text(ref reader, "status.fsFreezeStatus") == "frozen";
            else if (key.SequenceEqual("guestOSInfo"u8)) ReadGuestOS(ref reader);
            else if (key.SequenceEqual("phaseTransitionTimestamps"u8)) ReadTransitions(ref reader);
            else reader.Skip();
        }
    }

    private void ReadInterfaces(ref JsonCursor reader)
    {
        if (!JsonFields.EnterArray(ref reader, "status.interfaces")) return;
        while (JsonFields.NextObject(ref reader, "status.interfaces"))
        {
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("ipAddress"u8))
                {
                    string? address = JsonFields.Text(ref reader, "status.interfaces.ipAddress");
                    if (string.IsNullOrEmpty(Address) && !string.IsNullOrEmpty(address)) Address = address;
                    Add(address);
                }
                else if (!key.SequenceEqual("ipAddresses"u8)) reader.Skip();
                else if (JsonFields.EnterArray(ref reader, "status.interfaces.ipAddresses"))
                {
                    while (reader.NextItem()) Add(JsonFields.Text(ref reader, "status.interfaces.ipAddresses", "an array of texts"));
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

    private void ReadGuestOS(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "status.guestOSInfo")) return;
        (string? pretty, string? name, string? version) = (null, null, null);
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("prettyName"u8)) pretty = JsonFields.Text(ref reader, "status.guestOSInfo.prettyName");
            else if (key.SequenceEqual("name"u8)) name = JsonFields.Text(ref reader, "status.guestOSInfo.name");
            else if (key.SequenceEqual("versionId"u8)) version = JsonFields.Text(ref reader, "status.guestOSInfo.versionId");
            else reader.Skip();
        }

        string named = $"{name} {version}".Trim();
        _guestOS = !string.IsNullOrEmpty(pretty) ? pretty : named.Length > 0 ? named : null;
    }

    private void ReadTransitions(ref JsonCursor reader)
    {
        if (!JsonFields.EnterArray(ref reader, "status.phaseTransitionTimestamps")) return;
        while (JsonFields.NextObject(ref reader, "status.phaseTransitionTimestamps"))
        {
            (string? phase, DateTimeOffset? time) = (null, null);
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("phase"u8)) phase = JsonFields.Text(ref reader, "status.phaseTransitionTimestamps.phase");
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

    private readonly KubeVirtVmi ToVmi()
    {
        ObjectMeta meta = Meta;
        return new KubeVirtVmi
        {
            Name = meta.Name,
            Namespace = meta.Namespace,
            Uid = meta.Uid,
            Created = meta.Created,
            Labels = meta.Labels,
            VM = meta.ControllerKind == "VirtualMachine" ? meta.ControllerName : null,
            Phase = Phase,
            Node = Node,
            Started = Started,
            GuestOS = _guestOS,
            IPAddresses = _addresses?.ToArray() ?? [],
            Ready = Conditions.Has("Ready"),
            Paused = Conditions.Has("Paused"),
            AgentConnected = Conditions.Has("AgentConnected"),
            LiveMigratable = Conditions["LiveMigratable"]?.IsTrue,
        };
    }
}
