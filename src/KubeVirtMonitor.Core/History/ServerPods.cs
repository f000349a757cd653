using System.Globalization;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Prometheus;

namespace KubeVirtMonitor.History;

/// <summary>The pods of KubeVirt whose metrics a server has, with the KubeVirt version of each, which decides what names and values mean.</summary>
internal sealed class ServerPods
{
    private const string Pods = "virt-(api|controller|handler|operator)";

    // A name of each component, in all versions. virt-api has had none of its own always.
    private static readonly (string Name, ComponentKind Component)[] Signs =
    [
        ("kubevirt_info", ComponentKind.Handler),
        ("kubevirt_virt_controller_leading", ComponentKind.Controller), ("kubevirt_virt_controller_leading_status", ComponentKind.Controller),
        ("kubevirt_virt_controller_ready", ComponentKind.Controller), ("kubevirt_virt_controller_ready_status", ComponentKind.Controller),
        ("kubevirt_virt_operator_leading", ComponentKind.Operator), ("kubevirt_virt_operator_leading_status", ComponentKind.Operator),
        ("kubevirt_virt_operator_ready", ComponentKind.Operator), ("kubevirt_virt_operator_ready_status", ComponentKind.Operator),
    ];

    // Of every machine in every version, with the node of its virt-handler.
    private const string OnNode = "kubevirt_vmi_memory_resident_bytes";

