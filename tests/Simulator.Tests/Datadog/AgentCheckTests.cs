using System.Text.Json.Nodes;
using KubeVirtMonitor.Simulator;
using KubeVirtMonitor.Simulator.Datadog;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Datadog;

/// <summary>
/// The checks of the simulated Agent do what those of a real one do. The numbers and the texts are those of openmetrics 7.0.1 and of kubevirt_api, kubevirt_controller and
/// kubevirt_handler 2.0.1 on base 37.20, and of base 37.15 where it says so, run against pods of this simulator.
/// </summary>
public sealed class AgentCheckTests
{
    private const string Handler = """{"kubevirt_handler_metrics_endpoint":"https://%%host%%:%%port_metrics%%/metrics","kubevirt_handler_healthz_endpoint":"https://%%host%%:%%port_metrics%%/healthz","kube_namespace":"%%kube_namespace%%","kube_pod_name":"%%kube_pod_name%%","tls_verify":false}""";
    private const string Api = """{"kubevirt_api_metrics_endpoint":"https://%%host%%:%%port%%","kubevirt_api_healthz_endpoint":"https://%%host%%:%%port%%/healthz","kube_namespace":"%%kube_namespace%%","kube_pod_name":"%%kube_pod_name%%","tls_verify":false}""";
    private const string Scraping = "There was an error scraping endpoint https://HOST:8443/metrics: ";
    private const string Pool = "HTTPSConnectionPool(host='HOST', port=8443): Max retries exceeded with url: /metrics (Caused by ";
    private const string Issuer = "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate (_ssl.c:1029)')))";
    private const string Address = "SSLError(SSLCertVerificationError(1, \"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: IP address mismatch, certificate is not valid for 'HOST'. (_ssl.c:1029)\")))";

    [Theory]
    [InlineData(31, "", "", "min_collection_interval", "20")]
    [InlineData(31, "", "", "tls_verify", null)]
    [InlineData(0, "", Scraping + Pool + Issuer, "tls_ca_cert", null)]
    [InlineData(0, "", Scraping + Pool + Issuer, "tls_ca_cert", "\"/etc/none\"")]
    [InlineData(0, "", Scraping + Pool + Address, "extra_headers", """{"host":"virt-handler.kubevirt.svc"}""")]
    [InlineData(0, "", Scraping + Pool + Address, "tls_use_host_header", null)]
    [InlineData(0, "", Scraping + Pool + "SSLError(CertificateError(\"hostname 'virt-api.kubevirt.svc' doesn't match either of 'virt-handler', 'virt-handler.kubevirt', 'virt-handler.kubevirt.svc', 'virt-handler.kubevirt.svc.cluster.local'\")))", "extra_headers", """{"Host":"virt-api.kubevirt.svc"}""")]
    [InlineData(31, "Setting 'max_returned_metrics' to zero is not allowed. Reverting to the default metric limit: 2000", "", "max_returned_metrics", "0")]
    [InlineData(5, "Check openmetrics exceeded limit of 5 metrics, ignoring next ones", "", "max_returned_metrics", "5")]
    [InlineData(31, "Configured 'max_returned_metrics' cannot be interpreted as an integer: x. Reverting to the default limit: 2000", "", "max_returned_metrics", "\"x\"")]
    [InlineData(325, "", "", "metrics", """["kubevirt_vmi_.*"]""")]
    [InlineData(0, "", "", "metrics", null)]
    [InlineData(0, "", "Setting `metrics` must be an array", "metrics", "\"x\"")]
    [InlineData(0, "", "Entry #1 of setting `metrics` must be a string or a mapping", "metrics", "[1]")]
    [InlineData(0, "", "Error compiling transformer for metric `a`: unknown type `foo`", "metrics", """[{"a":{"type":"foo"}}]""")]
    [InlineData(5, "", "", "metric_patterns", """{"include":["^kubevirt_handler\\.vmi\\."]}""")]
    [InlineData(26, "", "", "metric_patterns", """{"exclude":["memory"]}""")]
    [InlineData(9, "", "", "metric_patterns", """{"include":["count$","memory"]}""")]
    [InlineData(31, "", "", "tags", "\"x\"")]
    [InlineData(0, "", "Setting `exclude_labels` must be an array", "exclude_labels", "\"x\"")]
    [InlineData(0, "", "There was an error scraping endpoint https://HOST:8443/nope: 404 Client Error: Not Found for url: https://HOST:8443/nope", "openmetrics_endpoint", "\"https://%%host%%:8443/nope\"")]
    [InlineData(0, "", "There was an error scraping endpoint http://HOST:8443/metrics: 400 Client Error: Bad Request for url: http://HOST:8443/metrics", "openmetrics_endpoint", "\"http://%%host%%:8443/metrics\"")]
    [InlineData(0, "", "There was an error scraping endpoint https://HOST:8444/metrics: HTTPSConnectionPool(host='HOST', port=8444): Max retries exceeded with url: /metrics (Caused by NewConnectionError('<urllib3.connection.HTTPSConnection object at 0x7f446c7b02f0>: Failed to establish a new connection: [Errno 111] Connection refused'))", "openmetrics_endpoint", "\"https://%%host%%:8444/metrics\"")]
    [InlineData(0, "", "The setting `openmetrics_endpoint` is required", "openmetrics_endpoint", "\"\"")]
    public async Task The_generic_check_follows_each_option(long samples, string warnings, string error, string option, string? value)
    {
        await using AgentStage stage = await AgentStage.StartAsync();
        Assert.Equal((samples, warnings, error), await stage.ResultAsync("handler/0", "openmetrics", AgentStage.But(option, value)));
    }

