using System.Globalization;
using System.Text;
using KubeVirtMonitor.Alerts;
using KubeVirtMonitor.Prometheus;
using KubeVirtMonitor.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.Alerts;

/// <summary>
/// A hundred minutes in which nearly everything goes wrong that KubeVirt has an alert for, by the clock of the test. Three look at it: the rules of KubeVirt in promtool, which is the engine of
/// Prometheus, and the module's alerts from a Prometheus and from a VictoriaMetrics that have the same samples. What is to fire was written down by hand.
/// </summary>
public sealed class FaultHistoryTests(FaultHistoryTests.Past past) : IClassFixture<FaultHistoryTests.Past>
{
    /// <summary>What happens, with times since the start.</summary>
    private static readonly string[] Events =
    [
        "1m:machine:vm-00002:outdated=yes",
        "1m:load:vm-00005:memory=3150000000,available=3200000000,major-faults=0,swap-in=0,swap-out=0",
        "2m:panic:vm-00003",
        "10m:panic:vm-00003:times=6",
        "12m:panic:vm-00004:times=6",
        "3m+3m:migrate:vm-00001:rate=10GB,dirty=0MB",

        // And then everything comes together.
        "40m:load:vm-00004:memory=2090000000,available=2100000000,major-faults=10",
        "60m:unready:handler/1",
        "60m:errors:controller",
        "60m:load:vm-00008:fs-used=19327352832",
        "65m:down:api",
        "65m:unready:controller/1",
        "65m:leaders:operator:count=0",
        "65m:stuck:halted-00000:status=Provisioning",
        "65m:launchers:ns0:count=200",
        "70m:node:node01:kvm=no",
        "70m:stuck:vm-00006:status=ErrorUnschedulable",
        "70m:load:vm-00009:fs-used=20615843020",
        "72m:load:vm-00000:load=31.5",
        "72m:load:vm-00003:load=12.5",
        "75m:deprecated:virtualmachines:rate=2",
        "77m:machine:vm-00006:evictable=no",

        // And ends.
        "81m:recover:handler/1",
        "81m:recover:controller",
        "81m:recover:controller/*",
        "81m:recover:operator",
        "81m:recover:api",
        "81m:recover:node01",
        "81m:recover:halted-00000",
        "81m:recover:vm-00006",
        "81m:recover:ns0",
        "81m:recover:virtualmachines",
        "81m:load:vm-00000:load=0.1",
        "81m:load:vm-00003:load=0.1",
        "81m:load:vm-00004:memory=1000000000",
        "81m:load:vm-00005:memory=1000000000",
        "81m:load:vm-00008:fs-used=1000000000",
        "81m:load:vm-00009:fs-used=1000000000",
    ];

    private static readonly string[] Lasting = ["Firing KubeVirtVMIExcessiveMigrations ns1/vm-00001", "Pending OutdatedVirtualMachineInstanceWorkloads", "Firing VMNonRecoverableOSPanic ns3/vm-00003"];

    public static TheoryData<string, int> Engines() => new(
        from engine in new[] { "prometheus", "victoria-metrics" }
        from minute in new[] { 55, 73, 80, 100 }
        select (engine, minute));

