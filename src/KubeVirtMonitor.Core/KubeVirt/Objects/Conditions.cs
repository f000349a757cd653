namespace KubeVirtMonitor.KubeVirt;

/// <summary>A condition of an object.</summary>
/// <param name="IsTrue">True or False as the object says it; null when it says Unknown or nothing.</param>
/// <param name="Reason">The reason in one word.</param>
/// <param name="Message">The reason in words.</param>
/// <param name="Since">When it came to this status; null when it does not tell.</param>
internal sealed record Condition(bool? IsTrue, string? Reason = null, string? Message = null, DateTimeOffset? Since = null)
{
    private static readonly Condition True = new(true);
    private static readonly Condition False = new(false);
    private static readonly Condition Unknown = new((bool?)null);

    /// <summary>Reason and message in one line; empty where there is neither.</summary>
    public string Why => JsonFields.Joined(Reason, Message);

    /// <summary>The one without a reason, shared by all objects of a list.</summary>
    public static Condition Of(bool? isTrue) => isTrue switch { true => True, false => False, null => Unknown };
}

/// <summary>The conditions of an object by type.</summary>
internal readonly struct Conditions
{
    private readonly List<(string Type, Condition Condition)>? _all;

    private Conditions(List<(string, Condition)> all) => _all = all;

    /// <summary>Reads the array under <c>status.conditions</c>.</summary>
    /// <param name="reader">Stands before it.</param>
    /// <param name="withReasons">Whether reason, message and time are kept too: a list of thousands wants the status alone.</param>
    public static Conditions Read(ref JsonCursor reader, bool withReasons = false)
    {
        if (!JsonFields.EnterArray(ref reader, "status.conditions")) return default;
        List<(string, Condition)> all = [];
        while (JsonFields.NextObject(ref reader, "status.conditions"))
        {
            (string? type, bool? isTrue, string? reason, string? message, DateTimeOffset? since) = (null, null, null, null, null);
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("type"u8)) type = JsonFields.Text(ref reader, "status.conditions.type");
                else if (key.SequenceEqual("status"u8)) isTrue = JsonFields.Text(ref reader, "status.conditions.status") switch { "True" => true, "False" => false, _ => null };
                else if (!withReasons) reader.Skip();
                else if (key.SequenceEqual("reason"u8)) reason = JsonFields.Text(ref reader, "status.conditions.reason");
                else if (key.SequenceEqual("message"u8)) message = JsonFields.Text(ref reader, "status.conditions.message");
                else if (key.SequenceEqual("lastTransitionTime"u8)) since = JsonFields.Time(ref reader, "status.conditions.lastTransitionTime");
                else reader.Skip();
            }

            if (type is not null) all.Add((type, withReasons ? new Condition(isTrue, reason, message, since) : Condition.Of(isTrue)));
        }

        return new(all);
    }

    /// <summary>One of them; null when the object does not have it.</summary>
    public Condition? this[string type]
    {
        get
        {
            if (_all is null) return null;
            foreach ((string known, Condition condition) in _all)
            {
                if (known == type) return condition;
            }

            return null;
        }
    }

    /// <summary>Whether one of them is True.</summary>
    public bool Has(string type) => this[type]?.IsTrue == true;
}