    [Theory]
    [InlineData("{\"tls_verify\":false}", "", true)]
    [InlineData("{\"tls_verify\":false,\"tls_ca_cert\":\"/etc/kubevirt-ca\"}", Address, true)]
    [InlineData("{\"tls_ca_cert\":\"/etc/kubevirt-ca\",\"tls_validate_hostname\":false}", "SSLError(CertificateError(\"hostname 'HOST' doesn't match either of 'virt-handler', 'virt-handler.kubevirt', 'virt-handler.kubevirt.svc', 'virt-handler.kubevirt.svc.cluster.local'\")))", true)]
    [InlineData("{\"tls_ca_cert\":\"/etc/kubevirt-ca\",\"tls_validate_hostname\":false}", Address, false)]
    [InlineData("{\"tls_ca_cert\":\"/etc/none\"}", "Could not find a suitable TLS CA certificate bundle, invalid path: /etc/none", false)]
    [InlineData("{\"tls_ca_cert\":\"/etc/kubevirt-ca\",\"tls_use_host_header\":true,\"headers\":{\"Host\":\"virt-handler.kubevirt.svc\"}}", "", false)]
    public async Task Options_of_TLS_count_together(string options, string error, bool current)
    {
        await using AgentStage stage = await AgentStage.StartAsync(new AgentOptions { MountsAuthority = true, Version = current ? "7.71.0" : "7.68.0" });
        JsonObject instance = JsonNode.Parse(AgentStage.Working)!.AsObject();
        foreach (string option in new[] { "tls_verify", "tls_ca_cert", "tls_use_host_header", "extra_headers" }) instance.Remove(option);
        foreach ((string option, JsonNode? value) in JsonNode.Parse(options)!.AsObject()) instance[option] = value?.DeepClone();
        (long samples, _, string said) = await stage.ResultAsync("handler/0", "openmetrics", instance.ToJsonString());
        Assert.Equal((error.Length == 0 ? 31 : 0, error.StartsWith("SSL", StringComparison.Ordinal) ? Scraping + Pool + error : error), (samples, said));
    }