    private static string[] Expected(int minute, bool isKubeVirt) => minute switch
    {
        // Before: memory without swap has been low for long, and KubeVirt's own rule cannot see it.
        55 =>
        [
            .. Lasting,
            .. isKubeVirt ? [] : new[] { "Firing VMNonRecoverableOSPanic ns4/vm-00004", "Firing KubeVirtVMGuestMemoryAvailableLow ns0/vm-00005", "Firing KubeVirtVMGuestMemoryPressure ns4/vm-00004" },
        ],

        // In its middle.
        73 =>
        [
            .. Lasting,
            "Firing VirtControllerRESTErrorsBurst",
            "Firing LowReadyVirtHandlerCount",
            "Pending VirtHandlerDaemonSetRolloutFailing",
            "Firing OrphanedVirtualMachineInstances node02",
            "Firing GuestFilesystemAlmostOutOfSpace ns3/vm-00008",
            "Pending VirtAPIDown",
            "Pending NoReadyVirtAPI",
            "Pending LowVirtAPICount",
            "Pending LowReadyVirtControllersCount",
            "Pending NoLeadingVirtOperator",
            "Pending VirtualMachineStuckInUnhealthyState ns0/halted-00000",
            "Pending VirtLauncherPodsStuckFailed",
            "Pending LowKVMNodesCount",
            "Pending VirtualMachineStuckOnNode ns1/vm-00006",
            "Firing GuestFilesystemAlmostOutOfSpace ns4/vm-00009",
            .. isKubeVirt ? [] : new[]
            {
                "Firing VMNonRecoverableOSPanic ns4/vm-00004", "Firing KubeVirtVMGuestMemoryAvailableLow ns0/vm-00005", "Firing KubeVirtVMGuestMemoryPressure ns4/vm-00004",
                "Firing GuestVCPUQueueHighWarning ns0/vm-00000", "Firing GuestVCPUQueueHighCritical ns0/vm-00000", "Firing GuestVCPUQueueHighWarning ns3/vm-00003",
            },
        ],

        // At its end.
        80 =>
        [
            .. Lasting,
            "Firing VirtControllerRESTErrorsBurst",
            "Firing LowReadyVirtHandlerCount",
            "Firing VirtHandlerDaemonSetRolloutFailing",
            "Firing OrphanedVirtualMachineInstances node02",
            "Firing GuestFilesystemAlmostOutOfSpace ns3/vm-00008",
            "Firing VirtAPIDown",
            "Firing NoReadyVirtAPI",
            "Pending LowVirtAPICount",
            "Firing LowReadyVirtControllersCount",
            "Firing NoLeadingVirtOperator",
            "Firing VirtualMachineStuckInUnhealthyState ns0/halted-00000",
            "Firing VirtLauncherPodsStuckFailed",
            "Firing LowKVMNodesCount",
            "Firing VirtualMachineStuckOnNode ns1/vm-00006",
            "Firing GuestFilesystemAlmostOutOfSpace ns4/vm-00009",
            "Firing KubeVirtDeprecatedAPIRequested virtualmachines.kubevirt.io/v1alpha3",
            "Firing VMCannotBeEvicted ns1/vm-00006",
            .. isKubeVirt ? [] : new[]
            {
                "Firing VMNonRecoverableOSPanic ns4/vm-00004", "Firing KubeVirtVMGuestMemoryAvailableLow ns0/vm-00005", "Firing KubeVirtVMGuestMemoryPressure ns4/vm-00004",
                "Firing GuestVCPUQueueHighWarning ns0/vm-00000", "Firing GuestVCPUQueueHighCritical ns0/vm-00000", "Firing GuestVCPUQueueHighWarning ns3/vm-00003",
            },
        ],

        // Afterwards.
        _ => [.. Lasting, .. isKubeVirt ? [] : new[] { "Firing VMNonRecoverableOSPanic ns4/vm-00004" }],
    };

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task The_alerts_of_a_server_fire_as_they_should_and_nothing_else(string engine, int minute)
    {
        QueryEngine server = await past.EngineAsync(engine);
        List<AlertResult> results = await EvaluateAsync(server.Address, FaultHistory.Start.AddMinutes(minute));
        string[] found = [.. results.Where(static result => result.Origin == AlertOrigin.KubeVirt && result.State is AlertState.Firing or AlertState.Pending).Select(Text).Order(StringComparer.Ordinal)];
        Assert.Equal(Expected(minute, isKubeVirt: false).Order(StringComparer.Ordinal), found);

        // All else was proven not to hold.
        Assert.Equal([], results.Where(static result => result is { Origin: AlertOrigin.KubeVirt, State: AlertState.Unknown }).Select(static result => $"{result.Name}: {result.Missing}"));
    }

    /// <summary>
    /// What endpoints and the Kubernetes API prove of the same in two looks. Pending in place of firing is what no timestamp of Kubernetes dates: what guests and counters say, a leader that is
    /// missing, failed pods, KVM that a node lost; of a day's migrations nothing is known.
    /// </summary>
    private static string[] ExpectedOfEndpoints(int minute)
    {
        string[] lasting = ["Pending OutdatedVirtualMachineInstanceWorkloads", "Pending VMNonRecoverableOSPanic ns3/vm-00003", "Pending VMNonRecoverableOSPanic ns4/vm-00004"];
        string[] middle =
        [
            .. lasting,
            "Pending VirtControllerRESTErrorsBurst", "Firing LowReadyVirtHandlerCount", "Firing OrphanedVirtualMachineInstances node02", "Pending GuestFilesystemAlmostOutOfSpace ns3/vm-00008",
            "Firing GuestFilesystemAlmostOutOfSpace ns4/vm-00009", "Pending LowVirtAPICount", "Pending NoLeadingVirtOperator", "Pending VirtLauncherPodsStuckFailed", "Pending LowKVMNodesCount",
            "Firing GuestVCPUQueueHighWarning ns0/vm-00000", "Firing GuestVCPUQueueHighCritical ns0/vm-00000", "Firing GuestVCPUQueueHighWarning ns3/vm-00003",
        ];
        return minute switch
        {
            55 or 100 => lasting,
            73 =>
            [
                .. middle, "Pending VirtHandlerDaemonSetRolloutFailing", "Pending VirtAPIDown", "Pending NoReadyVirtAPI", "Pending LowReadyVirtControllersCount",
                "Pending VirtualMachineStuckInUnhealthyState ns0/halted-00000", "Pending VirtualMachineStuckOnNode ns1/vm-00006",
            ],
            _ =>
            [
                .. middle, "Firing VirtHandlerDaemonSetRolloutFailing", "Firing VirtAPIDown", "Firing NoReadyVirtAPI", "Firing LowReadyVirtControllersCount",
                "Firing VirtualMachineStuckInUnhealthyState ns0/halted-00000",
                // Its status was written once more three minutes ago, when it could no longer be migrated.
                "Pending VirtualMachineStuckOnNode ns1/vm-00006",
                "Firing KubeVirtDeprecatedAPIRequested virtualmachines.kubevirt.io/v1alpha3", "Firing VMCannotBeEvicted ns1/vm-00006",
            ],
        };
    }

