namespace KubeVirtMonitor.Simulator;

/// <summary>What KubeVirt's client of the Kubernetes API adds: requests, their latency and the rate limiter.</summary>
internal static class ClientFamilies
{
    private const string Host = "10.96.0.1:443";

    private static readonly (string Path, string Verb, string Method, string Resource)[] Requests =
    [
        ("/api/v1/namespaces/%7Bnamespace%7D/configmaps?fieldSelector=%7Bvalue%7D&limit=%7Bvalue%7D&resourceVersion=%7Bvalue%7D", "LIST", "GET", "configmaps"),
        ("/api/v1/namespaces?limit=%7Bvalue%7D&resourceVersion=%7Bvalue%7D", "LIST", "GET", "namespaces"),
        ("/api/v1/nodes/%7Bname%7D", "GET", "GET", "nodes"),
        ("/apis/apiextensions.k8s.io/v1/customresourcedefinitions?limit=%7Bvalue%7D&resourceVersion=%7Bvalue%7D", "LIST", "GET", "customresourcedefinitions"),
        ("/apis/kubevirt.io/v1/kubevirts?limit=%7Bvalue%7D&resourceVersion=%7Bvalue%7D", "LIST", "GET", "kubevirts"),
        ("/apis/kubevirt.io/v1/namespaces/%7Bnamespace%7D/virtualmachineinstances/%7Bname%7D", "GET", "GET", "virtualmachineinstances"),
        ("/apis/kubevirt.io/v1/namespaces/%7Bnamespace%7D/virtualmachineinstances/%7Bname%7D", "PATCH", "PATCH", "virtualmachineinstances"),
        ("/apis/kubevirt.io/v1/virtualmachineinstances?labelSelector=%7Bvalue%7D&limit=%7Bvalue%7D&resourceVersion=%7Bvalue%7D", "LIST", "GET", "virtualmachineinstances"),
        ("/version", "none", "GET", "none"),
    ];

    /// <summary>The requests with those that failed, by status code.</summary>
    public static MetricFamily WithErrors(MetricFamily family, IReadOnlyList<(string Code, SeriesValue Value)> errors) =>
        errors.Count == 0 || !family.Name.EndsWith("rest_client_requests_total", StringComparison.Ordinal) ? family : family.With(
            [.. errors.Select(static error => new Series(new LabelSet([("code", error.Code), ("host", Host), ("method", "GET"), ("resource", "virtualmachineinstances"), ("verb", "LIST")]).Render(), error.Value))]);

    public static IEnumerable<MetricFamily> For(SimulatedRelease release)
    {
        string prefix = release.IsV1Dot9 ? "kubevirt_" : "";
        FamilyBuilder limiter = new($"{prefix}rest_client_rate_limiter_duration_seconds", "Wait for the client's rate limiter, by verb and address.", "histogram");
        FamilyBuilder latency = new($"{prefix}rest_client_request_latency_seconds", "Latency of requests, by verb and address.", "histogram");
        FamilyBuilder total = new($"{prefix}rest_client_requests_total", "Requests by status code, method, host, resource and verb.", "counter");
        for (int i = 0; i < Requests.Length; i++)
        {
            (string path, string verb, string method, string resource) = Requests[i];

            // Histograms before 1.3 knew the HTTP method only.
            (string, string)[] labels = [("url", $"https://{Host}{path}"), ("verb", release.IsV1Dot9 ? verb : method)];
            long weight = i + 1;
            limiter.AddHistogram(HistogramShape.RateLimiter, 10 * weight, weight, 2_409_001, labels);
            latency.AddHistogram(HistogramShape.RequestLatency, 10 * weight, weight, 12_085_377, labels);
            total.Add(SeriesValue.Growing(10 * weight, weight), ("code", "200"), ("host", Host), ("method", method), ("resource", resource), ("verb", verb));
        }

        total.Add(SeriesValue.Growing(3, 0), ("code", "409"), ("host", Host), ("method", "PUT"), ("resource", "virtualmachineinstances"), ("verb", "UPDATE"));
        yield return limiter.Build();
        yield return latency.Build();
        yield return total.Build();
    }
}
