using System.Globalization;
using System.Text;
using KubeVirtMonitor.Alerts;
using KubeVirtMonitor.Simulator;
using KubeVirtMonitor.Simulator.Api;
using Xunit;

namespace KubeVirtMonitor.Tests.Alerts;

/// <summary>What is known of alerts from a server, and what is not.</summary>
public sealed class ServerAlertTests
{
    private const long Moment = 1_780_000_000;

    // Two clusters in one server: north has KubeVirt 1.9, scraped without honorLabels, and no kube-state-metrics; south has 1.2.
    private static readonly string Two = string.Concat(Enumerable.Range(0, 21).Select(static i => string.Create(CultureInfo.InvariantCulture, $$"""
        kubevirt_info{cluster="north",kubeversion="v1.9.0",namespace="kubevirt",pod="virt-handler-a"} 1 {{Moment - 600 + (i * 30)}}
        kubevirt_info{cluster="south",kubeversion="v1.2.2",namespace="cnv",pod="virt-handler-b"} 1 {{Moment - 600 + (i * 30)}}
        kubevirt_vmi_memory_resident_bytes{cluster="north",exported_namespace="shop",name="web",namespace="kubevirt",node="n1",pod="virt-handler-a"} 1 {{Moment - 600 + (i * 30)}}
        kubevirt_vmi_filesystem_used_bytes{cluster="north",disk_name="vda1",exported_namespace="shop",file_system_type="ext4",mount_point="/",name="web",namespace="kubevirt",node="n1",pod="virt-handler-a"} 97 {{Moment - 600 + (i * 30)}}
        kubevirt_vmi_filesystem_capacity_bytes{cluster="north",disk_name="vda1",exported_namespace="shop",file_system_type="ext4",mount_point="/",name="web",namespace="kubevirt",node="n1",pod="virt-handler-a"} 100 {{Moment - 600 + (i * 30)}}
        kubevirt_vmi_number_of_outdated{cluster="south",namespace="cnv",pod="virt-controller-b"} 0 {{Moment - 600 + (i * 30)}}
        kubevirt_vmi_non_evictable{cluster="south",name="db",namespace="bank",node="n7",pod="virt-controller-b"} {{(i < 19 ? 0 : 1)}} {{Moment - 600 + (i * 30)}}
        up{cluster="south",namespace="cnv",pod="virt-api-1"} 1 {{Moment - 600 + (i * 30)}}

        """))) + "# EOF\n";

    // A machine that stopped being evictable 17 minutes before the moment, which holds after one; and a virt-handler that is not scraped. On no step of a day in 240 parts.
    private static readonly string Begun = string.Concat(Enumerable.Range(0, 121).Select(static i => string.Create(CultureInfo.InvariantCulture, $$"""
        kubevirt_info{kubeversion="v1.9.0",namespace="kubevirt",pod="virt-handler-a"} 1 {{Moment - 3600 + (i * 30)}}
        kubevirt_vmi_memory_resident_bytes{name="web",exported_namespace="shop",namespace="kubevirt",node="n1",pod="virt-handler-a"} 1 {{Moment - 3600 + (i * 30)}}
        kubevirt_vmi_number_of_outdated{namespace="kubevirt",pod="virt-controller-b"} 0 {{Moment - 3600 + (i * 30)}}
        kubevirt_vmi_info{name="web",exported_namespace="shop",namespace="kubevirt",node="n1",phase="running",pod="virt-controller-b"} 1 {{Moment - 3600 + (i * 30)}}
        kubevirt_vmi_non_evictable{name="web",exported_namespace="shop",namespace="kubevirt",node="n1",pod="virt-controller-b"} {{(i < 86 ? 0 : 1)}} {{Moment - 3600 + (i * 30)}}
        up{namespace="kubevirt",pod="virt-handler-a"} 1 {{Moment - 3600 + (i * 30)}}
        up{namespace="kubevirt",pod="virt-handler-b"} 0 {{Moment - 3600 + (i * 30)}}

        """))) + "# EOF\n";