    // Two guests have little memory left, and by the clock of this test no time passes between two scrapes, so that what they swap is not known; where no virt-api runs, none says how its requests went.
    private static string[] UnknownOfEndpoints(int minute) =>
    [
        "KubeVirtVMIExcessiveMigrations", .. minute is 73 or 80 ? new[] { "VirtApiRESTErrorsBurst" } : [], .. minute == 100 ? [] : new[] { "KubeVirtVMGuestMemoryAvailableLow", "KubeVirtVMGuestMemoryPressure" },
    ];

    [Fact]
    public async Task The_alerts_of_endpoints_fire_as_they_should_and_nothing_else()
    {
        await using FaultHistory history = await FaultHistory.BeginAsync("1.9", Events);
        (List<string> expected, List<string> found) = ([], []);
        foreach (int minute in new[] { 55, 73, 80, 100 })
        {
            // Its second look is at the minute.
            history.Until(TimeSpan.FromMinutes(minute) - TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(20));
            IReadOnlyList<AlertResult> results = await history.LookAsync(TestContext.Current.CancellationToken);
            Assert.Equal(FaultHistory.Start.AddMinutes(minute), history.Time.GetUtcNow());
            AlertResult[] own = [.. results.Where(static result => result.Origin == AlertOrigin.KubeVirt)];
            expected.AddRange(ExpectedOfEndpoints(minute).Concat(UnknownOfEndpoints(minute).Select(static name => $"Unknown {name}")).Order(StringComparer.Ordinal).Select(text => $"{minute} min: {text}"));
            found.AddRange(own.Where(static result => result.State != AlertState.Ok).Select(static result => result.State == AlertState.Unknown ? $"Unknown {result.Name}" : Text(result)).Order(StringComparer.Ordinal).Select(text => $"{minute} min: {text}"));
        }

        Assert.True(expected.SequenceEqual(found), $"missing: {string.Join("; ", expected.Except(found))}\ntoo many: {string.Join("; ", found.Except(expected))}");
    }

    internal static string Text(AlertResult result)
    {
        string? about = result.Vmi is not null ? $"{result.Namespace}/{result.Vmi}" : result.Node ?? (result.Name.StartsWith("KubeVirtDeprecated", StringComparison.Ordinal) ? result.Subject : null);
        return $"{result.State} {result.Name}{(about is null ? "" : " " + about)}";
    }

    internal static async Task<List<AlertResult>> EvaluateAsync(Uri address, DateTimeOffset time, AlertQuestion? question = null)
    {
        using TransportPool pool = new();
        KubeVirtMonitor.Prometheus.PrometheusServer server = new(address, new ScrapeOptions(), pool: pool);
        question = (question ?? new AlertQuestion()) with { Time = time };
        ServerFacts facts = await ServerFacts.ProbeAsync(server, question.Matchers, time, TestContext.Current.CancellationToken);
        List<AlertResult> results = [];
        await ServerAlerts.EvaluateAsync(
            server, facts, question,
            result =>
            {
                results.Add(result);
                return ValueTask.CompletedTask;
            },
            TimeProvider.System, TestContext.Current.CancellationToken);
        return results;
    }

    [Fact]
    public async Task The_rules_of_KubeVirt_fire_as_they_should_and_nothing_else_in_the_engine_of_Prometheus()
    {
        await RunAsync("1.9.0", await past.InputSeriesAsync(), new[] { 55, 73, 80, 100 }.Select(static minute => (minute, Expected(minute, isKubeVirt: true))));
    }