    [Theory]
    [InlineData("other-ca", Scraping + Pool + Issuer)]
    [InlineData("expired", Scraping + Pool + "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1029)')))")]
    [InlineData("wrong-name", Scraping + Pool + "SSLError(CertificateError(\"hostname 'virt-handler.kubevirt.svc' doesn't match 'elsewhere.example'\")))")]
    [InlineData("status:503", Scraping + "503 Server Error: Service Unavailable for url: https://HOST:8443/metrics")]
    [InlineData("html", "could not convert string to float: 'html>'")]
    [InlineData("slow:9s", Scraping + "HTTPSConnectionPool(host='HOST', port=8443): Read timed out. (read timeout=1.0)")]
    public async Task A_pod_with_a_fault_is_told_in_the_words_of_the_check(string fault, string error)
    {
        await using AgentStage stage = await AgentStage.StartAsync();
        stage.Cluster.Host["handler/0"].Fault = Fault.Parse(fault);
        Assert.Equal((0L, "", error), await stage.ResultAsync("handler/0", "openmetrics", AgentStage.But("timeout", "1")));
    }

    [Fact]
    public async Task Without_a_namespace_names_have_no_prefix_and_the_id_has_two_parts()
    {
        await using AgentStage stage = await AgentStage.StartAsync();
        await stage.ChecksAsync("handler/0", "openmetrics", AgentStage.But("namespace", null));
        JsonObject instance = await stage.InstanceAsync("handler/0", "openmetrics");
        Assert.Equal(("31", 2), ($"{instance["MetricSamples"]}", ((string)instance["CheckID"]!).Split(':').Length));
        Assert.Equal(["vmi.memory_resident_bytes", "workqueue.adds.count", "workqueue.queue_duration_seconds.bucket", "workqueue.queue_duration_seconds.count", "workqueue.queue_duration_seconds.sum"], Sent(stage, "handler/0").Names.Keys);
        Assert.Equal([5, 2, 20, 2, 2], Sent(stage, "handler/0").Names.Values);
    }

    [Fact]
    public async Task Two_thousand_is_the_limit_where_none_is_given()
    {
        await using AgentStage stage = await AgentStage.StartAsync();
        stage.Cluster.Host["handler/0"].Fault = Fault.Parse("huge:1MiB");
        JsonObject instance = JsonNode.Parse(AgentStage.But("metrics", """[{"simulated_filler_total":{"name":"filler","type":"gauge"}}]"""))!.AsObject();
        instance.Remove("max_returned_metrics");
        Assert.Equal((2000L, "Check openmetrics exceeded limit of 2000 metrics, ignoring next ones", ""), await stage.ResultAsync("handler/0", "openmetrics", instance.ToJsonString()));
    }

    [Fact]
    public async Task An_instance_that_cannot_be_made_never_runs()
    {
        await using AgentStage stage = await AgentStage.StartAsync();
        await stage.ChecksAsync("handler/0", "openmetrics", AgentStage.But("openmetrics_endpoint", null), AgentStage.But("metric_patterns", "[]"));
        JsonObject status = await stage.StatusAsync();
        Assert.Empty(status["runnerStats"]!["Checks"]!.AsObject());
        Assert.Equal(["Unable to find prometheus URL in config file.", "Setting `metric_patterns` must be a mapping"], status["pyLoaderStats"]!["ConfigureErrors"]!["openmetrics"]!.AsArray().Select(static one => (string?)one));
    }

    [Theory]
    [InlineData(277, "", "tls_verify", "false")]
    [InlineData(277, "", "tls_verify", null)]
    [InlineData(277, "", "tls_ca_cert", "\"/etc/none\"")]
    [InlineData(276, "", "kubevirt_handler_healthz_endpoint", null)]
    [InlineData(10, "", "max_returned_metrics", "10")]
    [InlineData(51, "", "metric_patterns", """{"include":["can_connect$","^kubevirt_handler.vmi.memory"]}""")]
    [InlineData(277, "", "namespace", "\"other\"")]
    [InlineData(1, "HTTPSConnectionPool(host='HOST', port=8443): Max retries exceeded with url: /healthz (Caused by " + Issuer, "tls_verify", "true")]
    [InlineData(1, "404 Client Error: Not Found for url: https://HOST:8443/nope", "kubevirt_handler_healthz_endpoint", "\"https://%%host%%:8443/nope\"")]
    [InlineData(1, "There was an error scraping endpoint https://HOST:8443: 404 Client Error: Not Found for url: https://HOST:8443/", "kubevirt_handler_metrics_endpoint", "\"https://%%host%%:8443\"")]
    [InlineData(0, "The setting `openmetrics_endpoint` must be a string", "kubevirt_handler_metrics_endpoint", null)]
    public async Task The_check_of_virt_handler_makes_its_scrape_of_five_settings(long samples, string error, string option, string? value)
    {
        await using AgentStage stage = await AgentStage.StartAsync();
        (long sent, _, string said) = await stage.ResultAsync("handler/0", "kubevirt_handler", AgentStage.But(option, value, Handler));
        Assert.Equal((samples, error), (sent, said));
    }

