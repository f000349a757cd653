using System.Text.Json;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor.Sessions;

/// <summary>
/// A service that is known as that of a server with the API of Prometheus. Sources: the manifests of kube-prometheus, the charts prometheus,
/// kube-prometheus-stack, rancher-monitoring, victoria-metrics-single and -cluster, mimir-distributed, kube-thanos, and the operators of Prometheus and VictoriaMetrics.
/// </summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Service">Its name and port as in a path of the API server: <c>prometheus-k8s:9090</c>, <c>https:prometheus:443</c>.</param>
/// <param name="Product">What it is known as.</param>
/// <param name="Rank">The lower goes before the higher.</param>
/// <param name="Roots">The paths at which its API may begin, the likeliest first.</param>
internal sealed record ServiceCandidate(string Namespace, string Service, string Product, int Rank, string[] Roots)
{
    private const string NameLabel = "app.kubernetes.io/name";
    private const string ComponentLabel = "app.kubernetes.io/component";
    private const string PartLabel = "app.kubernetes.io/part-of";

    // Prometheus' routes may have a prefix.
    private static readonly string[] Plain = ["", "/prometheus"];
    private static readonly string[] Cluster = ["/select/0/prometheus"];
    private static readonly string[] Mimir = ["/prometheus"];

    // Ports by which the products serve their API, the best first; a service often has others beside them, for gRPC or a reloader.
    private static readonly string[] PortNames = ["web", "http-web", "http", "http-query", "http-metrics", "https", "https-web"];
    private static readonly int[] PortNumbers = [9090, 8428, 8429, 8481, 10902, 8080, 80, 443];

    // The order: servers of this cluster alone, the named ones first; then those that may hold several clusters.
    private static readonly Known[] All =
    [
        new("kube-prometheus", Plain, static it => it.Name == "prometheus-k8s" || (it[NameLabel] == "prometheus" && it[PartLabel] == "kube-prometheus")),
        new("kube-prometheus-stack", Plain, static it => it["app"] == "kube-prometheus-stack-prometheus" || (it[PartLabel] == "kube-prometheus-stack" && it.Name.EndsWith("-prometheus", StringComparison.Ordinal))),
        new("rancher-monitoring", Plain, static it => it.Name == "rancher-monitoring-prometheus" || it["app"] == "rancher-monitoring-prometheus"),
        new("Prometheus", Plain, static it => (it[NameLabel] == "prometheus" || it["app"] == "prometheus") && (it[ComponentLabel] ?? it["component"]) is "server" or "prometheus"),
        new("Prometheus", Plain, static it => it.Name is "prometheus" or "prometheus-server" || (it[NameLabel] == "prometheus" && it.HasPort(9090))),
        new("Prometheus of its operator", Plain, static it => it["operated-prometheus"] == "true"),
        new("VictoriaMetrics", Plain, static it => it[NameLabel] is "vmsingle" or "victoria-metrics-single" || it.Name.StartsWith("vmsingle-", StringComparison.Ordinal)),
        new("VictoriaMetrics cluster", Cluster, static it => it[NameLabel] == "vmselect" || it.Name.StartsWith("vmselect-", StringComparison.Ordinal)
            || (it[NameLabel] == "victoria-metrics-cluster" && (it[ComponentLabel] ?? it["app"]) == "vmselect")),
        new("Thanos", Plain, static it => it[NameLabel] is "thanos-query" or "thanos-querier" || (it[NameLabel] == "thanos" && it[ComponentLabel] is "query" or "query-frontend" or "query-layer")
            || it.Name is "thanos-query" or "thanos-querier"),
        new("Mimir", Mimir, static it => it[NameLabel] == "mimir" && it[ComponentLabel] is "gateway" or "nginx" or "query-frontend"),
    ];

    /// <summary>Whether nobody has said that it is there.</summary>
    public bool IsGuess { get; init; }

    /// <summary>Reads a service.</summary>
    /// <param name="json">The object as UTF-8.</param>
    /// <returns>Null where it is of something else.</returns>
    /// <exception cref="FormatException">A field has the wrong type.</exception>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static ServiceCandidate? Read(ReadOnlySpan<byte> json)
    {
        ServiceParts parts = ServiceParts.Read(json);
        for (int rank = 0; rank < All.Length; rank++)
        {
            if (!All[rank].Is(parts) || parts.BestPort() is not { } port) continue;
            string scheme = port.Name is "https" or "https-web" || port.Protocol == "https" || port.Number == 443 ? "https:" : "";
            return new ServiceCandidate(parts.Namespace, $"{scheme}{parts.Name}:{port.Number}", All[rank].Product, rank, All[rank].Roots);
        }

        return null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Namespace}/{Service}";

    /// <summary>A product, and how its service is known.</summary>
    private sealed record Known(string Product, string[] Roots, Func<ServiceParts, bool> Is);

    private readonly record struct ServicePort(string Name, int Number, string? Protocol);

    /// <summary>What of a service tells what it is.</summary>
    private sealed record ServiceParts(string Name, string Namespace, IReadOnlyDictionary<string, string> Labels, List<ServicePort> Ports)
    {
        public string? this[string label] => Labels.GetValueOrDefault(label);

        public static ServiceParts Read(ReadOnlySpan<byte> json)
        {
            ObjectMeta meta = ObjectMeta.Read(json);
            List<ServicePort> ports = [];
            JsonCursor reader = new(json);
            if (JsonFields.EnterObject(ref reader, "the object") && JsonFields.Find(ref reader, "spec"u8) && JsonFields.EnterObject(ref reader, "spec")
                && JsonFields.Find(ref reader, "ports"u8) && JsonFields.EnterArray(ref reader, "spec.ports"))
            {
                while (JsonFields.NextObject(ref reader, "spec.ports")) ports.Add(ReadPort(ref reader));
            }

            return new ServiceParts(meta.Name, meta.Namespace ?? "", meta.Labels, ports);
        }

        public bool HasPort(int number) => Ports.Any(port => port.Number == number);

        public ServicePort? BestPort()
        {
            foreach (string name in PortNames)
            {
                if (Ports.FirstOrDefault(port => port.Name == name) is { Number: > 0 } named) return named;
            }

            foreach (int number in PortNumbers)
            {
                if (Ports.FirstOrDefault(port => port.Number == number) is { Number: > 0 } numbered) return numbered;
            }

            return Ports is [var only] ? only : null;
        }

        private static ServicePort ReadPort(ref JsonCursor reader)
        {
            (string? name, int? number, string? protocol) = (null, null, null);
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("name"u8)) name = JsonFields.Text(ref reader, "spec.ports[].name");
                else if (key.SequenceEqual("port"u8)) number = JsonFields.Port(ref reader, "spec.ports[].port");
                else if (key.SequenceEqual("appProtocol"u8)) protocol = JsonFields.Text(ref reader, "spec.ports[].appProtocol");
                else reader.Skip();
            }

            return new ServicePort(name ?? "", number ?? 0, protocol);
        }
    }
}
