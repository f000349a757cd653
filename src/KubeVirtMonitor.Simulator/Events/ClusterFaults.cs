using System.IO.Enumeration;

namespace KubeVirtMonitor.Simulator;

/// <summary>
/// What is wrong with a cluster, as far as its endpoints show it: pods that are not ready, leaders, errors of requests, panics of guests, requests to deprecated APIs; and the state of
/// nodes and of pods that have failed, which only the API server shows. The events that alerts are about change it.
/// </summary>
internal sealed class ClusterFaults(SimulatedCluster cluster)
{
    private static readonly string[] Kinds = ["down", "unready", "errors", "leaders", "node", "launchers", "panic", "deprecated", "recover"];

    private readonly Lock _gate = new();
    private readonly HashSet<string> _down = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unready = new(StringComparer.Ordinal);
    private readonly Dictionary<ComponentKind, int> _leaders = [];
    private readonly Dictionary<(string Pod, string Code), Growth> _errors = [];
    private readonly Dictionary<(string Namespace, string Name), long> _panics = [];
    private readonly Dictionary<DeprecatedRequest, Growth> _deprecated = [];
    private readonly Dictionary<string, NodeState> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _launchers = new(StringComparer.Ordinal);

    /// <summary>Whether an event is one of these. Machines that recover are not.</summary>
    public bool Knows(ClusterEvent what) => Kinds.Contains(what.Kind) && what.Kind != "panic" && (what.Kind != "recover" || Pods(what.Target).Any() || Nodes(what.Target).Any() || Component(what.Target) is not null || IsOther(what.Target));

    /// <summary>Looks whether it can happen.</summary>
    /// <exception cref="ArgumentException">There is nothing that it could happen to.</exception>
    public void Check(ClusterEvent what)
    {
        bool found = what.Kind switch
        {
            "node" => Nodes(what.Target).Any(),
            "leaders" => Component(what.Target) is ComponentKind.Controller or ComponentKind.Operator,
            "down" or "unready" or "errors" => Pods(what.Target).Any(),
            _ => true,
        };
        if (!found) throw new ArgumentException($"'{what}': there is no '{what.Target}'. There are: {string.Join(", ", cluster.Pods.Select(static pod => pod.Id).Concat(cluster.Nodes.Select(static node => node.Name)).Take(20))}, and controller and operator for leaders.");
    }

    /// <summary>Lets it happen.</summary>
    public void Apply(ClusterEvent what, long now)
    {
        long second = now / TimeSpan.TicksPerSecond;
        lock (_gate)
        {
            switch (what.Kind)
            {
                case "down":
                    _down.UnionWith(Pods(what.Target).Select(static pod => pod.Id));
                    break;
                case "unready":
                    _unready.UnionWith(Pods(what.Target).Select(static pod => pod.Id));
                    break;
                case "leaders":
                    _leaders[Component(what.Target)!.Value] = what.Number("count", 0);
                    break;
                case "errors":
                    foreach (SimulatedPod pod in Pods(what.Target)) Grow(_errors, (pod.Id, what.Arguments.GetValueOrDefault("code", "500")), second, what.Number("rate", 1000));
                    break;
                case "deprecated":
                    Grow(_deprecated, DeprecatedRequest.Of(what), second, what.Number("rate", 1));
                    break;
                case "node":
                    foreach (SimulatedNode node in Nodes(what.Target)) _nodes[node.Name] = NodeOf(node.Name).With(what);
                    break;
                case "launchers":
                    _launchers[what.Target] = what.Number("count", 200);
                    break;
                default:
                    Recover(what.Target, second);
                    break;
            }
        }
    }

    /// <summary>Counts panics of a guest.</summary>
    public void Panic(SimulatedVmi vmi, int times)
    {
        lock (_gate) _panics[(vmi.Namespace, vmi.Name)] = _panics.GetValueOrDefault((vmi.Namespace, vmi.Name)) + times;
    }

    /// <summary>Whether a pod is gone, and the one in its place waits for a node.</summary>
    public bool IsDown(string id)
    {
        lock (_gate) return _down.Contains(id);
    }

    /// <summary>Whether a pod is ready, as its own gauge has it and as Kubernetes has it.</summary>
    public bool IsReady(SimulatedPod pod)
    {
        lock (_gate) return !_down.Contains(pod.Id) && !_unready.Contains(pod.Id);
    }

    /// <summary>Whether the gauge of a pod says that it leads.</summary>
    public bool Leads(SimulatedPod pod)
    {
        lock (_gate) return _leaders.TryGetValue(pod.Component, out int count) ? count > 1 || (count == 1 && pod.Leading) : pod.Leading;
    }

    /// <summary>How many pods of a component lead, where an event has said so.</summary>
    public int? Leaders(ComponentKind component)
    {
        lock (_gate) return _leaders.TryGetValue(component, out int count) ? count : null;
    }

