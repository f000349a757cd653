using System.Globalization;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Whether a pod is Ready, and what Kubernetes says of one that is not: in its conditions, and in the states of its containers.</summary>
internal struct PodReadiness
{
    private const int Most = 300;

    private List<string>? _containers;
    private DateTimeOffset? _since;
    private string? _ready;
    private string? _why;
    private string? _unscheduled;

    /// <summary>Whether its condition Ready is True.</summary>
    public readonly bool IsReady => _ready == "True";

    /// <summary>Reads the array under <c>status.conditions</c>.</summary>
    public void ReadConditions(ref JsonCursor reader)
    {
        if (!JsonFields.EnterArray(ref reader, "status.conditions")) return;
        while (JsonFields.NextObject(ref reader, "status.conditions"))
        {
            (string? type, string? status, string? reason, string? message) = (null, null, null, null);
            DateTimeOffset? since = null;
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("type"u8)) type = JsonFields.Text(ref reader, "status.conditions.type");
                else if (key.SequenceEqual("status"u8)) status = JsonFields.Text(ref reader, "status.conditions.status");
                else if (key.SequenceEqual("reason"u8)) reason = JsonFields.Text(ref reader, "status.conditions.reason");
                else if (key.SequenceEqual("message"u8)) message = JsonFields.Text(ref reader, "status.conditions.message");
                else if (key.SequenceEqual("lastTransitionTime"u8)) since = JsonFields.Time(ref reader, "status.conditions.lastTransitionTime");
                else reader.Skip();
            }

            if (type == "Ready") (_ready, _why, _since) = (status, Said(reason, message), since);
            else if (type == "PodScheduled" && status == "False") _unscheduled = Said(reason, message);
        }
    }

    /// <summary>Reads the array under <c>status.containerStatuses</c>, or that of the init containers.</summary>
    public void ReadContainers(ref JsonCursor reader, string field)
    {
        if (!JsonFields.EnterArray(ref reader, field)) return;
        while (JsonFields.NextObject(ref reader, field))
        {
            (string? name, string? state) = (null, null);
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("name"u8)) name = JsonFields.Text(ref reader, $"{field}.name");
                else if (key.SequenceEqual("state"u8)) state = ReadState(ref reader, $"{field}.state");
                else reader.Skip();
            }

            if (state is not null) (_containers ??= []).Add($"container {name} {state}");
        }
    }

    /// <summary>Why it is not Ready, as a sentence; null where it is. What a container waits for tells more than the conditions.</summary>
    /// <param name="isDeleted">Whether somebody has deleted it.</param>
    public readonly string? Note(bool isDeleted)
    {
        if (IsReady) return null;
        string why = isDeleted ? "it is being deleted"
            : _unscheduled is { Length: > 0 } ? $"no node takes it: {_unscheduled}"
            : _containers is not null ? string.Join("; ", _containers)
            : _why is { Length: > 0 } ? _why
            : _ready is null ? "Kubernetes has not said yet whether it is"
            : "Kubernetes gives no reason";
        string since = _ready is not null && _since is { } time ? time.UtcDateTime.ToString("' since 'yyyy-MM-dd HH:mm:ss' UTC'", CultureInfo.InvariantCulture) : "";
        return $"Not Ready{since}: {ForeignText.OfStranger.Line(why, Most).TrimEnd('.')}.";
    }

    // One of waiting, running, terminated. An init container that has ended well is as it should be.
    private static string? ReadState(ref JsonCursor reader, string field)
    {
        if (!JsonFields.EnterObject(ref reader, field)) return null;
        string? state = null;
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            bool isWaiting = key.SequenceEqual("waiting"u8);
            if (!isWaiting && !key.SequenceEqual("terminated"u8))
            {
                reader.Skip();
                continue;
            }

            (string? reason, string? message, long? code) = (null, null, null);
            if (!JsonFields.EnterObject(ref reader, field)) continue;
            while (reader.NextField(out ReadOnlySpan<byte> part))
            {
                if (part.SequenceEqual("reason"u8)) reason = JsonFields.Text(ref reader, $"{field}.reason");
                else if (part.SequenceEqual("message"u8)) message = JsonFields.Text(ref reader, $"{field}.message");
                else if (part.SequenceEqual("exitCode"u8)) code = JsonFields.Whole(ref reader, $"{field}.exitCode");
                else reader.Skip();
            }

            string said = Said(reason, message) is { Length: > 0 } text ? $": {text}" : "";
            if (isWaiting) state = $"waits{said}";
            else if (code is not 0) state = string.Create(CultureInfo.InvariantCulture, $"has ended with exit code {code}{said}");
        }

        return state;
    }

    private static string Said(string? reason, string? message) => string.Join(": ", new[] { reason, message }.Where(text => !string.IsNullOrEmpty(text)));
}
