namespace KubeVirtMonitor.KubeVirt;

/// <summary>The conditions of an object by type.</summary>
internal readonly struct Conditions
{
    private readonly List<(string Type, string? Status)>? _all;

    private Conditions(List<(string, string?)> all) => _all = all;

    /// <summary>Reads the array under <c>status.conditions</c>.</summary>
    public static Conditions Read(ref JsonCursor reader)
    {
        if (!JsonFields.EnterArray(ref reader, "status.conditions")) return default;
        List<(string, string?)> all = [];
        while (JsonFields.NextObject(ref reader, "status.conditions"))
        {
            (string? type, string? status) = (null, null);
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("type"u8)) type = JsonFields.Text(ref reader, "status.conditions.type");
                else if (key.SequenceEqual("status"u8)) status = JsonFields.Text(ref reader, "status.conditions.status");
                else reader.Skip();
            }

            if (type is not null) all.Add((type, status));
        }

        return new(all);
    }

    /// <summary>True or False as the object says it; null when it says Unknown or nothing.</summary>
    public bool? this[string type]
    {
        get
        {
            if (_all is null) return null;
            foreach ((string known, string? status) in _all)
            {
                if (known == type) return status switch { "True" => true, "False" => false, _ => null };
            }

            return null;
        }
    }
}
