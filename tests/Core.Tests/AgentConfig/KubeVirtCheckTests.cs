using KubeVirtMonitor.AgentConfig;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Tests.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentConfig;

/// <summary>
/// Instances of the checks kubevirt_api, kubevirt_controller and kubevirt_handler, which build the configuration of their scrape out of a few options.
/// Source: their check.py, 1.0.0 to 2.0.1, run with the base 37.0.0 to 37.20.0.
/// </summary>
public sealed class KubeVirtCheckTests : IDisposable
{
    private const string Memory = "kubevirt_handler.vmi.memory_resident_bytes";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Names_and_tags_are_those_of_the_check()
    {
        Configured got = await Configured.ScrapeKubeVirtAsync("kube_namespace: kubevirt\nkube_pod_name: virt-handler-x\nservice: vms");

        Assert.Equal(
            [
                $"{Memory}{{name=web, vm_namespace=shop, node=alpha, endpoint=E, pod_name=virt-handler-x, kube_namespace=kubevirt, service=vms}} 1024",
                $"{Memory}{{name=db, vm_namespace=data, node=beta, endpoint=E, pod_name=virt-handler-x, kube_namespace=kubevirt, service=vms}} 2048",
                "kubevirt_handler.process.open_fds{endpoint=E, pod_name=virt-handler-x, kube_namespace=kubevirt, service=vms} 61",
            ],
            got.Lines);
        Assert.Empty(got.Warnings);
    }

