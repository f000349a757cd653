using KubeVirtMonitor.Alerts;
using Xunit;

namespace KubeVirtMonitor.Tests.Alerts;

public sealed class ComponentRuleTests
{
    private const ComponentKind Api = ComponentKind.Api;
    private const ComponentKind Controller = ComponentKind.Controller;
    private const ComponentKind Handler = ComponentKind.Handler;
    private const ComponentKind Operator = ComponentKind.Operator;

    // From 1.8.4: count of pods in phase Running == 0 for 10 minutes. A pod that does not run has not since it was made.
    [Theory]
    [InlineData("Running", 60, "Ok", 1)]
    [InlineData("Pending", 9, "Pending", 0)]
    [InlineData("Pending", 10, "Firing", 0)]
    [InlineData("Succeeded", 60, "Pending", 0)]
    public void A_component_is_down_when_no_pod_runs(string phase, double minutes, string state, double value)
    {
        AlertResult result = new AlertCase("1.9.0", "VirtAPIDown").Pod(Api, "a", phase, ready: phase == "Running", createdMinutes: minutes).One();
        Assert.Equal((state, value), (result.State.ToString(), result.Value));
        Assert.Equal(("virt-api", "==", 0d, 600d), (result.Subject, result.Comparison, result.Threshold, result.HoldSeconds));
        Assert.Equal("https://kubevirt.io/monitoring/runbooks/VirtAPIDown", result.Runbook);
    }

    [Fact]
    public void Without_any_pod_it_is_not_known_since_when()
    {
        AlertResult result = new AlertCase("1.9.0", "VirtControllerDown").One();
        Assert.Equal((AlertState.Pending, null, "There is no pod of virt-controller."), (result.State, result.Since, result.Evidence));
        Assert.Equal(AlertState.Firing, new AlertCase("1.9.0", "VirtControllerDown").Set("*.HoldSeconds", 0).One().State);
    }

    // To 1.8.3: sum of up == 0. One that is Ready by Kubernetes' word and does not answer us may be out of our reach only.
    [Theory]
    [InlineData("1.8.3", true, true, "Ok")]
    [InlineData("1.8.3", false, true, "Unknown")]
    [InlineData("1.8.3", false, false, "Firing")]
    [InlineData("1.8.4", false, false, "Ok")]
    public void Before_1_8_4_a_component_is_down_when_none_could_be_scraped(string version, bool answers, bool ready, string state)
    {
        AlertResult result = new AlertCase(version, "VirtAPIDown").Pod(Api, "a", ready: ready, sinceMinutes: 11).Scrape(Api, "a", answers ? "up 1" : null).One();
        Assert.Equal(state, result.State.ToString());
        if (state == "Unknown") Assert.Contains("it does not answer", result.Missing, StringComparison.Ordinal);
    }

    // From 1.8.4: 0 < ready < running, where ready is the condition Ready times the own gauge.
    [Theory]
    [InlineData("1.9.0", 1, 1, "Ok", 2)]
    [InlineData("1.9.0", 1, 0, "Firing", 1)]
    [InlineData("1.9.0", 0, 0, "Ok", 0)]
    [InlineData("1.8.3", 0, 0, "Firing", 0)]
    public void Some_are_ready_and_some_are_not(string version, int first, int second, string state, double value)
    {
        AlertResult result = new AlertCase(version, "LowReadyVirtControllersCount")
            .Pod(Controller, "a").Pod(Controller, "b", ready: second == 1, sinceMinutes: second == 1 ? 60 : 10)
            .Scrape(Controller, "a", $"kubevirt_virt_controller_ready_status {first}").Scrape(Controller, "b", $"kubevirt_virt_controller_ready_status {second}").One();
        Assert.Equal((state, value, 2d), (result.State.ToString(), result.Value, result.Threshold));
    }

