namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The monitoring of a cluster.</summary>
public sealed record MonitoringOptions
{
    /// <summary>The server with the API of Prometheus that all services of monitoring lead to.</summary>
    public required Uri Upstream { get; init; }

    /// <summary>What is installed.</summary>
    public IReadOnlyList<MonitoringStack> Stacks { get; init; } = [MonitoringStack.KubePrometheus];

    /// <summary>A stack of a command line: <c>kube-prometheus</c>, <c>victoria-metrics-cluster</c>, <c>openshift</c>.</summary>
    /// <exception cref="FormatException">There is none of that name.</exception>
    public static MonitoringStack Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Names.FirstOrDefault(one => one.Name == text) is { Name: not null } found
            ? found.Stack
            : throw new FormatException($"'{text}' is none of {string.Join(", ", Names.Select(static one => one.Name))}");
    }

    private static (string Name, MonitoringStack Stack)[] Names =>
    [
        ("kube-prometheus", MonitoringStack.KubePrometheus), ("kube-prometheus-stack", MonitoringStack.KubePrometheusStack), ("rancher", MonitoringStack.Rancher), ("chart", MonitoringStack.Chart),
        ("victoria-metrics", MonitoringStack.VictoriaMetrics), ("victoria-metrics-cluster", MonitoringStack.VictoriaMetricsCluster), ("thanos", MonitoringStack.Thanos), ("openshift", MonitoringStack.OpenShift),
    ];
}

/// <summary>What is installed in a cluster to collect metrics.</summary>
public enum MonitoringStack
{
    /// <summary>kube-prometheus: <c>prometheus-k8s</c> in <c>monitoring</c>.</summary>
    KubePrometheus,

    /// <summary>The chart kube-prometheus-stack: <c>kube-prometheus-stack-prometheus</c> in <c>monitoring</c>.</summary>
    KubePrometheusStack,

    /// <summary>Rancher's and Harvester's: <c>rancher-monitoring-prometheus</c> in <c>cattle-monitoring-system</c>.</summary>
    Rancher,

    /// <summary>The chart prometheus: <c>prometheus-server</c> in <c>prometheus</c>, at port 80.</summary>
    Chart,

    /// <summary>The VictoriaMetrics operator with one server: <c>vmsingle-main</c> in <c>victoria-metrics</c>.</summary>
    VictoriaMetrics,

    /// <summary>The VictoriaMetrics operator with a cluster: <c>vmselect-main</c> in <c>victoria-metrics</c>.</summary>
    VictoriaMetricsCluster,

    /// <summary>kube-thanos: <c>thanos-query</c> in <c>thanos</c>.</summary>
    Thanos,

    /// <summary>OpenShift's: the route <c>thanos-querier</c> in <c>openshift-monitoring</c>, and services that ask for a token.</summary>
    OpenShift,
}