    /// <summary>The failed requests of a pod: by status code, how many over time.</summary>
    public IReadOnlyList<(string Code, SeriesValue Value)> ErrorsOf(SimulatedPod pod)
    {
        lock (_gate) return [.. _errors.Where(each => each.Key.Pod == pod.Id).OrderBy(static each => each.Key.Code, StringComparer.Ordinal).Select(static each => (each.Key.Code, each.Value.Series))];
    }

    /// <summary>The panics of guests.</summary>
    public long PanicsOf(SimulatedVmi vmi)
    {
        lock (_gate) return _panics.GetValueOrDefault((vmi.Namespace, vmi.Name));
    }

    /// <summary>The requests to deprecated APIs, and how many at a second.</summary>
    public IReadOnlyList<(DeprecatedRequest Request, long Count)> DeprecatedAt(long second)
    {
        lock (_gate) return [.. _deprecated.Select(each => (each.Key, each.Value.Series.At(second)))];
    }

    /// <summary>What is special about a node.</summary>
    public NodeState NodeOf(string name)
    {
        lock (_gate) return _nodes.GetValueOrDefault(name, NodeState.Well);
    }

    /// <summary>How many virt-launcher pods of a namespace have failed and stay.</summary>
    public int FailedLaunchers(string space)
    {
        lock (_gate) return _launchers.GetValueOrDefault(space);
    }

    /// <summary>The pods of a target such as <c>api/0</c>, <c>api/*</c> or <c>api</c>.</summary>
    public IEnumerable<SimulatedPod> Pods(string target) => cluster.Pods.Where(pod => FileSystemName.MatchesSimpleExpression(target, pod.Id, ignoreCase: false) || pod.ComponentName == target);

    /// <summary>The nodes of a target.</summary>
    public IEnumerable<SimulatedNode> Nodes(string target) => cluster.Nodes.Where(node => FileSystemName.MatchesSimpleExpression(target, node.Name, ignoreCase: false));

    public static ComponentKind? Component(string target) => target switch
    {
        "api" => ComponentKind.Api,
        "controller" => ComponentKind.Controller,
        "handler" => ComponentKind.Handler,
        "operator" => ComponentKind.Operator,
        _ => null,
    };

    private static void Grow<TKey>(Dictionary<TKey, Growth> growths, TKey key, long second, long rate)
        where TKey : notnull => growths[key] = (growths.TryGetValue(key, out Growth before) ? before.Until(second) : default) with { Since = second, Rate = rate };

    private bool IsOther(string target)
    {
        lock (_gate) return _launchers.ContainsKey(target) || _deprecated.Keys.Any(request => request.Resource == target);
    }

    private void Recover(string target, long second)
    {
        HashSet<string> pods = [.. Pods(target).Select(static pod => pod.Id)];
        _down.ExceptWith(pods);
        _unready.ExceptWith(pods);
        if (Component(target) is { } component) _leaders.Remove(component);
        foreach (var key in _errors.Keys.Where(key => pods.Contains(key.Pod)).ToArray()) _errors[key] = _errors[key].Until(second);
        foreach (DeprecatedRequest key in _deprecated.Keys.Where(key => key.Resource == target).ToArray()) _deprecated[key] = _deprecated[key].Until(second);
        foreach (SimulatedNode node in Nodes(target)) _nodes.Remove(node.Name);
        if (_launchers.ContainsKey(target)) _launchers[target] = 0;
    }

    /// <summary>A count that grows since a second, or has stopped.</summary>
    private readonly record struct Growth(long Counted, long Since, long Rate)
    {
        public SeriesValue Series => Rate == 0 ? SeriesValue.Fixed(Counted) : SeriesValue.Growing(Counted - (Rate * Since), Rate);

        public Growth Until(long second) => new(Series.At(second), second, 0);
    }
}

/// <summary>A kind of request to an API that is deprecated.</summary>
/// <param name="Group">The API group.</param>
/// <param name="Version">The version that is deprecated.</param>
/// <param name="Resource">The resource, in the plural.</param>
/// <param name="Verb">The verb, in capitals.</param>
internal sealed record DeprecatedRequest(string Group, string Version, string Resource, string Verb)
{
    public static DeprecatedRequest Of(ClusterEvent what) => new(
        what.Arguments.GetValueOrDefault("group", "kubevirt.io"), what.Arguments.GetValueOrDefault("version", "v1alpha3"), what.Target, what.Arguments.GetValueOrDefault("verb", "GET").ToUpperInvariant());
}

/// <summary>What is special about a node.</summary>
/// <param name="Kvm">Whether machines can be accelerated there.</param>
/// <param name="Schedulable">Whether virt-handler says that machines can run there.</param>
/// <param name="Cordoned">Whether an administrator has closed it.</param>
/// <param name="Role">A role, such as <c>arbiter</c>; null = none.</param>
internal sealed record NodeState(bool Kvm, bool Schedulable, bool Cordoned, string? Role)
{
    public static NodeState Well { get; } = new(true, true, false, null);

    public NodeState With(ClusterEvent what) => new(what.Flag("kvm", Kvm), what.Flag("schedulable", Schedulable), what.Flag("cordoned", Cordoned), what.Arguments.GetValueOrDefault("role", Role!));
}
