using System.Globalization;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Whether a pod is Ready, and what Kubernetes says of one that is not: in its conditions, and in the states of its containers.</summary>
internal struct PodReadiness
{
    private const int Most = 300;

    private List<ContainerState>? _containers;

    /// <summary>Its conditions, with reasons.</summary>
    public Conditions Conditions { readonly get; set; }

    /// <summary>Whether its condition Ready is True.</summary>
    public readonly bool IsReady => Conditions.Has("Ready");

    /// <summary>A container by its name; null when kubelet has not told of it.</summary>
    public readonly ContainerState? Container(string name) => _containers?.Find(container => container.Name == name);

    /// <summary>Reads the array under <c>status.containerStatuses</c>, or that of the init containers.</summary>
    public void ReadContainers(ref JsonCursor reader, string field)
    {
        if (!JsonFields.EnterArray(ref reader, field)) return;
        while (JsonFields.NextObject(ref reader, field))
        {
            (string? name, string? trouble, bool? ready, long? restarts) = (null, null, null, null);
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("name"u8)) name = JsonFields.Text(ref reader, $"{field}.name");
                else if (key.SequenceEqual("ready"u8)) ready = JsonFields.Flag(ref reader, $"{field}.ready");
                else if (key.SequenceEqual("restartCount"u8)) restarts = JsonFields.Integer(ref reader, $"{field}.restartCount");
                else if (key.SequenceEqual("state"u8)) trouble = ReadState(ref reader, $"{field}.state");
                else reader.Skip();
            }

            (_containers ??= []).Add(new ContainerState(name, ready, restarts, trouble));
        }
    }

    /// <summary>Why it is not Ready, as a sentence; null where it is. What a container waits for tells more than the conditions.</summary>
    /// <param name="isDeleted">Whether it is being deleted.</param>
    public readonly string? Note(bool isDeleted)
    {
        if (IsReady) return null;
        Condition? ready = Conditions["Ready"];
        string[] troubles = [.. (_containers ?? []).Where(static one => one.Trouble is not null).Select(static one => $"container {one.Name} {one.Trouble}")];
        string why = isDeleted ? "it is being deleted"
            : Conditions["PodScheduled"] is { IsTrue: false, Why: { Length: > 0 } unscheduled } ? $"it cannot be scheduled: {unscheduled}"
            : troubles.Length > 0 ? string.Join("; ", troubles)
            : ready is { Why: { Length: > 0 } said } ? said
            : ready is null ? "Kubernetes has not reported yet whether it is"
            : "Kubernetes gives no reason";
        string since = ready?.Since is { } time ? time.UtcDateTime.ToString("' since 'yyyy-MM-dd HH:mm:ss' UTC'", CultureInfo.InvariantCulture) : "";
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
                else if (part.SequenceEqual("exitCode"u8)) code = JsonFields.Integer(ref reader, $"{field}.exitCode");
                else reader.Skip();
            }

            string said = JsonFields.Joined(reason, message) is { Length: > 0 } text ? $": {text}" : "";
            if (isWaiting) state = $"waits{said}";
            else if (code is not 0) state = string.Create(CultureInfo.InvariantCulture, $"has ended with exit code {code}{said}");
        }

        return state;
    }
}

/// <summary>What kubelet says of a container.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsReady">Whether it is Ready; null when it does not say.</param>
/// <param name="Restarts">How often it was started again; null when it does not say.</param>
/// <param name="Trouble">What it waits for, or how it has ended; null for one that is as it should be.</param>
internal sealed record ContainerState(string? Name, bool? IsReady, long? Restarts, string? Trouble);
