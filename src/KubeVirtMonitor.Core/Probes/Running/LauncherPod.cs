using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.KubeVirt;

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

    /// <summary>The running pod of an instance, on its node: during a migration there are two. Null when there is none.</summary>
    /// <exception cref="KubernetesException">Pods may not be listed, or there is none but one that cannot be read.</exception>
    public static async Task<LauncherPod?> FindAsync(KubeVirtSession session, ProbeInstance instance, CancellationToken cancellationToken)
    {
        List<KubernetesException> bad = [];
        ListOptions options = new() { Namespace = instance.Namespace, LabelSelector = $"kubevirt.io/created-by={instance.Uid}", BadItem = bad.Add };
        LauncherPod? best = null;
        await foreach (LauncherPod pod in session.Client.ListAsync(ResourceType.Pods, ObjectLists.Named("Pod", Read), options, cancellationToken).ConfigureAwait(false))
        {
            if (pod.Phase == "Running" && (best is null || pod.Node == instance.Node)) best = pod;
        }

        return best is null && bad.Count > 0 ? throw bad[0] : best;
    }

    private static LauncherPod Read(ReadOnlySpan<byte> json)
    {
        PodProjection pod = PodProjection.Read(json);
        ContainerState? container = pod.Readiness.Container(Container);
        return new LauncherPod
        {
            Name = pod.Meta.Name,
            Node = pod.Node,
            Phase = pod.Phase,
            Ready = pod.Readiness.Conditions["Ready"]?.IsTrue,
            ContainerReady = container?.IsReady,
            RestartCount = (int?)container?.Restarts,
        };
    }
}