    private readonly Dictionary<(string Cluster, string Instance, string Pod), KubeVirtVersion> _versions = [];
    private readonly Dictionary<string, KubeVirtVersion> _newest = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Cluster, string Instance), ComponentKind> _components = [];
    private readonly Dictionary<(string Cluster, string Instance, string Pod), string> _nodes = [];
    private readonly Dictionary<string, string> _namespaces = new(StringComparer.Ordinal);
    private readonly HashSet<string> _jobs = new(StringComparer.Ordinal);
    private readonly List<KeyValuePair<string, string>> _own = [];
    private bool _haveContainers;
    private bool _havePods;

    private ServerPods()
    {
    }

    /// <summary>The matcher of all series of these pods; null where there are none.</summary>
    public string? Matcher =>
        _haveContainers ? $"container=~{Selector.Quote(Pods)}"
        : _havePods ? $"pod=~{Selector.Quote($"{Pods}-.+")}"
        : _jobs.Count > 0 ? $"job=~{Selector.Quote(string.Join('|', _jobs.Order(StringComparer.Ordinal).Select(Selector.Literal)))}"
        : null;

    /// <summary>Finds them.</summary>
    /// <param name="server">The server.</param>
    /// <param name="quest">What is asked for, of which moments.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <exception cref="ScrapeException">The server cannot be asked.</exception>
    public static async Task<ServerPods> FindAsync(PrometheusServer server, SampleQuest quest, CancellationToken cancellationToken)
    {
        ServerPods pods = new();
        DateTimeOffset? time = quest.IsRange ? quest.End : quest.Time;
        string width = quest.IsRange ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (long)(quest.End - quest.Start!.Value).TotalMilliseconds)}ms") : "";
        string Over(string selector) => quest.IsRange ? $"last_over_time({selector}[{width}])" : selector;
        string[] place = ["namespace", "pod", "container", "instance", "job", "exported_pod", "exported_instance", "exported_container", "exported_namespace", .. SeriesOrigin.ClusterLabels];
        string by = string.Join(", ", place);
        string signs = string.Join(" or ", Signs.GroupBy(static sign => sign.Component, static sign => sign.Name).Select(group =>
            $"label_replace(count by ({by}, kubeversion) ({Over(Selector.Of([.. group], quest.Matchers))}), \"kubevirtmonitor_component\", \"{(int)group.Key}\", \"\", \"\")"));
        await server.QueryAsync(new Query { Expression = signs, Time = time }, pods.TakeSign, cancellationToken).ConfigureAwait(false);
        // The node stands beside machines, and counts where it was asked for or where a session tells of pods on nodes.
        if (quest.Session is not null || quest.Nodes is not null)
        {
            string nodes = $"count by ({by}, node, exported_node) ({Over(Selector.Of(OnNode, quest.Matchers))})";
            await server.QueryAsync(new Query { Expression = nodes, Time = time }, pods.TakeNode, cancellationToken).ConfigureAwait(false);
        }

        return pods;
    }

    /// <summary>The pod that a series is of.</summary>
    public ServerPod Of(SeriesOrigin origin, string name)
    {
        ComponentKind? component = ComponentFacts.KindOf(origin.Container) ?? OfPod(origin.Pod)
            ?? (_components.TryGetValue((origin.Cluster, origin.Instance), out ComponentKind known) ? known : (ComponentKind?)null)
            ?? ComponentSignatures.Recognise(System.Text.Encoding.UTF8.GetBytes(name));
        KubeVirtVersion? version = _versions.TryGetValue((origin.Cluster, origin.Instance, origin.Pod), out KubeVirtVersion own) ? own
            : _newest.TryGetValue(origin.Cluster, out KubeVirtVersion newest) ? newest
            : (KubeVirtVersion?)null;
        string? node = component == ComponentKind.Handler ? _nodes.GetValueOrDefault((origin.Cluster, origin.Instance, origin.Pod)) : null;
        return new ServerPod(component, NullIfEmpty(origin.Pod), _namespaces.GetValueOrDefault(origin.Cluster), node, version);
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;

    private static ComponentKind? OfPod(string pod)
    {
        foreach (ComponentKind component in Enum.GetValues<ComponentKind>())
        {
            if (pod.StartsWith($"{ComponentFacts.NameOf(component)}-", StringComparison.Ordinal)) return component;
        }

        return null;
    }

    private ValueTask TakeSign(QuerySeries series)
    {
        SeriesOrigin origin = SeriesOrigin.Read("kubevirt_info", series.Labels, _own);
        if (!origin.IsScraped || !int.TryParse(series["kubevirtmonitor_component"], NumberStyles.None, CultureInfo.InvariantCulture, out int component)) return ValueTask.CompletedTask;
        _components[(origin.Cluster, origin.Instance)] = (ComponentKind)component;
        _haveContainers |= ComponentFacts.KindOf(origin.Container) is not null;
        _havePods |= OfPod(origin.Pod) is not null;
        if (origin.Namespace.Length > 0) _namespaces[origin.Cluster] = origin.Namespace;
        if (series["job"] is { Length: > 0 } job) _jobs.Add(job);
        if (!KubeVirtVersion.TryParse(series["kubeversion"], out KubeVirtVersion version)) return ValueTask.CompletedTask;
        (string, string, string) key = (origin.Cluster, origin.Instance, origin.Pod);
        if (!_versions.TryGetValue(key, out KubeVirtVersion before) || before < version) _versions[key] = version;
        if (!_newest.TryGetValue(origin.Cluster, out KubeVirtVersion newest) || newest < version) _newest[origin.Cluster] = version;
        return ValueTask.CompletedTask;
    }

    private ValueTask TakeNode(QuerySeries series)
    {
        SeriesOrigin origin = SeriesOrigin.Read(OnNode, series.Labels, _own);
        if ((series["exported_node"] is { Length: > 0 } exported ? exported : series["node"]) is { Length: > 0 } node) _nodes[(origin.Cluster, origin.Instance, origin.Pod)] = node;
        return ValueTask.CompletedTask;
    }
}

/// <summary>A pod of KubeVirt as the labels of a server tell of it.</summary>
/// <param name="Component">The component; null = its series do not tell.</param>
/// <param name="Name">Its name; null = not known.</param>
/// <param name="Namespace">Its namespace, in which KubeVirt is installed; null = not known.</param>
/// <param name="Node">Its node, of a virt-handler; null = not known.</param>
/// <param name="Version">The KubeVirt version; null = not known.</param>
internal sealed record ServerPod(ComponentKind? Component, string? Name, string? Namespace, string? Node, KubeVirtVersion? Version);
