using System.Net.Security;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Simulator;
using KubeVirtMonitor.Simulator.Api;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Api;

/// <summary>The services of monitoring, and what the API server's proxy answers for services: the words and headers are those of a real API server 1.36 with a real Prometheus behind a service.</summary>
public sealed class MonitoringTests
{
    private const string Monitoring = "/api/v1/namespaces/monitoring/services";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AServicePassesRequestsOnAndAnswersBack()
    {
        await using LoopbackServer upstream = new(static request => Reply.Error(request.Path == "/api/v1/query?query=up%7B%7D&x=1" ? 422 : 200, "Unprocessable Entity", $"{request.Method} {request.Path} {request.Body}"));
        await using ApiCluster cluster = await StartAsync(upstream.Uri("/"), MonitoringStack.KubePrometheus);
        ApiReply get = await cluster.GetAsync($"{Monitoring}/prometheus-k8s:9090/proxy/api/v1/query?query=up%7B%7D&x=1");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "GET /api/v1/query?query=up%7B%7D&x=1 "), (get.Code, get.Text));
        ApiReply post = await cluster.SendAsync(HttpMethod.Post, $"{Monitoring}/prometheus-k8s:web/proxy/api/v1/query", "query=up", "application/x-www-form-urlencoded");
        Assert.Equal((HttpStatusCode.OK, "POST /api/v1/query query=up"), (post.Code, post.Text));
        ReceivedRequest last = upstream.Requests.Last();
        Assert.Null(last["Authorization"]);
        Assert.Equal(
            ("application/x-www-form-urlencoded", $"{Monitoring}/prometheus-k8s:web/proxy/api/v1/query", "127.0.0.1", cluster.Server.Uri.Authority),
            (last["Content-Type"], last["X-Forwarded-Uri"], last["X-Forwarded-For"], last["Host"]));
    }

    [Theory]
    [InlineData("nosuch:9090/proxy/x", 404, "NotFound", "services \"nosuch\" not found")]
    [InlineData("nosuch:web/proxy/x", 404, "NotFound", "services \"nosuch\" not found")]
    [InlineData("prometheus-k8s:9999/proxy/x", 503, "ServiceUnavailable", "no service port 9999 found for service \"prometheus-k8s\"")]
    [InlineData("prometheus-k8s:nosuch/proxy/x", 503, "ServiceUnavailable", "no endpoints available for service \"prometheus-k8s:nosuch\"")]
    [InlineData("prometheus-k8s/proxy/x", 503, "ServiceUnavailable", "no endpoints available for service \"prometheus-k8s\"")]
    [InlineData("a:prometheus-k8s:9090:b/proxy/x", 400, "BadRequest", "invalid service request \"a:prometheus-k8s:9090:b\"")]
    [InlineData("prometheus-k8s:9090/proxy/x", 503, "ServiceUnavailable", "error trying to reach service: dial tcp 127.0.0.1:1: connect: connection refused")]
    [InlineData("https:prometheus-k8s:9090/proxy/x", 503, "ServiceUnavailable", "error trying to reach service: tls: first record does not look like a TLS handshake")]
    public async Task ARefusalIsAStatus(string path, int code, string reason, string message)
    {
        await using ApiCluster cluster = await StartAsync(new Uri("http://127.0.0.1:1/"), MonitoringStack.KubePrometheus);
        ApiReply reply = await cluster.GetAsync($"{Monitoring}/{path}");
        JsonNode status = JsonNode.Parse(reply.Text)!;
        Assert.Equal((code, "Status", reason, message), ((int)reply.Code, (string?)status["kind"], (string?)status["reason"], (string?)status["message"]));
    }

    [Fact]
    public async Task AServiceWithoutAddressesIsNotFound()
    {
        await using ApiCluster cluster = await StartAsync(new Uri("http://127.0.0.1:1/"), MonitoringStack.KubePrometheus);
        await cluster.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/monitoring/endpoints/prometheus-k8s");
        ApiReply reply = await cluster.GetAsync($"{Monitoring}/prometheus-k8s:9090/proxy/x");
        Assert.Equal((HttpStatusCode.NotFound, "services \"prometheus-k8s\" not found"), (reply.Code, (string?)JsonNode.Parse(reply.Text)!["message"]));
    }

    [Fact]
    public async Task WhoMayListServicesMayNotUseTheirProxy()
    {
        await using ApiCluster cluster = await StartAsync(new Uri("http://127.0.0.1:1/"), MonitoringStack.KubePrometheus);
        string token = cluster.Server.Tokens.Issue(new ApiUser("viewer"));
        Assert.Equal(HttpStatusCode.OK, (await cluster.GetAsync(Monitoring, token: token)).Code);
        ApiReply reply = await cluster.GetAsync($"{Monitoring}/prometheus-k8s:9090/proxy/api/v1/query", token: token);
        Assert.Equal("services \"prometheus-k8s:9090\" is forbidden: User \"viewer\" cannot get resource \"services/proxy\" in API group \"\" in the namespace \"monitoring\"", (string?)JsonNode.Parse(reply.Text)!["message"]);
    }

    [Fact]
    public async Task AServiceOfKubeVirtLeadsToItsPods()
    {
        await using ApiCluster cluster = await ApiCluster.StartAsync(handlers: 1, vmis: 1);
        ApiReply reply = await cluster.GetAsync("/api/v1/namespaces/kubevirt/services/https:virt-api:443/proxy/healthz");
        Assert.Equal(HttpStatusCode.OK, reply.Code);
        Assert.Equal((await cluster.GetAsync($"/api/v1/namespaces/kubevirt/pods/https:{cluster.Pod("api/0")}:8443/proxy/healthz")).Text, reply.Text);
    }

    [Theory]
    [InlineData(MonitoringStack.KubePrometheus, "alertmanager-main 9093/TCP,8080/TCP|prometheus-k8s 9090/TCP,8080/TCP|prometheus-operated 9090/TCP")]
    [InlineData(MonitoringStack.VictoriaMetricsCluster, "vminsert-main 8480/TCP|vmselect-main 8481/TCP")]
    public async Task KubectlShowsTheServices(MonitoringStack stack, string expected)
    {
        await using ApiCluster cluster = await StartAsync(new Uri("http://127.0.0.1:1/"), stack);
        string space = stack == MonitoringStack.KubePrometheus ? "monitoring" : "victoria-metrics";
        string[] lines = (await Kubectl.OutputAsync(cluster, "get", "services", "-n", space, "--no-headers")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expected, string.Join('|', lines.Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(static cells => $"{cells[0]} {cells[4]}")));
    }

    [Fact]
    public async Task TheRouteOfOpenShiftAsksForATokenWithTheRole()
    {
        await using LoopbackServer upstream = new(static request => Reply.Text($"{request.Method} {request.Path}"));
        await using ApiCluster cluster = await StartAsync(upstream.Uri("/"), MonitoringStack.OpenShift);
        JsonNode route = JsonNode.Parse((await cluster.GetAsync("/apis/route.openshift.io/v1/namespaces/openshift-monitoring/routes/thanos-querier")).Text)!;
        Assert.Equal(("Route", "/api", "reencrypt", "thanos-querier"), ((string?)route["kind"], (string?)route["spec"]!["path"], (string?)route["spec"]!["tls"]!["termination"], (string?)route["spec"]!["to"]!["name"]));
        using HttpClient client = new(new SocketsHttpHandler { UseProxy = false, SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, errors) => (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None } });
        string host = $"https://{(string?)route["spec"]!["host"]}";
        Assert.Equal((401, "Unauthorized\n"), await GetAsync($"{host}/api/v1/query?query=up", null));
        Assert.Equal((401, "Unauthorized\n"), await GetAsync($"{host}/api/v1/query?query=up", "garbage"));
        Assert.Equal((403, "Forbidden (user=viewer, verb=get, resource=prometheuses, subresource=api)\n"), await GetAsync($"{host}/api/v1/query?query=up", cluster.Server.Tokens.Issue(new ApiUser("viewer"))));
        Assert.Equal((200, "GET /api/v1/query?query=up"), await GetAsync($"{host}/api/v1/query?query=up", cluster.Server.Tokens.Issue(new ApiUser("monitor"))));
        Assert.Equal(503, (await GetAsync($"{host}/graph", cluster.Server.Tokens.Issue(new ApiUser("monitor")))).Status);
        ApiReply behind = await cluster.GetAsync("/api/v1/namespaces/openshift-monitoring/services/https:thanos-querier:9091/proxy/api/v1/query?query=up");
        Assert.Equal((HttpStatusCode.Unauthorized, "Unauthorized\n"), (behind.Code, behind.Text));

        async Task<(int Status, string Text)> GetAsync(string address, string? token)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, address);
            if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using HttpResponseMessage response = await client.SendAsync(request, Stop);
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Stop));
        }
    }

    [Theory]
    [InlineData("--monitoring thanos", "--monitoring needs --prometheus URL.")]
    [InlineData("--prometheus nowhere", "--prometheus: 'nowhere' is not an http or https address.")]
    [InlineData("--prometheus http://localhost:9090 --monitoring nagios", "--monitoring: 'nagios' is none of kube-prometheus, kube-prometheus-stack, rancher, chart, victoria-metrics, victoria-metrics-cluster, thanos, openshift.")]
    public async Task AWrongOptionIsRefused(string line, string message)
    {
        ApiCommand command = new();
        UsageException error = await Assert.ThrowsAsync<UsageException>(() => command.RunAsync(ParsedArguments.Parse([.. line.Split(' '), "--handlers", "1"], command.Options), TextWriter.Null, Stop));
        Assert.Equal(message, error.Message);
    }

    private static Task<ApiCluster> StartAsync(Uri upstream, MonitoringStack stack) =>
        ApiCluster.StartAsync(new ApiServerOptions { Monitoring = new() { Upstream = upstream, Stacks = [stack] } }, handlers: 1, vmis: 1);
}