    [Theory]
    [InlineData("7.71.0", Scraping + Pool + Issuer)]
    [InlineData("7.68.0", "HTTPSConnectionPool(host='HOST', port=8443): Max retries exceeded with url: /healthz (Caused by " + Issuer)]
    public async Task A_verified_check_of_KubeVirt_fails_whatever_else_is_said(string version, string error)
    {
        await using AgentStage stage = await AgentStage.StartAsync(new AgentOptions { MountsAuthority = true, Version = version });
        JsonObject instance = JsonNode.Parse(Handler)!.AsObject();
        foreach (string option in new[] { "tls_verify", "tls_ca_cert", "tls_use_host_header", "extra_headers" }) instance[option] = JsonNode.Parse(AgentStage.Working)![option]!.DeepClone();

        // can_connect is what is sent: 1 of a health that was verified, or 0.
        Assert.Equal((1L, "", error), await stage.ResultAsync("handler/0", "kubevirt_handler", instance.ToJsonString()));
        Assert.Equal(["kubevirt_handler.can_connect"], Sent(stage, "handler/0").Names.Keys);
    }

    [Fact]
    public async Task An_unhealthy_pod_is_not_scraped()
    {
        await using AgentStage stage = await AgentStage.StartAsync();
        stage.Cluster.Host["handler/0"].Fault = Fault.Parse("unhealthy");
        long before = stage.Cluster.Host["handler/0"].Scrapes;
        Assert.Equal((1L, "", "500 Server Error: Internal Server Error for url: https://HOST:8443/healthz"), await stage.ResultAsync("handler/0", "kubevirt_handler", Handler));
        Assert.Equal(before, stage.Cluster.Host["handler/0"].Scrapes);
    }

    [Fact]
    public async Task The_check_of_virt_handler_tells_the_version_of_KubeVirt()
    {
        await using AgentStage stage = await AgentStage.StartAsync();
        await stage.ChecksAsync("handler/0", "kubevirt_handler", Handler);
        JsonObject status = await stage.StatusAsync();
        Assert.Equal("v1.9.0", (string?)Assert.Single(status["inventories"]!.AsObject()).Value!["version.raw"]);
    }

    [Theory]
    [InlineData(473, true)]
    [InlineData(262, false)]
    public async Task The_check_of_virt_controller_loses_the_first_bucket_of_each_family(long samples, bool leads)
    {
        await using AgentStage stage = await AgentStage.StartAsync();
        string id = stage.Cluster.Host["controller/0"].Pod.Leading == leads ? "controller/0" : "controller/1";
        Assert.Equal((samples, "", ""), await stage.ResultAsync(id, "kubevirt_controller", Handler.Replace("kubevirt_handler", "kubevirt_controller", StringComparison.Ordinal)));
        Submission sent = Sent(stage, id);
        Assert.Equal((89, 9, 9), (sent.Names["kubevirt_controller.workqueue.queue_duration_seconds.bucket"], sent.Names["kubevirt_controller.workqueue.queue_duration_seconds.count"], sent.Names["kubevirt_controller.workqueue.queue_duration_seconds.sum"]));

        // KubeVirt 1.3 and later have no such family.
        Assert.DoesNotContain("kubevirt_controller.vmi.phase_count", sent.Names.Keys);
    }

