using System.Text.Json;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Reads a VirtualMachineInstance of <c>kubevirt.io/v1</c>.</summary>
internal ref struct VmiProjection
{
    private ObjectMeta _meta;
    private string? _phase;
    private string? _node;
    private string? _guestOS;
    private DateTimeOffset? _started;
    private Conditions _conditions;
    private List<string>? _addresses;

    /// <summary>Reads one object.</summary>
    /// <param name="json">The object as UTF-8.</param>
    /// <exception cref="FormatException">A field has the wrong type, or there is no name.</exception>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    public static KubeVirtVmi Read(ReadOnlySpan<byte> json)
    {
        JsonCursor reader = new(json);
        VmiProjection vmi = default;
        if (JsonFields.EnterObject(ref reader, "the object"))
        {
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("metadata"u8)) vmi._meta = ObjectMeta.Read(ref reader);
                else if (key.SequenceEqual("status"u8)) vmi.ReadStatus(ref reader);
                else reader.Skip();
            }
        }

        return vmi.ToVmi();
    }

    private void ReadStatus(ref JsonCursor reader)
    {
        if (!JsonFields.EnterObject(ref reader, "status")) return;
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual("phase"u8)) _phase = JsonFields.Text(ref reader, "status.phase");
            else if (key.SequenceEqual("nodeName"u8)) _node = JsonFields.Text(ref reader, "status.nodeName");
            else if (key.SequenceEqual("conditions"u8)) _conditions = Conditions.Read(ref reader);
            else if (key.SequenceEqual("interfaces"u8)) ReadInterfaces(ref reader);
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
                if (key.SequenceEqual("ipAddress"u8)) Add(JsonFields.Text(ref reader, "status.interfaces.ipAddress"));
                else if (!key.SequenceEqual("ipAddresses"u8)) reader.Skip();
                else if (JsonFields.EnterArray(ref reader, "status.interfaces.ipAddresses"))
                {
                    while (reader.NextItem()) Add(JsonFields.Text(ref reader, "status.interfaces.ipAddresses", "an array of texts"));
                }
            }
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

            if (phase == "Running") _started = time;
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
        ObjectMeta meta = _meta.Checked();
        return new KubeVirtVmi
        {
            Name = meta.Name,
            Namespace = meta.Namespace,
            Uid = meta.Uid,
            Created = meta.Created,
            Labels = meta.Labels,
            VM = meta.ControllerKind == "VirtualMachine" ? meta.ControllerName : null,
            Phase = string.IsNullOrEmpty(_phase) ? null : _phase,
            Node = string.IsNullOrEmpty(_node) ? null : _node,
            Started = _started,
            GuestOS = _guestOS,
            IPAddresses = _addresses?.ToArray() ?? [],
            Ready = _conditions["Ready"] == true,
            Paused = _conditions["Paused"] == true,
            AgentConnected = _conditions["AgentConnected"] == true,
            LiveMigratable = _conditions["LiveMigratable"],
        };
    }
}
