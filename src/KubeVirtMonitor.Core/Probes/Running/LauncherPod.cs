using System.Text.Json;

namespace KubeVirtMonitor.Probes.Running;

/// <summary>A virt-launcher pod of an instance.</summary>
internal sealed record LauncherPod
{
    private const string Container = "compute";

    public required string Name { get; init; }

    public string? Node { get; init; }

    public string? Phase { get; init; }

    public bool? Ready { get; init; }

    public bool? ContainerReady { get; init; }

    public int? RestartCount { get; init; }

    /// <summary>When the container <c>compute</c> was started.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>The running pod of an instance, on its node: during a migration there are two. Null when there is none.</summary>
    /// <exception cref="KubernetesException">Pods may not be listed.</exception>
    public static async Task<LauncherPod?> FindAsync(KubeVirtSession session, ProbeInstance instance, CancellationToken cancellationToken)
    {
        ListOptions options = new() { Namespace = instance.Namespace, LabelSelector = $"kubevirt.io/created-by={instance.Uid}" };
        LauncherPod? best = null;
        await foreach (LauncherPod pod in session.Client.ListAsync(ResourceType.Pods, Read, options, cancellationToken).ConfigureAwait(false))
        {
            if (pod.Phase == "Running" && (best is null || pod.Node == instance.Node)) best = pod;
        }

        return best;
    }

    private static LauncherPod Read(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json);
        JsonElement pod = JsonElement.ParseValue(ref reader);
        JsonElement status = JsonRead.At(pod, "status");
        JsonElement container = JsonRead.Items(status, "containerStatuses").FirstOrDefault(static each => JsonRead.Text(each, "name") == Container);
        return new LauncherPod
        {
            Name = JsonRead.Text(pod, "metadata", "name") ?? throw new FormatException("the Pod has no name"),
            Node = JsonRead.Text(pod, "spec", "nodeName"),
            Phase = JsonRead.Text(status, "phase"),
            Ready = JsonRead.Condition(status, "Ready")?.IsTrue,
            ContainerReady = JsonRead.Flag(container, "ready"),
            RestartCount = JsonRead.Number(container, "restartCount"),
            Started = JsonRead.Time(container, "state", "running", "startedAt"),
        };
    }
}
