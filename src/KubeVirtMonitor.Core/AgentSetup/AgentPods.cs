using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>The pods of Agents in a cluster.</summary>
internal sealed class AgentPods
{
    private const string ComponentLabel = "agent.datadoghq.com/component";
    private const string ChartLabel = "app.kubernetes.io/component";

    private const string Node = "agent";

    // In this order: the second is that of a pod whose one container is everything.
    private static readonly string[] Containers = ["agent", "unprivileged-single-agent"];

    /// <summary>The pods of the service account that is asked about.</summary>
    public List<PodDocument> Agents { get; } = [];

    /// <summary>The Cluster Agents beside them.</summary>
    public List<PodDocument> ClusterAgents { get; } = [];

    /// <summary>Other Agents, in any namespace.</summary>
    public List<PodDocument> Others { get; } = [];

    /// <summary>Why it is not known whether there are others; null = it is.</summary>
    public KubernetesException? Obstacle { get; private set; }

    /// <summary>Finds them.</summary>
    /// <param name="inNamespace">The namespace of the Agent that is asked about; null = the first that is found, whichever it is.</param>
    /// <param name="account">Its service account.</param>
    public static async Task<AgentPods> FindAsync(IKubernetesClient client, string? inNamespace, string? account, CancellationToken cancellationToken)
    {
        AgentPods found = new();
        List<PodDocument> others = [];
        try
        {
            foreach (string label in new[] { ComponentLabel, ChartLabel })
                others.AddRange((await PodDocument.ListAsync(client, null, $"{label}={Node}", cancellationToken).ConfigureAwait(false)).Where(pod => IsNodeAgent(pod) && !others.Exists(other => IsSame(other, pod))));
        }
        catch (KubernetesException exception) when (inNamespace is not null)
        {
            found.Obstacle = exception;
        }

        if (inNamespace is null)
        {
            if (others.Count == 0) return found;
            PodDocument first = others.OrderBy(static pod => pod.Namespace, StringComparer.Ordinal).First();
            (inNamespace, account) = (first.Namespace, first.ServiceAccount);
        }

        foreach (PodDocument pod in await PodDocument.ListAsync(client, inNamespace, null, cancellationToken).ConfigureAwait(false))
        {
            if (pod.IsOver) continue;
            if (IsClusterAgent(pod)) found.ClusterAgents.Add(pod);
            // Other pods may have the account too.
            else if (pod.ServiceAccount == account && !IsRunner(pod) && (ContainerOf(pod) is not null || IsComponent(pod, Node))) found.Agents.Add(pod);
        }

        found.Others.AddRange(others.Where(pod => !found.Agents.Exists(agent => IsSame(agent, pod))));
        return found;
    }

    /// <summary>The container of an Agent's pod that runs its checks; null when it has none that is known to.</summary>
    public static string? ContainerOf(PodDocument pod) => Array.Find(Containers, pod.Containers.Contains);

    /// <summary>All of them on a node, those that are asked about first.</summary>
    public IEnumerable<PodDocument> On(string? node) => Agents.Concat(Others).Where(pod => pod.Node == node);

    /// <summary>What an Agent is part of, such as <c>DaemonSet datadog/datadog-agent</c>; without an owner, the account stands for it.</summary>
    public static string NameOf(PodDocument pod) => pod.Owner?.Split(' ') is [string kind, string name] ? $"{kind} {pod.Namespace}/{name}" : $"service account {pod.Namespace}/{pod.ServiceAccount}";

    // The label of the chart has a common value, which Agents of other makers have too.
    private static bool IsNodeAgent(PodDocument pod) =>
        !pod.IsOver && !IsRunner(pod) && ContainerOf(pod) is { } container
        && (pod.Labels.GetValueOrDefault(ComponentLabel) == Node
            || pod.Labels.Values.Append(pod.ImageOf(container) ?? "").Append(pod.ServiceAccount ?? "").Any(static text => text.Contains("datadog", StringComparison.OrdinalIgnoreCase)));

    private static bool IsClusterAgent(PodDocument pod) => IsComponent(pod, "cluster-agent");

    private static bool IsRunner(PodDocument pod) => IsComponent(pod, "cluster-checks-runner") || IsComponent(pod, "clusterchecks-agent") || IsComponent(pod, "clusterchecks");

    private static bool IsComponent(PodDocument pod, string component) =>
        pod.Labels.GetValueOrDefault(ComponentLabel) == component || pod.Labels.GetValueOrDefault(ChartLabel) == component || pod.Labels.GetValueOrDefault("app")?.EndsWith(component, StringComparison.Ordinal) == true;

    private static bool IsSame(PodDocument left, PodDocument right) => left.Namespace == right.Namespace && left.Name == right.Name;
}