    // Those that agent-reality has under "nothing": seen to change no sample.
    [Theory]
    [InlineData("tags: ['team:core']")]
    [InlineData("ignore_tags: [endpoint]")]
    [InlineData("metrics: [shop_sold]")]
    [InlineData("extra_metrics: [shop_sold]")]
    [InlineData("namespace: shop")]
    [InlineData("exclude_metrics: [process_open_fds]")]
    [InlineData("exclude_metrics_by_labels: {node: true}")]
    [InlineData("exclude_labels: [node]")]
    [InlineData("include_labels: [node]")]
    [InlineData("rename_labels: {name: vm}")]
    [InlineData("share_labels: {process_open_fds: true}")]
    [InlineData("raw_metric_prefix: kubevirt_")]
    [InlineData("raw_line_filters: [web]")]
    [InlineData("collect_histogram_buckets: false")]
    [InlineData("non_cumulative_histogram_buckets: true")]
    [InlineData("tag_by_endpoint: false")]
    [InlineData("hostname_label: node")]
    [InlineData("use_latest_spec: true")]
    [InlineData("telemetry: true")]
    [InlineData("use_process_start_time: true")]
    [InlineData("target_info: true")]
    public async Task An_option_that_is_not_handed_on_changes_nothing_and_is_told(string option)
    {
        await using LoopbackServer server = LoopbackServer.Text(Configured.Body);

        Configured got = await Configured.ScrapeKubeVirtAsync(server, option);

        Assert.Equal((await Configured.ScrapeKubeVirtAsync(server, "service:")).Lines, got.Lines);
        string name = option[..option.IndexOf(':', StringComparison.Ordinal)];
        string advice = AgentOptions.All.Single(known => known.Name == name).Instead ?? "An instance of the check openmetrics applies it.";
        Assert.EndsWith($"conf.yaml, instance 1: {name} is not applied: the check kubevirt_handler does not hand it on to the scrape. {advice}", Assert.Single(got.Warnings), StringComparison.Ordinal);
        Assert.DoesNotContain("openmetrics-text;version=1.0.0,application", server.Requests.First()["Accept"] ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kube_cluster_name: east", "kube_cluster_name is not applied: the check kubevirt_handler does not hand it on to the scrape. Write kube_cluster_name:VALUE under tags of an instance of the check openmetrics.")]
    [InlineData("timeout: 3", "timeout is not applied: the check kubevirt_handler does not hand it on to the scrape. Write it in init_config, from where it reaches both.")]
    [InlineData("headers: {X-Key: a}", "headers is not applied: the check kubevirt_handler does not hand it on to the scrape. An instance of the check openmetrics applies it to the scrape.")]
    [InlineData("ssl_verify: true", "ssl_verify is not applied: in the Agent it would have no effect either: it belongs to the Agent's older OpenMetrics check. Use tls_verify.")]
    [InlineData("min_collection_interval: 30", "min_collection_interval is not applied: in the Agent it would set the number of seconds between scrapes. The endpoint is scraped once: repeat the call as often as needed.")]
    public void What_else_is_not_applied_says_where_it_is(string option, string warning) =>
        Assert.EndsWith($", instance 1: {warning}", Assert.Single(Configured.Load($"instances:\n- kubevirt_handler_metrics_endpoint: http://127.0.0.1:1/metrics\n  {option}\n").Warnings), StringComparison.Ordinal);

    [Theory]
    [InlineData("tags: []")]
    [InlineData("namespace: kubevirt_handler")]
    [InlineData("enable_health_service_check: false")]
    [InlineData("metric_patterns: {exclude: [zzz]}")]
    public void What_asks_for_what_is_so_is_not_told(string option) =>
        Assert.Empty(Configured.Load($"instances:\n- kubevirt_handler_metrics_endpoint: http://127.0.0.1:1/metrics\n  {option}\n").Warnings);

    [Fact]
    public async Task Patterns_and_the_limit_are_for_the_whole_check()
    {
        await using LoopbackServer server = LoopbackServer.Text(Configured.Body);
        string health = $"kubevirt_handler_healthz_endpoint: {server.Uri("/healthz")}\n";

        Configured files = await Configured.ScrapeKubeVirtAsync(server, health + "metric_patterns: {include: ['process']}");
        Assert.Equal(["kubevirt_handler.process.open_fds"], files.Samples.Select(sample => sample.Name));
        Assert.Null(Assert.Single(files.Results).Health);

        Configured check = await Configured.ScrapeKubeVirtAsync(server, health + "metric_patterns: {include: ['can_connect']}");
        Assert.Empty(check.Samples);
        Assert.True(Assert.Single(check.Results).Health!.CanConnect);

        Configured two = await Configured.ScrapeKubeVirtAsync(server, "max_returned_metrics: 2");
        Assert.Equal([Memory, Memory], two.Samples.Select(sample => sample.Name));
        Assert.Contains("1 samples are omitted", Assert.Single(Assert.Single(two.Results).Warnings), StringComparison.Ordinal);
        Assert.Equal(3, (await Configured.ScrapeKubeVirtAsync(server, "max_returned_metrics: 0")).Samples.Count);
    }

    [Fact]
    public async Task Headers_and_passwords_are_those_of_the_health_request_alone()
    {
        await using LoopbackServer server = LoopbackServer.Text(Configured.Body);

        Configured got = await Configured.ScrapeKubeVirtAsync(server, $"kubevirt_handler_healthz_endpoint: {server.Uri("/healthz")}\nextra_headers: {{X-Key: a}}\nusername: me\npassword: secret-1\ntimeout: 3", "{timeout: 7}");

        Assert.Equal(3, got.Samples.Count);
        ReceivedRequest health = Assert.Single(server.Requests, request => request.Path == "/healthz");
        Assert.Equal(("a", "Basic bWU6c2VjcmV0LTE="), (health["X-Key"], health["Authorization"]));
        ReceivedRequest scrape = Assert.Single(server.Requests, request => request.Path == "/metrics");
        Assert.Equal((null, null), (scrape["X-Key"], scrape["Authorization"]));
        AgentInstance instance = Assert.Single(got.File.Instances);
        Assert.Equal((7, 3), (instance.Options.Timeout.TotalSeconds, instance.HealthOptions!.Timeout.TotalSeconds));
        Assert.Equal(4, got.Warnings.Count);
        Assert.Contains("extra_headers is applied to the health request alone: the check kubevirt_handler does not hand it on to the scrape.", got.Warnings[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_tls_verify_reaches_the_scrape()
    {
        X509 tls = X509.New();
        await using LoopbackServer server = LoopbackServer.Text(Configured.Body, tls.Server);
        string authority = $"tls_ca_cert: {_folder.Write("ca.pem", tls.Authority.ExportCertificatePem())}";

        Configured verified = await Configured.ScrapeKubeVirtAsync(server, $"tls_verify: true\n{authority}");
        Assert.Equal(ScrapeError.TlsUntrusted, verified.Error?.Cause);
        Assert.Contains("Use an instance of the check openmetrics with tls_ca_cert, tls_use_host_header and the header Host", verified.Error!.Advice, StringComparison.Ordinal);
        Assert.Equal(2, verified.Warnings.Count);
        Assert.Contains("tls_ca_cert is not applied: the check kubevirt_handler does not hand it on to the scrape.", verified.Warnings[0], StringComparison.Ordinal);
        Assert.Contains("tls_verify: true fails in the Agent: its KubeVirt checks do not hand tls_ca_cert on to the scrape", verified.Warnings[1], StringComparison.Ordinal);

        Configured off = await Configured.ScrapeKubeVirtAsync(server, $"tls_verify: false\nkubevirt_handler_healthz_endpoint: {server.Uri("/healthz")}");
        Assert.Equal(3, off.Samples.Count);
        Assert.True(Assert.Single(off.Results).Health!.CanConnect);
        Assert.Contains("the identity of the server is not verified", Assert.Single(off.Warnings), StringComparison.Ordinal);
        Assert.Empty((await Configured.ScrapeKubeVirtAsync(server, "tls_verify: false", "{tls_ignore_warning: true}")).Warnings);

        Configured unset = await Configured.ScrapeKubeVirtAsync(server, "service:");
        Assert.Equal(ScrapeError.TlsUntrusted, unset.Error?.Cause);
        Assert.Contains("tls_verify is not set. Servers are verified here unless it is false", Assert.Single(unset.File.Notes), StringComparison.Ordinal);

        Configured health = await Configured.ScrapeKubeVirtAsync(server, $"tls_verify: true\n{authority}\nkubevirt_handler_healthz_endpoint: {server.Uri("/healthz")}");
        Assert.True(Assert.Single(health.Results).Health!.CanConnect);
        Assert.Equal(ScrapeError.TlsUntrusted, health.Error?.Cause);
    }

    [Fact]
    public void What_the_user_says_of_TLS_goes_before_the_file()
    {
        const string Yaml = "instances:\n- kubevirt_handler_metrics_endpoint: https://192.0.2.1:8443/metrics\n  tls_verify: true\n- kubevirt_handler_metrics_endpoint: https://192.0.2.2:8443/metrics\n  tls_verify: false\n";
        X509 tls = X509.New();
        TlsOptions Of(TlsOptions user, int instance) => Configured.Load(Yaml, limits: new ScrapeOptions { Tls = user }).Instances[instance].Options.Tls;

        Assert.True(Of(new TlsOptions { SkipCertificateCheck = true }, 0).SkipCertificateCheck);
        TlsOptions both = Of(new TlsOptions { CertificateAuthority = [tls.Authority], ServerName = "virt-handler.kubevirt.svc" }, 1);
        Assert.Equal((false, tls.Authority, "virt-handler.kubevirt.svc"), (both.SkipCertificateCheck, Assert.Single(both.CertificateAuthority!), both.ServerName));
        Assert.True(Of(new TlsOptions(), 1).SkipCertificateCheck);
    }

    [Theory]
    [InlineData("https://a:8443/metrics", "https://a:8443/metrics", false)]
    [InlineData("https://a:8443", "https://a:8443/metrics", true)]
    [InlineData("https://a:8443/other/", "https://a:8443/other/metrics", true)]
    public void The_check_of_virt_api_appends_the_path(string written, string scraped, bool isTold)
    {
        AgentConfigFile file = Configured.Load($"instances:\n- kubevirt_api_metrics_endpoint: {written}\n");

        Assert.Equal(scraped, Assert.Single(file.Instances).Target.Uri!.AbsoluteUri);
        Assert.Equal(isTold, file.Warnings.Any(warning => warning.Contains("the check appends it, and so it is here", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("kubevirt_handler.d/conf.yaml", "openmetrics_endpoint: http://a/metrics\n  metrics: [a]", "the Agent runs the check kubevirt_handler with this, which fails: the instance is one of the check openmetrics. Move it into openmetrics.d.")]
    [InlineData("openmetrics.d/conf.yaml", "kubevirt_handler_metrics_endpoint: http://a/metrics", "the Agent runs the check openmetrics with this, which fails: the instance is one of the check kubevirt_handler. Move it into kubevirt_handler.d.")]
    [InlineData("openmetrics.d/conf.yaml", "openmetrics_endpoint: http://a/metrics\n  metrics: [a]", null)]
    [InlineData("kubevirt_handler.d/conf.yaml", "kubevirt_handler_metrics_endpoint: http://a/metrics", null)]
    public void An_instance_in_the_folder_of_another_check_is_told(string name, string instance, string? warning)
    {
        string path = _folder.Write(name, $"instances:\n- {instance}\n");

        Assert.Equal(warning is null ? [] : [$"{path}, instance 1: {warning}"], AgentConfigFile.Load(path, new Yaml.YamlReader()).Warnings);
    }

    [Theory]
    [InlineData("kube_namespace: kubevirt", "kube_namespace is not applied: the check openmetrics does not read it. Write kube_namespace:VALUE under tags of an instance of the check openmetrics.")]
    [InlineData("kube_pod_name: p", "kube_pod_name is not applied: the check openmetrics does not read it. Write pod_name:VALUE under tags.")]
    [InlineData("kubevirt_handler_healthz_endpoint: http://a/healthz", "kubevirt_handler_healthz_endpoint is not applied: the check openmetrics does not read it. Only the checks kubevirt_api, kubevirt_controller and kubevirt_handler read it.")]
    public void What_only_the_KubeVirt_checks_read_is_told_by_the_generic_check(string option, string warning)
    {
        AgentConfigFile file = Configured.Load($"instances:\n- openmetrics_endpoint: http://a/metrics\n  metrics: [a]\n  {option}\n");

        Assert.EndsWith(warning, Assert.Single(file.Warnings), StringComparison.Ordinal);
        ScrapeTarget target = Assert.Single(file.Instances).Target;
        Assert.Equal((null, null, null), (target.KubeNamespace, target.PodName, target.HealthUri));
    }

    // The phase count that is rebuilt here is on no endpoint, so the Agent sends one for each VMI, of kubevirt_vmi_info.
    [Fact]
    public async Task The_mapping_of_this_module_gives_the_documented_names()
    {
        string metrics = string.Join(", ", AgentMapping.Of(ComponentKind.Controller).Select(entry => entry.Type is { } type ? $"{{{entry.Raw}: {{name: {entry.Name}, type: {type}}}}}" : $"{{{entry.Raw}: {entry.Name}}}"));
        await using LoopbackServer server = LoopbackServer.Text("""
            # TYPE kubevirt_vmi_info gauge
            kubevirt_vmi_info{name="web",namespace="shop",node="alpha",phase="running"} 1
            kubevirt_vmi_info{name="db",namespace="shop",node="alpha",phase="running"} 1
            # TYPE kubevirt_vm_running_status_last_transition_timestamp_seconds counter
            kubevirt_vm_running_status_last_transition_timestamp_seconds{name="web",namespace="shop"} 1.7e+09
            # TYPE kubevirt_workqueue_adds_total counter
            kubevirt_workqueue_adds_total{name="q"} 4
            # TYPE kubevirt_vm_info gauge
            kubevirt_vm_info{name="web",namespace="shop"} 1

            """);

        Configured got = await Configured.ScrapeAsync(server, $"namespace: kubevirt_controller\nmetrics: [{metrics}]\nmax_returned_metrics: 1000000");

        Assert.Equal(
            [
                "kubevirt_controller.vmi.phase_count{name=web, vm_namespace=shop, node=alpha, phase=running, endpoint=E} 1",
                "kubevirt_controller.vmi.phase_count{name=db, vm_namespace=shop, node=alpha, phase=running, endpoint=E} 1",
                "kubevirt_controller.vm.running_status_last_transition_timestamp_seconds.count{name=web, vm_namespace=shop, endpoint=E} 1700000000",
                "kubevirt_controller.workqueue.adds.count{name=q, endpoint=E} 4",
            ],
            got.Lines);
        Assert.Equal([MetricKind.Gauge, MetricKind.Gauge, MetricKind.Gauge, MetricKind.Count], got.Samples.Select(sample => sample.Kind));
        Assert.Empty(got.Warnings);
    }
}
