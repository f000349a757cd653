using System.Text.Json;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Probes.Running;

/// <summary>Gathers what the cluster says of the probes of an instance.</summary>
internal static class ClusterView
{
    private static readonly ResourceType Events = new("", "v1", "events");

    /// <summary>What the instance itself says; asks nobody.</summary>
    public static ProbeClusterState Of(ProbeInstance instance) => Of(instance, null, null, []);

    /// <summary>That, and what its pod and the events say. What cannot be looked up is a note: the probe has run, and its result counts.</summary>
    public static async Task<ProbeClusterState> GatherAsync(KubeVirtSession session, ProbeInstance instance, CancellationToken cancellationToken)
    {
        List<string> notes = [];
        async Task<bool> LookAsync(string what, Func<Task> look)
        {
            try
            {
                await look().ConfigureAwait(false);
                return true;
            }
            catch (KubernetesException exception)
            {
                notes.Add($"{what} of {instance.Namespace}/{instance.Name} could not be looked up. {exception.Message}");
                return false;
            }
        }

        LauncherPod? pod = null;
        List<ProbeEvent> events = [];
        bool isWhole = await LookAsync("The pod", async () => pod = await LauncherPod.FindAsync(session, instance, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        isWhole &= await LookAsync("Events", async () =>
        {
            if (pod is not null) await ListAsync(session, instance.Namespace, "Pod", pod.Name, "Unhealthy", events, cancellationToken).ConfigureAwait(false);
            await ListAsync(session, instance.Namespace, "VirtualMachineInstance", instance.Name, "GuestAgentPingFailed", events, cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        // No events are something else than events that nobody could look for.
        return Of(instance, pod, isWhole || events.Count > 0 ? [.. events.OrderByDescending(static one => one.LastSeen)] : null, notes);
    }

    private static ProbeClusterState Of(ProbeInstance instance, LauncherPod? pod, IReadOnlyList<ProbeEvent>? events, IReadOnlyList<string> notes) => new()
    {
        Ready = instance.Ready?.IsTrue,
        ReadyReason = instance.Ready?.Reason,
        ReadyMessage = instance.Ready?.Message,
        AgentConnected = instance.AgentConnected?.IsTrue == true,
        Pod = pod?.Name,
        PodReady = pod?.Ready,
        ContainerReady = pod?.ContainerReady,
        RestartCount = pod?.RestartCount,
        Events = events,
        Notes = notes,
    };

    private static async Task ListAsync(KubeVirtSession session, string inNamespace, string kind, string name, string reason, List<ProbeEvent> events, CancellationToken cancellationToken)
    {
        ListOptions options = new() { Namespace = inNamespace, FieldSelector = ListOptions.Fields(("involvedObject.kind", kind), ("involvedObject.name", name), ("reason", reason)) };
        await foreach (ProbeEvent one in session.Client.ListAsync(Events, json => Read(json, session.Client.Foreign), options, cancellationToken).ConfigureAwait(false)) events.Add(one);
    }

    private static ProbeEvent Read(ReadOnlySpan<byte> json, ForeignText foreign)
    {
        Utf8JsonReader reader = new(json);
        JsonElement one = JsonElement.ParseValue(ref reader);
        return new ProbeEvent
        {
            Reason = JsonRead.Text(one, "reason") ?? "",
            Message = foreign.Scrub(JsonRead.Text(one, "message")),
            Count = JsonRead.Number(one, "series", "count") ?? JsonRead.Number(one, "count") ?? 1,
            LastSeen = JsonRead.Time(one, "series", "lastObservedTime") ?? JsonRead.Time(one, "lastTimestamp") ?? JsonRead.Time(one, "eventTime"),
        };
    }
}