    [Fact]
    public async Task The_check_of_virt_api_lists_machines_with_the_rights_of_the_Agent()
    {
        await using AgentStage stage = await AgentStage.StartAsync();
        (long samples, _, string error) = await stage.ResultAsync("api/0", "kubevirt_api", Api);
        Assert.Equal(1, samples);
        Assert.Contains("(403)\nReason: Forbidden\n", error, StringComparison.Ordinal);
        Assert.Contains("\"message\":\"virtualmachines.kubevirt.io is forbidden: User \\\"system:serviceaccount:datadog:datadog-agent\\\" cannot list resource \\\"virtualmachines\\\" in API group \\\"kubevirt.io\\\" at the cluster scope\"", error, StringComparison.Ordinal);
        await GrantAsync(stage);

        // 12 machines, 11 instances, and what virt-api 1.9 has of the names of the check; the path of the metrics is completed.
        Assert.Equal((35L, "", ""), stage.Result(await stage.InstanceAsync("api/0", "kubevirt_api"), "api/0"));
        Submission sent = Sent(stage, "api/0");
        Assert.Equal((1, 12, 11), (sent.Names["kubevirt_api.can_connect"], sent.Names["kubevirt_api.vm.count"], sent.Names["kubevirt_api.vmi.count"]));
        Assert.Equal(12, sent.Names.Count);
        Assert.DoesNotContain(sent.Names.Keys, static name => name.Contains("rest.client", StringComparison.Ordinal));

        // Only the three names that the generic check does not send.
        string three = AgentStage.But("metric_patterns", """{"include":["^kubevirt_api\\.can_connect$","^kubevirt_api\\.vm\\.count$","^kubevirt_api\\.vmi\\.count$"]}""", Api);
        Assert.Equal((24L, "", ""), await stage.ResultAsync("api/0", "kubevirt_api", three));
    }

    [Theory]
    [InlineData("/apis/kubevirt.io/v1/namespaces/ns0/virtualmachines/vm-00000", """{"spec":{"template":{"metadata":{"labels":null}}}}""", "vmi.count")]
    [InlineData("/apis/kubevirt.io/v1/namespaces/ns0/virtualmachineinstances/vm-00000", """{"metadata":{"labels":null}}""", "process.max_fds")]
    public async Task A_machine_without_labels_ends_the_run_of_virt_api(string path, string patch, string never)
    {
        await using AgentStage stage = await AgentStage.StartAsync();
        await GrantAsync(stage);
        ApiReply reply = await stage.Cluster.PatchAsync(path, "merge-patch+json", patch);
        Assert.True(reply.Code == System.Net.HttpStatusCode.OK, reply.Text);
        await stage.ChecksAsync("api/0", "kubevirt_api", Api);
        JsonObject instance = await stage.InstanceAsync("api/0", "kubevirt_api");
        Assert.Equal("'labels'", stage.Result(instance, "api/0").Error);
        Assert.EndsWith("\nKeyError: 'labels'\n", (string?)JsonNode.Parse((string)instance["LastError"]!)![0]!["traceback"], StringComparison.Ordinal);
        Assert.Contains("kubevirt_api.can_connect", Sent(stage, "api/0").Names.Keys);
        Assert.DoesNotContain($"kubevirt_api.{never}", Sent(stage, "api/0").Names.Keys);
    }

    private static Submission Sent(AgentStage stage, string id) => Assert.Single(stage.Cluster.Server.Agents![stage.Agent(id)].Checks).Sent!;

    private static async Task GrantAsync(AgentStage stage)
    {
        const string Rbac = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
        ApiReply reply = await stage.Cluster.SendAsync(HttpMethod.Post, Rbac, """{"metadata":{"name":"agent-machines"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"kubevirt.io:view"},"subjects":[{"kind":"ServiceAccount","name":"datadog-agent","namespace":"datadog"}]}""");
        Assert.Equal(System.Net.HttpStatusCode.Created, reply.Code);
    }
}