    [Theory]
    [InlineData("NoReadyVirtOperator", 1, "The only pod of virt-operator is not ready. Not Ready: it waits.")]
    [InlineData("NoReadyVirtOperator", 2, "None of 2 pods of virt-operator is ready. Not Ready: it waits.")]
    [InlineData("VirtOperatorDown", 1, "The only pod of virt-operator could not be reached. Not Ready: it waits.")]
    [InlineData("VirtOperatorDown", 2, "None of 2 pods of virt-operator could be reached. Not Ready: it waits.")]
    public void What_is_said_is_what_the_value_is(string rule, int pods, string evidence)
    {
        AlertCase one = new("1.8.3", rule);
        for (int i = 0; i < pods; i++) one.Pod(Operator, $"p{i}", ready: false).Scrape(Operator, $"p{i}", null);
        AlertResult result = one.One();
        Assert.Equal((AlertState.Firing, 0), (result.State, result.Value));
        Assert.StartsWith(evidence, result.Evidence!.Replace("p0: ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    // A pod of an unknown phase may have run until its node fell silent.
    [Fact]
    public void When_a_pod_was_made_proves_nothing_of_one_that_may_have_run() =>
        Assert.Null(new AlertCase("1.9.0", "VirtAPIDown").Pod(Api, "a", "Unknown", ready: false).One().Since);

    [Fact]
    public void A_deployment_that_lacks_a_pod_says_since_when()
    {
        AlertResult result = new AlertCase("1.9.0", "LowVirtAPICount").With(static facts =>
        {
            facts.Replicas["virt-api"] = 2;
            facts.Unavailable["virt-api"] = AlertCase.Ago(61);
        }).Pod(Api, "a").Scrape(Api, "a", "up 1").One();
        Assert.Equal((AlertState.Firing, AlertCase.Ago(61)), (result.State, result.Since));
    }

    // Set to zero by hand, a time to hold says: whatever is seen.
    [Theory]
    [InlineData(null, "Pending")]
    [InlineData(0d, "Firing")]
    [InlineData(1d, "Pending")]
    public void Whoever_sets_the_hold_time_to_zero_hears_of_what_is_seen(double? hold, string state)
    {
        AlertCase one = new AlertCase("1.9.0", "VirtHandlerRESTErrorsBurst").Pod(Handler, "h")
            .Scrape(Handler, "h", "kubevirt_rest_client_requests_total{code=\"200\"} 1\nkubevirt_rest_client_requests_total{code=\"500\"} 1", 5).Turn()
            .Scrape(Handler, "h", "kubevirt_rest_client_requests_total{code=\"200\"} 2\nkubevirt_rest_client_requests_total{code=\"500\"} 100");
        if (hold is { } seconds) one.Set("*.HoldSeconds", seconds);
        Assert.Equal(state, one.One().State.ToString());
    }

    [Fact]
    public void A_pod_that_says_it_is_not_ready_is_not_and_since_when_is_not_known()
    {
        AlertResult result = new AlertCase("1.9.0", "LowReadyVirtAPICount").Pod(Api, "a").Pod(Api, "b")
            .Scrape(Api, "a", "kubevirt_virt_api_ready_status 1").Scrape(Api, "b", "kubevirt_virt_api_ready_status 0").One();
        Assert.Equal((AlertState.Pending, null), (result.State, result.Since));
    }

    [Fact]
    public void What_is_not_known_of_one_pod_counts_only_where_it_decides()
    {
        AlertCase Case(string rule) => new AlertCase("1.9.0", rule).Pod(Api, "a").Pod(Api, "b").Scrape(Api, "a", "kubevirt_virt_api_ready_status 1").Scrape(Api, "b", null);
        Assert.Equal(AlertState.Unknown, Case("LowReadyVirtAPICount").One().State);
        Assert.Equal(AlertState.Ok, Case("NoReadyVirtAPI").One().State);
        Assert.Equal(AlertState.Ok, Case("VirtAPIDown").One().State);
        Assert.Equal(AlertState.Unknown, Case("LowVirtAPICount").With(static facts => facts.Replicas["virt-api"] = 2).One().State);
    }

    // ready == 0 for 10 minutes; missing counts as 0.
    [Theory]
    [InlineData(9, "Pending")]
    [InlineData(10, "Firing")]
    public void None_is_ready_since_the_last_one_was_not(double minutes, string state)
    {
        AlertResult result = new AlertCase("1.2.2", "NoReadyVirtOperator").Pod(Operator, "a", ready: false, sinceMinutes: 50).Pod(Operator, "b", ready: false, sinceMinutes: minutes).One();
        Assert.Equal((state, AlertCase.Ago(minutes)), (result.State.ToString(), result.Since));
        Assert.Contains("Not Ready: it waits.", result.Evidence, StringComparison.Ordinal);
    }

    // up / replicas < 0.75.
    [Theory]
    [InlineData(3, 4, "Ok", 0.75)]
    [InlineData(2, 3, "Pending", 2 / 3d)]
    [InlineData(1, 2, "Pending", 0.5)]
    [InlineData(0, 0, "Ok", null)]
    public void Less_than_three_quarters_of_the_replicas_run(int up, int wanted, string state, double? share)
    {
        AlertCase one = new AlertCase("1.9.0", "LowVirtOperatorCount").With(facts => facts.Replicas["virt-operator"] = wanted);
        for (int i = 0; i < wanted; i++) one.Pod(Operator, $"p{i}", ready: i < up, sinceMinutes: 59).Scrape(Operator, $"p{i}", i < up ? "up 1" : null);
        AlertResult result = one.One();
        Assert.Equal((state, share), (result.State.ToString(), result.Value));
    }

    [Theory]
    [InlineData(59, "Pending")]
    [InlineData(60, "Firing")]
    public void Too_few_replicas_fire_after_an_hour(double minutes, string state) => Assert.Equal(state, new AlertCase("1.9.0", "LowVirtAPICount").With(static facts => facts.Replicas["virt-api"] = 2)
        .Pod(Api, "a").Scrape(Api, "a", "up 1").Pod(Api, "b", ready: false, sinceMinutes: minutes).Scrape(Api, "b", null).One().State.ToString());

    // To 1.6.4: nodes > 1 and up < 2.
    [Theory]
    [InlineData(1, 1, "Ok")]
    [InlineData(2, 1, "Firing")]
    [InlineData(2, 2, "Ok")]
    public void Before_1_6_5_a_cluster_of_several_nodes_needs_two(int nodes, int up, string state)
    {
        AlertCase one = new AlertCase("1.6.4", "LowVirtAPICount").With(facts => facts.Nodes.AddRange(Enumerable.Range(0, nodes).Select(static i => new AlertNode($"n{i}") { HasAllocatable = true })));
        for (int i = 0; i < 2; i++) one.Pod(Api, $"p{i}", ready: i < up, sinceMinutes: 60).Scrape(Api, $"p{i}", i < up ? "up 1" : null);
        Assert.Equal(state, one.One().State.ToString());
    }

    // Failed by all within the time between two looks >= 0.8. 404 and 500 count, <error> and 100 do not.
    [Theory]
    [InlineData(79, 21, "Ok", 0.79)]
    [InlineData(80, 20, "Pending", 0.8)]
    [InlineData(0, 0, "Ok", null)]
    public void Most_requests_fail(double failed, double good, string state, double? share)
    {
        static string Text(double failed, double good) => $$"""
            kubevirt_rest_client_requests_total{code="200",method="GET"} {{1000 + good}}
            kubevirt_rest_client_requests_total{code="404",method="GET"} {{500 + failed - 10}}
            kubevirt_rest_client_requests_total{code="500",method="PUT"} {{10 + (failed > 0 ? 10 : 0)}}
            kubevirt_rest_client_requests_total{code="<error>",method="GET"} 7
            """;
        AlertResult result = new AlertCase("1.9.0", "VirtApiRESTErrorsBurst").Pod(Api, "a").Scrape(Api, "a", Text(failed > 0 ? 10 : 0, 0).Replace("20\n", "10\n", StringComparison.Ordinal), 20).Turn()
            .Scrape(Api, "a", Text(failed > 0 ? failed : 0, good)).One();
        Assert.Equal((state, share, 20d), (result.State.ToString(), result.Value, result.WindowSeconds));
        Assert.Contains("KubeVirt's rule looks at 5 minutes", result.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void After_a_restart_all_that_is_counted_is_new()
    {
        AlertResult result = new AlertCase("1.2.2", "VirtHandlerRESTErrorsHigh").Pod(Handler, "h")
            .Scrape(Handler, "h", "rest_client_requests_total{code=\"200\"} 1000", 20).Turn()
            .Scrape(Handler, "h", "rest_client_requests_total{code=\"200\"} 19\nrest_client_requests_total{code=\"503\"} 1").One();
        // 1 of 20 is the 5 % at which it holds; of an hour, 20 seconds were seen.
        Assert.Equal((AlertState.Pending, 0.05), (result.State, result.Value));
    }

    [Fact]
    public void What_grows_takes_two_looks()
    {
        AlertResult result = new AlertCase("1.9.0", "VirtControllerRESTErrorsBurst").Pod(Controller, "a").Scrape(Controller, "a", "kubevirt_rest_client_requests_total{code=\"500\"} 9").One();
        Assert.Equal((AlertState.Unknown, AlertRemedy.SecondLook), (result.State, result.Remedy));
    }

    [Theory]
    [InlineData(3, 3, "Ok")]
    [InlineData(2, 3, "Firing")]
    [InlineData(4, 3, "Pending")]
    public void The_daemon_set_is_ready_everywhere(int ready, int desired, string state)
    {
        AlertCase one = new AlertCase("1.9.0", "VirtHandlerDaemonSetRolloutFailing").With(facts => facts.DaemonSet = (ready, desired));
        for (int i = 0; i < desired; i++) one.Pod(Handler, $"h{i}", ready: i < ready, sinceMinutes: 15);
        Assert.Equal(state, one.One().State.ToString());
    }

    // KubeVirt's sum of nothing is nothing; no leader is no leader here.
    [Theory]
    [InlineData("kubevirt_virt_operator_leading_status 1", "Ok")]
    [InlineData("kubevirt_virt_operator_leading_status 0", "Pending")]
    [InlineData("up 1", "Pending")]
    [InlineData(null, "Unknown")]
    public void Somebody_leads(string? text, string state) => Assert.Equal(state, new AlertCase("1.9.0", "NoLeadingVirtOperator").Pod(Operator, "a").Scrape(Operator, "a", text).One().State.ToString());

    [Fact]
    public void Two_leaders_are_one_too_many_unless_the_lead_changes_hands()
    {
        static AlertCase Case(int before) => new AlertCase("1.9.0", "SeveralLeadingVirtControllers").Pod(Controller, "a").Pod(Controller, "b")
            .Scrape(Controller, "a", "kubevirt_virt_controller_leading_status 1", 20).Scrape(Controller, "b", $"kubevirt_virt_controller_leading_status {before}", 20).Turn()
            .Scrape(Controller, "a", "kubevirt_virt_controller_leading_status 1").Scrape(Controller, "b", "kubevirt_virt_controller_leading_status 1");
        Assert.Equal((AlertState.Firing, 2d, AlertOrigin.Module, null), (Case(1).One().State, Case(1).One().Value, Case(1).One().Origin, Case(1).One().Runbook));
        Assert.Equal(AlertState.Pending, Case(0).One().State);
    }

    [Theory]
    [InlineData(300, "Ok")]
    [InlineData(300.5, "Firing")]
    public void A_work_queue_does_not_get_on(double seconds, string state)
    {
        AlertResult result = new AlertCase("1.9.0", "WorkQueueStuck").Pod(Controller, "a")
            .Scrape(Controller, "a", FormattableString.Invariant($"kubevirt_workqueue_longest_running_processor_seconds{{name=\"vmi\"}} {seconds}\nkubevirt_workqueue_depth{{name=\"vmi\"}} 3")).One();
        Assert.Equal(state, result.State.ToString());
        if (state == "Firing") Assert.Equal("An item of work queue vmi of a has been in hand for 5 minutes, and 3 items wait.", result.Evidence);
    }

    [Theory]
    [InlineData(2, "Ok", "Ok")]
    [InlineData(1, "Ok", "Firing")]
    [InlineData(0, "Firing", "Ok")]
    public void Certificates_expire(double hours, string critical, string warning)
    {
        IReadOnlyList<AlertResult> results = new AlertCase("1.9.0", "ComponentCertificateExpiry").Pod(Api, "a").Scrape(Api, "a", "up 1", expires: AlertCase.Now.AddHours(hours)).All();
        Assert.Equal((critical, warning), (results.Single(static one => one.Severity == AlertSeverity.Critical).State.ToString(), results.Single(static one => one.Severity == AlertSeverity.Warning).State.ToString()));
    }

    [Fact]
    public void One_that_has_expired_is_not_trusted() =>
        Assert.Equal(AlertState.Firing, new AlertCase("1.9.0", "ComponentCertificateExpiry").Pod(Api, "a").Scrape(Api, "a", null, error: ScrapeError.TlsExpired).All().Single(static one => one.Severity == AlertSeverity.Critical).State);

    // A week's authority is renewed when 33.6 hours are left; one of a day, when 4.8 are.
    [Theory]
    [InlineData(168, 24.1, "Ok")]
    [InlineData(168, 23.9, "Firing")]
    [InlineData(24, 3.5, "Ok")]
    [InlineData(24, 3.4, "Firing")]
    public void The_authority_expires(double life, double left, string state) =>
        Assert.Equal(state, new AlertCase("1.9.0", "AuthorityExpiry").With(facts => facts.Authority = (AlertCase.Now.AddHours(left - life), AlertCase.Now.AddHours(left))).One().State.ToString());

    [Fact]
    public void What_may_not_be_read_makes_only_what_needs_it_unknown()
    {
        IReadOnlyList<AlertResult> results = new AlertCase("1.9.0", "LowKVMNodesCount", "VirtAPIDown", "VirtHandlerDaemonSetRolloutFailing").Pod(Api, "a").With(static facts =>
        {
            facts.Missing[AlertNeeds.Nodes] = "You may not list nodes.";
            facts.DaemonSet = (1, 1);
        }).All();
        Assert.Equal("LowKVMNodesCount", Assert.Single(results, static one => one.State == AlertState.Unknown).Name);
        Assert.Equal("You may not list nodes.", results.Single(static one => one.State == AlertState.Unknown).Missing);
        Assert.Equal(2, results.Count(static one => one.State == AlertState.Ok));
    }
}
