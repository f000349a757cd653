using KubeVirtMonitor.Json;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Probes.Running;

/// <summary>Collects what the cluster reports about the probes of an instance.</summary>
internal static class ClusterView
{
    private static readonly ResourceType Events = new("", "v1", "events");

    /// <summary>What the instance itself says; asks nobody.</summary>
    public static ProbeClusterState Of(KubeVirtSession session, ProbeInstance instance) => Of(session, instance, null, null, []);

    /// <summary>That, and what its pod and the events say. What cannot be looked up is a note: the probe has run, and its result counts.</summary>
    public static async Task<ProbeClusterState> GatherAsync(KubeVirtSession session, ProbeInstance instance, CancellationToken cancellationToken)
    {
        List<string> notes = [];
        async Task<bool> TryAsync(string what, Func<Task> look)
        {
            try
            {
                await look().ConfigureAwait(false);
                return true;
            }
            catch (KubernetesException exception)
            {
                notes.Add($"{what} of {instance.Namespace}/{instance.Name} could not be read. {exception.Message}");
                return false;
            }
        }

        void Bad(KubernetesException exception) => notes.Add($"An event of {instance.Namespace}/{instance.Name} is omitted. {exception.Message}");
        LauncherPod? pod = null;
        List<ProbeEvent> events = [];
        bool isWhole = await TryAsync("The pod", async () => pod = await LauncherPod.FindAsync(session, instance, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        isWhole &= await TryAsync("Events", async () =>
        {
            if (pod is not null) await ListAsync(session, instance.Namespace, "Pod", pod.Name, "Unhealthy", events, Bad, cancellationToken).ConfigureAwait(false);
            await ListAsync(session, instance.Namespace, "VirtualMachineInstance", instance.Name, "GuestAgentPingFailed", events, Bad, cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        // No events are something else than events that nobody could look for.
        return Of(session, instance, pod, isWhole || events.Count > 0 ? [.. events.OrderByDescending(static one => one.LastSeen)] : null, notes);
    }

    private static ProbeClusterState Of(KubeVirtSession session, ProbeInstance instance, LauncherPod? pod, IReadOnlyList<ProbeEvent>? events, IReadOnlyList<string> notes) => new()
    {
        Ready = instance.Ready?.IsTrue,
        ReadyReason = instance.Ready?.Reason,
        ReadyMessage = instance.Ready?.Message is { } message ? session.Client.Foreign.Scrub(message) : null,
        AgentConnected = instance.AgentConnected?.IsTrue == true,
        Pod = pod?.Name,
        PodReady = pod?.Ready,
        ContainerReady = pod?.ContainerReady,
        RestartCount = pod?.RestartCount,
        Events = events,
        Notes = notes,
    };

    private static async Task ListAsync(
        KubeVirtSession session, string inNamespace, string kind, string name, string reason, List<ProbeEvent> events, Action<KubernetesException> bad, CancellationToken cancellationToken)
    {
        ListOptions options = new() { Namespace = inNamespace, FieldSelector = ListOptions.Fields(("involvedObject.kind", kind), ("involvedObject.name", name), ("reason", reason)), BadItem = bad };
        JsonProjection<ProbeEvent> project = ObjectLists.Named("Event", json => Read(json, session.Client.Foreign));
        await foreach (ProbeEvent one in session.Client.ListAsync(Events, project, options, cancellationToken).ConfigureAwait(false)) events.Add(one);
    }

    // events.k8s.io fills series and eventTime, and leaves the fields of the core event empty.
    private static ProbeEvent Read(ReadOnlySpan<byte> json, ForeignText foreign) => new()
    {
        Reason = JsonFields.TextAt(json, "reason") ?? "",
        Message = foreign.Scrub(JsonFields.TextAt(json, "message")),
        Count = (int)(JsonFields.IntegerAt(json, "series", "count") ?? JsonFields.IntegerAt(json, "count") ?? 1),
        LastSeen = JsonFields.TimeAt(json, "series", "lastObservedTime") ?? JsonFields.TimeAt(json, "lastTimestamp") ?? JsonFields.TimeAt(json, "eventTime"),
    };
}
