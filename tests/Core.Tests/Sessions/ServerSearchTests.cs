using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Prometheus;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Sessions;
using KubeVirtMonitor.Simulator.Api;
using Xunit;

namespace KubeVirtMonitor.Tests.Sessions;

/// <summary>The server of a session, in the simulated cluster, whose services lead to a server that knows KubeVirt or does not.</summary>
public sealed class ServerSearchTests
{
    private const string Empty = """{"status":"success","data":{"resultType":"vector","result":[]}}""";
    private const string Seven = """{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1700000000,"7"]}]}}""";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MonitoringStack.KubePrometheus, "monitoring/services/prometheus-k8s:9090/proxy", "the service prometheus-k8s:9090 in namespace monitoring (kube-prometheus), through the API server, which has series of KubeVirt; not asked: monitoring/prometheus-operated:9090")]
    [InlineData(MonitoringStack.KubePrometheusStack, "monitoring/services/kube-prometheus-stack-prometheus:9090/proxy", "the service kube-prometheus-stack-prometheus:9090 in namespace monitoring (kube-prometheus-stack), through the API server, which has series of KubeVirt; not asked: monitoring/prometheus-operated:9090")]
    [InlineData(MonitoringStack.Rancher, "cattle-monitoring-system/services/rancher-monitoring-prometheus:9090/proxy", "the service rancher-monitoring-prometheus:9090 in namespace cattle-monitoring-system (rancher-monitoring), through the API server, which has series of KubeVirt; not asked: cattle-monitoring-system/prometheus-operated:9090")]
    [InlineData(MonitoringStack.Chart, "prometheus/services/prometheus-server:80/proxy", "the service prometheus-server:80 in namespace prometheus (Prometheus), through the API server, which has series of KubeVirt")]
    [InlineData(MonitoringStack.VictoriaMetrics, "victoria-metrics/services/vmsingle-main:8428/proxy", "the service vmsingle-main:8428 in namespace victoria-metrics (VictoriaMetrics), through the API server, which has series of KubeVirt")]
    [InlineData(MonitoringStack.VictoriaMetricsCluster, "victoria-metrics/services/vmselect-main:8481/proxy/select/0/prometheus", "the service vmselect-main:8481 in namespace victoria-metrics (VictoriaMetrics cluster), through the API server, which has series of KubeVirt")]
    [InlineData(MonitoringStack.Thanos, "thanos/services/thanos-query:9090/proxy", "the service thanos-query:9090 in namespace thanos (Thanos), through the API server, which has series of KubeVirt")]
    public async Task TheServiceOfEachProductIsFound(MonitoringStack stack, string path, string reason)
    {
        await using LoopbackServer upstream = new(static _ => Json(Seven));
        await using ApiCluster cluster = await ClusterAsync(upstream, stack);
        using KubeVirtSession session = await SessionAsync(cluster);
        Assert.Equal((null, null), (session.PrometheusUri, session.PrometheusReason));
        KubeVirtMonitor.Prometheus.PrometheusServer server = await SessionServers.Of(session).OpenAsync(new ScrapeOptions(), Stop);
        Assert.Equal($"{cluster.Server.Uri}api/v1/namespaces/{path}", session.PrometheusUri!.AbsoluteUri);
        Assert.Equal(reason, session.PrometheusReason);
        QueryOutcome outcome = await server.QueryAsync(new Query { Expression = "count(up)" }, static _ => ValueTask.CompletedTask, Stop);
        Assert.Equal(1, outcome.Series);
        // No secret of the API server goes on to it, and the query comes as it was sent.
        ReceivedRequest last = upstream.Requests.Last();
        Assert.Null(last["Authorization"]);
        Assert.Equal(("POST", "/api/v1/query", "count(up)"), (last.Method, last.Path, Assert.Single(last.Parameters["query"])));
    }

    [Fact]
    public async Task TheServerThatKnowsKubeVirtIsTakenAndTheOthersSayWhyNot()
    {
        // In this cluster only VictoriaMetrics scrapes KubeVirt.
        await using LoopbackServer upstream = new(static request => Json(request["X-Forwarded-Uri"]?.Contains("vmsingle", StringComparison.Ordinal) == true ? Seven : Empty));
        await using ApiCluster cluster = await ClusterAsync(upstream, MonitoringStack.KubePrometheus, MonitoringStack.VictoriaMetrics, MonitoringStack.Thanos);
        using KubeVirtSession session = await SessionAsync(cluster);
        await SessionServers.Of(session).OpenAsync(new ScrapeOptions(), Stop);
        Assert.EndsWith("/services/vmsingle-main:8428/proxy", session.PrometheusUri!.AbsoluteUri, StringComparison.Ordinal);
        Assert.Equal(
            "the service vmsingle-main:8428 in namespace victoria-metrics (VictoriaMetrics), through the API server, which has series of KubeVirt; others were not taken: "
            + "monitoring/prometheus-k8s:9090, monitoring/prometheus-operated:9090: no series of KubeVirt; not asked: thanos/thanos-query:9090",
            session.PrometheusReason);
    }

    [Fact]
    public async Task WhereNoneKnowsKubeVirtTheFirstIsTakenAndItIsSaid()
    {
        await using LoopbackServer upstream = new(static _ => Json(Empty));
        await using ApiCluster cluster = await ClusterAsync(upstream, MonitoringStack.Chart);
        using KubeVirtSession session = await SessionAsync(cluster);
        await SessionServers.Of(session).OpenAsync(new ScrapeOptions(), Stop);
        Assert.Equal(
            "the service prometheus-server:80 in namespace prometheus (Prometheus), through the API server; no server was found that has series of KubeVirt; others were not taken: prometheus/prometheus-server:80: no series of KubeVirt",
            session.PrometheusReason);
    }

    [Fact]
    public async Task APrefixOfThePathIsFoundOut()
    {
        await using LoopbackServer upstream = new(static request => request.Path.StartsWith("/prometheus/", StringComparison.Ordinal) ? Json(Seven) : Reply.Error(404, "Not Found", "404 page not found\n"));
        await using ApiCluster cluster = await ClusterAsync(upstream, MonitoringStack.Chart);
        using KubeVirtSession session = await SessionAsync(cluster);
        await SessionServers.Of(session).OpenAsync(new ScrapeOptions(), Stop);
        Assert.EndsWith("/services/prometheus-server:80/proxy/prometheus", session.PrometheusUri!.AbsoluteUri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OneSearchIsEnough()
    {
        await using LoopbackServer upstream = new(static _ => Json(Seven));
        await using ApiCluster cluster = await ClusterAsync(upstream, MonitoringStack.KubePrometheus);
        using KubeVirtSession session = await SessionAsync(cluster);
        SessionServers servers = SessionServers.Of(session);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => servers.OpenAsync(new ScrapeOptions(), Stop)));
        Assert.Single(upstream.Requests);
    }

    [Fact]
    public async Task AServerThatIsGoneIsLookedForAgain()
    {
        await using LoopbackServer upstream = new(static _ => Json(Seven));
        await using ApiCluster cluster = await ClusterAsync(upstream, MonitoringStack.KubePrometheus);
        using KubeVirtSession session = await SessionAsync(cluster);
        KubeVirtMonitor.Prometheus.PrometheusServer server = await SessionServers.Of(session).OpenAsync(new ScrapeOptions(), Stop);
        await cluster.SendAsync(HttpMethod.Delete, "/api/v1/namespaces/monitoring/services/prometheus-k8s");
        ScrapeException error = await Assert.ThrowsAsync<ScrapeException>(() => server.QueryAsync(new Query { Expression = "up" }, static _ => ValueTask.CompletedTask, Stop));
        Assert.Contains("services \"prometheus-k8s\" not found", error.What, StringComparison.Ordinal);
        Assert.Null(session.PrometheusUri);
        await SessionServers.Of(session).OpenAsync(new ScrapeOptions(), Stop);
        Assert.EndsWith("/services/prometheus-operated:9090/proxy", session.PrometheusUri!.AbsoluteUri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutTheRightToPostTheServerIsAskedByGet()
    {
        await using LoopbackServer upstream = new(static _ => Json(Seven));
        await using ApiCluster cluster = await ClusterAsync(upstream, MonitoringStack.KubePrometheus);
        using IDisposable refusal = cluster.Server.Refuse(new ApiRefusal { Resource = "services/proxy", Verb = "create" });
        using KubeVirtSession session = await SessionAsync(cluster);
        await SessionServers.Of(session).OpenAsync(new ScrapeOptions(), Stop);
        Each.Of(upstream.Requests, static request => Assert.Equal("GET", request.Method));
    }

    [Fact]
    public async Task WithoutTheRightToTheProxyTheMissingRoleIsNamed()
    {
        await using LoopbackServer upstream = new(static _ => Json(Seven));
        await using ApiCluster cluster = await ClusterAsync(upstream, MonitoringStack.Chart);
        using KubeVirtSession session = await SessionAsync(cluster, "viewer");
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => SessionServers.Of(session).OpenAsync(new ScrapeOptions(), Stop));
        Assert.Equal((KubernetesError.Forbidden, Setting.PrometheusUri), (error.Error, error.Setting));
        Assert.Equal($"no server with the API of Prometheus could be asked in the cluster of {cluster.Server.Uri.Authority}: prometheus/prometheus-server:80: user 'viewer' may not get services/proxy in namespace prometheus", error.What);
        Assert.Contains("'get' and 'create' on 'services/proxy'", error.Advice, StringComparison.Ordinal);
        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task WithoutTheRightToListServicesTheUsualOnesAreTried()
    {
        await using LoopbackServer upstream = new(static _ => Json(Seven));
        await using ApiCluster cluster = await ClusterAsync(upstream, MonitoringStack.Rancher);
        using IDisposable everywhere = cluster.Server.Refuse(new ApiRefusal { Resource = "services", Verb = "list" });
        using KubeVirtSession session = await SessionAsync(cluster);
        await SessionServers.Of(session).OpenAsync(new ScrapeOptions(), Stop);
        Assert.EndsWith("/cattle-monitoring-system/services/rancher-monitoring-prometheus:9090/proxy", session.PrometheusUri!.AbsoluteUri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoMayDoNothingReadsOneReasonForManyServices()
    {
        await using LoopbackServer upstream = new(static _ => Json(Seven));
        await using ApiCluster cluster = await ClusterAsync(upstream, MonitoringStack.KubePrometheus);
        using KubeVirtSession session = await SessionAsync(cluster, "nobody");
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => SessionServers.Of(session).OpenAsync(new ScrapeOptions(), Stop));
        Assert.Equal(
            $"no server with the API of Prometheus could be asked in the cluster of {cluster.Server.Uri.Authority}: user 'nobody' may not list services in the whole cluster; "
            + "cattle-monitoring-system/rancher-monitoring-prometheus:9090: user 'nobody' may not get services/proxy in namespace cattle-monitoring-system; "
            + "monitoring/kube-prometheus-stack-prometheus:9090, monitoring/prometheus-k8s:9090, monitoring/prometheus-operated:9090: user 'nobody' may not get services/proxy in namespace monitoring",
            error.What);
    }

    [Fact]
    public async Task AClusterWithoutAnyServerSaysSo()
    {
        await using ApiCluster cluster = await ApiCluster.StartAsync(handlers: 1, vmis: 1);
        using KubeVirtSession session = await SessionAsync(cluster);
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => SessionServers.Of(session).OpenAsync(new ScrapeOptions(), Stop));
        Assert.Equal((KubernetesError.NotFound, Setting.PrometheusUri), (error.Error, error.Setting));
        Assert.StartsWith("there is no server with the API of Prometheus in the cluster of ", error.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServerThatIsDownIsNamedWithWhatToLookAt()
    {
        await using ApiCluster cluster = await ApiCluster.StartAsync(new ApiServerOptions { Monitoring = new() { Upstream = new Uri("http://127.0.0.1:1"), Stacks = [MonitoringStack.Chart] } }, handlers: 1, vmis: 1);
        using KubeVirtSession session = await SessionAsync(cluster);
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => SessionServers.Of(session).OpenAsync(new ScrapeOptions { MaximumRetryCount = 0 }, Stop));
        Assert.Contains("prometheus/prometheus-server:80: cannot reach prometheus/prometheus-server:80 through the API server", error.What, StringComparison.Ordinal);
        Assert.Contains("dial tcp 127.0.0.1:1: connect: connection refused", error.What, StringComparison.Ordinal);
        Assert.Equal("Check that its pods are running: 'kubectl get pods,endpointslices -n prometheus'.", error.Advice);
    }

    [Fact]
    public async Task OpenShiftsRouteIsTakenWithTheTokenOfTheSession()
    {
        await using LoopbackServer upstream = new(static _ => Json(Seven));
        await using ApiCluster cluster = await ClusterAsync(upstream, MonitoringStack.OpenShift);
        using KubeVirtSession session = await SessionAsync(cluster, "monitor");
        KubeVirtMonitor.Prometheus.PrometheusServer server = await SessionServers.Of(session).OpenAsync(new ScrapeOptions(), Stop);
        Assert.Equal("the route thanos-querier of OpenShift, with the token of the session, which has series of KubeVirt", session.PrometheusReason);
        Assert.Equal("localhost", session.PrometheusUri!.Host);
        Assert.Equal(1, (await server.QueryAsync(new Query { Expression = "up" }, static _ => ValueTask.CompletedTask, Stop)).Series);
    }

    [Fact]
    public async Task WhoMayNotReadRoutesIsToldTheAddressByTheConsole()
    {
        await using LoopbackServer upstream = new(static _ => Json(Seven));
        await using ApiCluster cluster = await ClusterAsync(upstream, MonitoringStack.OpenShift);
        using IDisposable routes = cluster.Server.Refuse(new ApiRefusal { Resource = "routes" });
        using IDisposable ingress = cluster.Server.Refuse(new ApiRefusal { Resource = "configmaps", Namespace = "openshift-config-managed", Verb = "list" });
        using KubeVirtSession session = await SessionAsync(cluster, "monitor");
        await SessionServers.Of(session).OpenAsync(new ScrapeOptions(), Stop);
        Assert.Equal("localhost", session.PrometheusUri!.Host);
    }

    [Fact]
    public async Task OpenShiftRefusesWhoLacksTheRole()
    {
        await using LoopbackServer upstream = new(static _ => Json(Seven));
        await using ApiCluster cluster = await ClusterAsync(upstream, MonitoringStack.OpenShift);
        using KubeVirtSession session = await SessionAsync(cluster, "viewer");
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => SessionServers.Of(session).OpenAsync(new ScrapeOptions(), Stop));
        Assert.Contains("the route thanos-querier of OpenShift: ", error.What, StringComparison.Ordinal);
        Assert.Contains("Forbidden (user=viewer, verb=get, resource=prometheuses, subresource=api)", error.What, StringComparison.Ordinal);
        Assert.Contains("cluster-monitoring-view", error.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AClientCertificateIsNoToken()
    {
        await using LoopbackServer upstream = new(static _ => Json(Seven));
        await using ApiCluster cluster = await ClusterAsync(upstream, MonitoringStack.OpenShift);
        using KubeVirtSession session = await SessionAsync(cluster, "certificate");
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => SessionServers.Of(session).OpenAsync(new ScrapeOptions(), Stop));
        Assert.Contains("the route thanos-querier of OpenShift: it asks for a token, and the session has none of its own (client certificate)", error.What, StringComparison.Ordinal);
        Assert.Contains("openshift-monitoring/prometheus-k8s:9091, openshift-monitoring/thanos-querier:9091: it asks for a token, which the API server does not pass on", error.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARealPrometheusIsAskedThroughTheApiServer()
    {
        const long Now = 1_700_000_000;
        await using TestKit.PrometheusServer upstream = await TestKit.PrometheusServer.OverAsync(string.Create(CultureInfo.InvariantCulture, $"kubevirt_info{{kubeversion=\"v1.9.0\"}} 1 {Now}\nkubevirt_info{{kubeversion=\"v1.9.0\"}} 1 {Now + 30}\n# EOF\n"));
        await using ApiCluster cluster = await ApiCluster.StartAsync(new ApiServerOptions { Monitoring = new() { Upstream = upstream.Address } }, handlers: 1, vmis: 1);
        using KubeVirtSession session = await SessionAsync(cluster, "monitor");
        KubeVirtMonitor.Prometheus.PrometheusServer server = await SessionServers.Of(session).OpenAsync(new ScrapeOptions(), Stop);
        ServerFacts facts = await ServerFacts.ProbeAsync(server, "", DateTimeOffset.FromUnixTimeSeconds(Now + 30), Stop);
        Assert.Equal(("v1.9.0", TimeSpan.FromSeconds(30)), (Assert.Single(facts.Versions), facts.ScrapeInterval));
        ScrapeException error = await Assert.ThrowsAsync<ScrapeException>(() => server.QueryAsync(new Query { Expression = "sum(" }, static _ => ValueTask.CompletedTask, Stop));
        Assert.Contains("parse error", error.What, StringComparison.Ordinal);
    }

    private static Reply Json(string text) => new() { Body = Encoding.UTF8.GetBytes(text), ContentType = "application/json" };

    private static Task<KubeVirtSession> SessionAsync(ApiCluster cluster, string user = "token-admin") => cluster.OpenAsync(connection: user == "certificate"
        ? ByCertificate(cluster)
        : KubernetesConnection.FromToken(cluster.Server.Uri, cluster.Server.Tokens.Issue(new ApiUser(user)), new ServerOptions { CertificateAuthority = cluster.Server.Kubeconfig.AuthorityFile }));

    private static KubernetesConnection ByCertificate(ApiCluster cluster)
    {
        using X509Certificate2 client = cluster.Server.Certificates.IssueClient(new ApiUser("certificate-admin", "system:masters"));
        string path = Path.Combine(cluster.Server.Kubeconfig.Folder, "certificate.json");
        JsonObject user = new()
        {
            ["client-certificate-data"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(client.ExportCertificatePem())),
            ["client-key-data"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem())),
        };
        JsonObject config = new()
        {
            ["current-context"] = "c",
            ["clusters"] = new JsonArray(new JsonObject { ["name"] = "c", ["cluster"] = new JsonObject { ["server"] = cluster.Server.Uri.ToString(), ["certificate-authority"] = cluster.Server.Kubeconfig.AuthorityFile } }),
            ["users"] = new JsonArray(new JsonObject { ["name"] = "c", ["user"] = user }),
            ["contexts"] = new JsonArray(new JsonObject { ["name"] = "c", ["context"] = new JsonObject { ["cluster"] = "c", ["user"] = "c" } }),
        };
        File.WriteAllText(path, config.ToJsonString());
        return KubeConfig.Load(new KubeConfigOptions { Path = path }).Resolve();
    }

    private static Task<ApiCluster> ClusterAsync(LoopbackServer upstream, params MonitoringStack[] stacks) =>
        ApiCluster.StartAsync(new ApiServerOptions { Monitoring = new() { Upstream = new Uri($"http://127.0.0.1:{upstream.Port}"), Stacks = stacks } }, handlers: 1, vmis: 1);
}