    [Theory]
    [InlineData("prometheus")]
    [InlineData("victoria-metrics")]
    public async Task Since_is_when_it_began_whenever_it_is_asked(string name)
    {
        await using QueryEngine engine = name == "prometheus" ? await PrometheusServer.OverAsync(Begun) : await VictoriaMetricsServer.OverAsync(Begun);
        foreach (int later in new[] { 0, -13, -127 })
        {
            AlertResult one = Assert.Single(await FaultHistoryTests.EvaluateAsync(engine.Address, DateTimeOffset.FromUnixTimeSeconds(Moment + later)), static result => result is { Name: "VMCannotBeEvicted", State: AlertState.Firing });
            // 86 steps of 30 s behind the first.
            Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(Moment - 3600 + (86 * 30)), one.Since!.Value, TimeSpan.FromSeconds(30));
        }
    }

    [Theory]
    [InlineData("prometheus")]
    [InlineData("victoria-metrics")]
    public async Task What_a_component_would_tell_that_is_not_scraped_is_not_well(string name)
    {
        await using QueryEngine engine = name == "prometheus" ? await PrometheusServer.OverAsync(Begun) : await VictoriaMetricsServer.OverAsync(Begun);
        List<AlertResult> results = await FaultHistoryTests.EvaluateAsync(engine.Address, DateTimeOffset.FromUnixTimeSeconds(Moment));
        AlertResult panics = Assert.Single(results, static result => result.Name == "VMNonRecoverableOSPanic");
        Assert.Equal((AlertState.Unknown, "The server could not scrape virt-handler-b, so the machines on its node are not known."), (panics.State, panics.Missing));
    }

    [Fact]
    public void A_server_that_fires_what_cannot_be_told_here_is_a_disagreement() => Assert.Equal(
        "VirtAPIDown is firing at the server, and cannot be told here: Why.",
        OwnAlerts.Disagreement(new AlertResult { Name = "VirtAPIDown", State = AlertState.Unknown, ServerState = "firing", Missing = "Why." }));

    [Theory]
    [InlineData("prometheus")]
    [InlineData("victoria-metrics")]
    public async Task Each_cluster_has_the_alerts_of_its_version_and_what_is_missing_is_said(string name)
    {
        await using QueryEngine engine = name == "prometheus" ? await PrometheusServer.OverAsync(Two) : await VictoriaMetricsServer.OverAsync(Two);
        List<AlertResult> results = await FaultHistoryTests.EvaluateAsync(engine.Address, DateTimeOffset.FromUnixTimeSeconds(Moment));

        AlertResult full = Assert.Single(results, static result => result is { Name: "GuestFilesystemAlmostOutOfSpace", State: AlertState.Firing });
        Assert.Equal(("north", "shop", "web", "n1", "shop/web /", AlertSeverity.Critical, 97d), (full.Cluster, full.Namespace, full.Vmi, full.Node, full.Subject, full.Severity, full.Value));
        Assert.Equal("The value 97 percent is >= 95.", full.Evidence);
        Assert.DoesNotContain(results, static result => result is { Name: "GuestFilesystemAlmostOutOfSpace", Cluster: "south" });

        // It has held for half a minute, and has to for one.
        AlertResult pinned = Assert.Single(results, static result => result is { Name: "VMCannotBeEvicted", Cluster: "south" });
        Assert.Equal((AlertState.Pending, "bank", "db", "n7", DateTimeOffset.FromUnixTimeSeconds(Moment - 30)), (pinned.State, pinned.Namespace, pinned.Vmi, pinned.Node, pinned.Since));
        Assert.Null(pinned.ServerState);

        // 1.9 counts pods by their phase, 1.2 those that could be scraped.
        Assert.Equal(
            ["north Unknown The server does not scrape kube-state-metrics, or not all of it: there is no kube_pod_status_phase, no kube_node_status_allocatable.", "south Ok "],
            results.Where(static result => result.Name == "VirtAPIDown").Select(static result => $"{result.Cluster} {result.State} {result.Missing}").Order(StringComparer.Ordinal));
        Assert.Equal(1, Assert.Single(results, static result => result is { Name: "VirtAPIDown", Cluster: "south" }).Value);

        List<AlertResult> south = await FaultHistoryTests.EvaluateAsync(engine.Address, DateTimeOffset.FromUnixTimeSeconds(Moment), new AlertQuestion { Matchers = "cluster=\"south\"", Filter = static alert => alert.Name is "VMCannotBeEvicted" or "GuestFilesystemAlmostOutOfSpace" });
        Assert.Equal("south", Assert.Single(south).Cluster);
    }

    // A day with a value every five minutes, in which a machine was outdated all the time, or all but the first ten minutes.
    [Theory]
    [InlineData("prometheus", 0, AlertState.Firing)]
    [InlineData("prometheus", 2, AlertState.Pending)]
    [InlineData("victoria-metrics", 0, AlertState.Firing)]
    [InlineData("victoria-metrics", 2, AlertState.Pending)]
    public async Task What_has_to_hold_for_a_day_is_followed_for_a_day(string name, int well, AlertState state)
    {
        StringBuilder samples = new();
        for (int i = 0; i <= 288; i++)
        {
            samples.Append(CultureInfo.InvariantCulture, $"kubevirt_vmi_number_of_outdated{{namespace=\"kubevirt\",pod=\"virt-controller-a\"}} {(i < well ? 0 : 1)} {Moment - ((288 - i) * 300)}\n");
            samples.Append(CultureInfo.InvariantCulture, $"kubevirt_info{{namespace=\"kubevirt\",pod=\"virt-handler-a\",kubeversion=\"v1.9.0\"}} 1 {Moment - ((288 - i) * 300)}\n");
        }

        samples.Append("# EOF\n");
        await using QueryEngine engine = name == "prometheus" ? await PrometheusServer.OverAsync(samples.ToString()) : await VictoriaMetricsServer.OverAsync(samples.ToString());
        AlertResult outdated = Assert.Single(await FaultHistoryTests.EvaluateAsync(engine.Address, DateTimeOffset.FromUnixTimeSeconds(Moment), new AlertQuestion { Filter = static alert => alert.Rule == AlertRule.Outdated }));
        Assert.Equal((state, 1d), (outdated.State, outdated.Value));

        // A day is followed in 240 steps of six minutes.
        if (well > 0) Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(Moment - (238 * 360)), outdated.Since);
    }

    [Fact]
    public async Task A_server_without_KubeVirt_can_tell_nothing()
    {
        await using QueryEngine engine = await PrometheusServer.OverAsync($"process_open_fds 3 {Moment}\n# EOF\n");
        List<AlertResult> results = await FaultHistoryTests.EvaluateAsync(engine.Address, DateTimeOffset.FromUnixTimeSeconds(Moment));
        Assert.Equal([AlertState.Unknown], results.Select(static result => result.State).Distinct());
        Each.Of(results, static result => Assert.NotNull(result.Missing));
    }

    // The rules of KubeVirt in a real Prometheus that scrapes the simulator, with times so many times as short: its alerts beside the module's.
    [Fact]
    public async Task The_alerts_of_the_server_itself_stand_beside_and_what_does_not_agree_is_said()
    {
        const double Pace = 120;
        await using ApiCluster cluster = await ApiCluster.StartAsync(new ApiServerOptions { KubeState = true, KubeStateNodeLabels = true }, change: static options => options with { Calm = true });
        using TempFolder folder = new();
        await using QueryEngine engine = await PrometheusServer.ScrapingAsync(Configuration(cluster, folder.Write("rules.yml", KubeVirtRules.Write("1.9.0", pace: Pace))));
        await WaitAsync(engine, "count_over_time(cluster:kubevirt_virt_api_up:sum[10s]) > 8");
        await WaitAsync(engine, "count_over_time(kubevirt_info[10s]) > 8");
        List<AlertResult> calm = await FaultHistoryTests.EvaluateAsync(engine.Address, DateTimeOffset.UtcNow, new AlertQuestion { Pace = Pace });
        Assert.Contains(calm, static result => result.Origin == AlertOrigin.KubeVirt && result.State == AlertState.Ok);
        Assert.DoesNotContain(calm, static result => result.Origin == AlertOrigin.KubeVirt && result.State is AlertState.Firing or AlertState.Pending);
        Assert.Equal(["inactive"], calm.Where(static result => result is { Origin: AlertOrigin.KubeVirt, State: AlertState.Ok }).Select(static result => result.ServerState).Distinct());

        DateTimeOffset before = DateTimeOffset.UtcNow;
        foreach (string what in new[] { "down:api", "errors:controller", "machine:vm-00006:evictable=no", "load:vm-00000:load=31.5" }) cluster.Host.Cluster.Happen(ClusterEvent.Parse(what));
        await WaitAsync(engine, "ALERTS{alertname=\"VirtAPIDown\",alertstate=\"firing\"}");
        await WaitAsync(engine, "ALERTS{alertname=\"VirtControllerRESTErrorsBurst\",alertstate=\"firing\"}");
        await WaitAsync(engine, "ALERTS{alertname=\"VMCannotBeEvicted\",alertstate=\"firing\"}");
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        List<AlertResult> results = await FaultHistoryTests.EvaluateAsync(engine.Address, DateTimeOffset.UtcNow, new AlertQuestion { Pace = Pace });
        Assert.Equal(
        [
            "Firing GuestVCPUQueueHighCritical ns0/vm-00000 inactive", "Firing GuestVCPUQueueHighWarning ns0/vm-00000 inactive", "Firing NoReadyVirtAPI firing", "Firing VMCannotBeEvicted ns1/vm-00006 firing",
            "Firing VirtAPIDown firing", "Firing VirtControllerRESTErrorsBurst firing", "Pending LowVirtAPICount pending",
        ],
        results.Where(static result => result.Origin == AlertOrigin.KubeVirt && result.State is AlertState.Firing or AlertState.Pending).Select(static result => $"{FaultHistoryTests.Text(result)} {result.ServerState}").Order(StringComparer.Ordinal));
        Assert.InRange(Assert.Single(results, static result => result.Name == "VirtAPIDown").Since!.Value, before, DateTimeOffset.UtcNow);

        // Only what KubeVirt's own expression cannot see.
        Assert.Equal(
            ["GuestVCPUQueueHighCritical (ns0/vm-00000)", "GuestVCPUQueueHighWarning (ns0/vm-00000)"],
            results.Select(OwnAlerts.Disagreement).OfType<string>().Select(static text => text.Split(" is firing, and the server's own rule has not found it. KubeVirt's expression compares all labels")[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_server_answers_what_endpoints_cannot_tell_and_says_beside_the_rest_what_its_rules_found()
    {
        AlertResult Result(string name, AlertState state, string? vmi = null, string? own = null) =>
            new() { Name = name, State = state, Severity = AlertSeverity.Warning, Origin = AlertOrigin.KubeVirt, Namespace = vmi is null ? null : "ns0", Vmi = vmi, Subject = vmi, ServerState = own, Source = "test" };
        IReadOnlyList<AlertResult> merged = ServerAlerts.Merge(
            [Result("KubeVirtVMIExcessiveMigrations", AlertState.Unknown), Result("VMCannotBeEvicted", AlertState.Pending, "a"), Result("VMCannotBeEvicted", AlertState.Pending, "b"), Result("VirtAPIDown", AlertState.Ok), Result("LowVirtAPICount", AlertState.Unknown)],
            [
                Result("KubeVirtVMIExcessiveMigrations", AlertState.Firing, "c", "firing"), Result("VMCannotBeEvicted", AlertState.Firing, "a", "firing"), Result("VirtAPIDown", AlertState.Firing, null, "firing"),
                Result("LowVirtAPICount", AlertState.Unknown, null, "pending"), Result("AlertOfTomorrow", AlertState.Firing, "d", "firing"),
            ]);
        Assert.Equal(
            ["KubeVirtVMIExcessiveMigrations Firing c firing", "VMCannotBeEvicted Pending a firing", "VMCannotBeEvicted Pending b inactive", "VirtAPIDown Ok  firing", "LowVirtAPICount Unknown  pending", "AlertOfTomorrow Firing d firing"],
            merged.Select(static result => $"{result.Name} {result.State} {result.Vmi} {result.ServerState}"));
        Assert.Equal(["VirtAPIDown is firing at the server, and is not found here."], merged.Select(OwnAlerts.Disagreement).OfType<string>());
    }

    private static async Task WaitAsync(QueryEngine engine, string query)
    {
        DateTimeOffset end = DateTimeOffset.UtcNow.AddSeconds(90);
        while ((await engine.QueryAsync(query, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds())).Count == 0)
        {
            Assert.True(DateTimeOffset.UtcNow < end, $"{query} is still empty.");
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
    }

    private static string Configuration(ApiCluster cluster, string rules)
    {
        StringBuilder text = new($"global: {{scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}}\nrule_files: ['{rules}']\nscrape_configs:\n- job_name: kubevirt-prometheus-metrics\n  honor_labels: true\n  scheme: https\n  tls_config: {{insecure_skip_verify: true}}\n  static_configs:\n");
        foreach (SimulatedEndpoint endpoint in cluster.Host.Endpoints)
        {
            text.Append(CultureInfo.InvariantCulture, $"  - targets: ['{endpoint.BaseUri.Authority}']\n    labels: {{namespace: {endpoint.Pod.Namespace}, pod: {endpoint.Pod.Name}, container: virt-{endpoint.Pod.ComponentName}, service: kubevirt-prometheus-metrics, endpoint: metrics}}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"- job_name: kube-state-metrics\n  honor_labels: true\n  static_configs: [{{targets: ['{cluster.Server.KubeStateUri!.Authority}']}}]\n");
        text.Append(CultureInfo.InvariantCulture, $"- job_name: apiserver\n  scheme: https\n  authorization: {{credentials: '{cluster.Server.Kubeconfig.AdminToken}'}}\n  tls_config: {{insecure_skip_verify: true}}\n  static_configs: [{{targets: ['{cluster.Server.Uri.Authority}']}}]\n");
        return text.ToString();
    }
}