    // KubeVirt 1.2 counts pods that could be scraped, knows the errors of an hour, and has other names for its metrics.
    [Fact]
    public async Task An_older_KubeVirt_has_other_alerts_and_they_fire_too()
    {
        await using FaultHistory history = await FaultHistory.BeginAsync(
            "1.2", "5m:down:api", "5m:unready:controller/1", "60m:errors:handler", "60m:errors:operator:rate=30", "60m:machine:vm-00003:evictable=no", "68m:node:node02:kvm=no", "68m:unready:handler/0");
        history.Until(TimeSpan.FromMinutes(80), TimeSpan.FromMinutes(1));
        string[] expected =
        [
            "Firing LowKVMNodesCount", "Firing LowReadyVirtControllersCount", "Firing LowVirtAPICount", "Firing LowVirtControllersCount", "Firing OrphanedVirtualMachineInstances node01",
            "Firing VMCannotBeEvicted ns3/vm-00003", "Firing VirtAPIDown", "Firing VirtHandlerRESTErrorsBurst", "Firing VirtHandlerRESTErrorsHigh", "Firing VirtOperatorRESTErrorsHigh",
            "Pending VirtHandlerDaemonSetRolloutFailing",
        ];
        foreach (string name in new[] { "prometheus", "victoria-metrics" })
        {
            await using QueryEngine engine = name == "prometheus" ? await TestKit.PrometheusServer.OverAsync(history.ToOpenMetrics()) : await VictoriaMetricsServer.OverAsync(history.ToOpenMetrics());
            List<AlertResult> results = await EvaluateAsync(engine.Address, FaultHistory.Start.AddMinutes(80));
            Assert.Equal(expected, results.Where(static result => result.Origin == AlertOrigin.KubeVirt && result.State is AlertState.Firing or AlertState.Pending).Select(Text).Order(StringComparer.Ordinal));

            // What the kubelets tell is not scraped there.
            Assert.Equal(
                ["KubeVirtComponentExceedsRequestedCPU", "KubeVirtComponentExceedsRequestedMemory", "KubevirtVmHighMemoryUsage"],
                results.Where(static result => result is { Origin: AlertOrigin.KubeVirt, State: AlertState.Unknown }).Select(static result => result.Name).Order(StringComparer.Ordinal));
        }

        await RunAsync("1.2.2", history.ToInputSeries(), [(80, expected)]);
    }

    /// <summary>Runs KubeVirt's own rules in promtool, and compares what fires and what is pending.</summary>
    private static async Task RunAsync(string version, string input, IEnumerable<(int Minute, string[] Expected)> moments)
    {
        Tool.Require("promtool");
        using TempFolder folder = new();
        folder.Write("rules.yml", KubeVirtRules.Write(version));
        StringBuilder test = new("rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n- interval: 1m\n  input_series:\n");
        test.Append(input).Append("  promql_expr_test:\n");
        foreach ((int minute, string[] expected) in moments)
        {
            test.Append(CultureInfo.InvariantCulture, $"  - expr: 'count by (alertname, alertstate) (ALERTS)'\n    eval_time: {minute}m\n    exp_samples:\n");
            foreach (IGrouping<string, string> group in expected.GroupBy(static text => string.Join(' ', text.Split(' ').Take(2))))
            {
                string[] words = group.Key.Split(' ');
                test.Append(CultureInfo.InvariantCulture, $"    - {{labels: '{{alertname=\"{words[1]}\",alertstate=\"{words[0].ToLowerInvariant()}\"}}', value: {group.Count()}}}\n");
            }
        }

        ToolResult result = await Tool.RunAsync("promtool", ["test", "rules", folder.Write("test.yml", test.ToString())]);
        Assert.True(result.Code == 0, result.Output + result.Errors);
    }

    /// <summary>The past, made once; and the servers that have its samples.</summary>
    public sealed class Past : IAsyncDisposable
    {
        private readonly SemaphoreSlim _one = new(1, 1);
        private readonly Dictionary<string, QueryEngine> _engines = [];
        private (string OpenMetrics, string Input)? _samples;

        internal async Task<QueryEngine> EngineAsync(string name)
        {
            Tool.Require(name);
            (string openMetrics, _) = await SamplesAsync();
            await _one.WaitAsync();
            try
            {
                if (!_engines.TryGetValue(name, out QueryEngine? engine))
                    _engines.Add(name, engine = name == "prometheus" ? await TestKit.PrometheusServer.OverAsync(openMetrics) : await VictoriaMetricsServer.OverAsync(openMetrics));
                return engine;
            }
            finally
            {
                _one.Release();
            }
        }

        internal async Task<string> InputSeriesAsync() => (await SamplesAsync()).Input;

        public async ValueTask DisposeAsync()
        {
            foreach (QueryEngine engine in _engines.Values) await engine.DisposeAsync();
            _one.Dispose();
        }

        private async Task<(string OpenMetrics, string Input)> SamplesAsync()
        {
            await _one.WaitAsync();
            try
            {
                if (_samples is { } made) return made;
                await using FaultHistory history = await FaultHistory.BeginAsync("1.9", Events);
                history.Until(TimeSpan.FromMinutes(100), TimeSpan.FromMinutes(1));
                _samples = (history.ToOpenMetrics(), history.ToInputSeries());
                return _samples.Value;
            }
            finally
            {
                _one.Release();
            }
        }
    }
}
