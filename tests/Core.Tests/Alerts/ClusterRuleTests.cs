using System.Text;
using KubeVirtMonitor.Alerts;
using Xunit;

namespace KubeVirtMonitor.Tests.Alerts;

public sealed class ClusterRuleTests
{
    // allocatable > 1 and with KVM < 2; from 1.6.5 and 1.7.2 on, arbiters are no nodes.
    [Theory]
    [InlineData("1.9.0", 2, 1, 0, "Pending")]
    [InlineData("1.9.0", 2, 2, 0, "Ok")]
    [InlineData("1.9.0", 1, 1, 0, "Ok")]
    [InlineData("1.9.0", 2, 1, 1, "Ok")]
    [InlineData("1.7.1", 2, 1, 1, "Pending")]
    [InlineData("1.0.0", 3, 0, 0, "Pending")]
    public void Two_nodes_offer_kvm(string version, int nodes, int kvm, int arbiters, string state)
    {
        AlertResult result = new AlertCase(version, "LowKVMNodesCount").With(facts => facts.Nodes.AddRange(Enumerable.Range(0, nodes).Select(i => new AlertNode($"n{i}") { HasAllocatable = true, HasKvm = i < kvm, IsArbiter = i >= nodes - arbiters }))).One();
        Assert.Equal((state, (double)kvm), (result.State.ToString(), result.Value));
    }

    // (no KVM and no emulation) or no schedulable node; a cordoned one is none from 1.8 on.
    [Theory]
    [InlineData("1.9.0", true, true, false, false, "Ok")]
    [InlineData("1.9.0", true, true, true, false, "Pending")]
    [InlineData("1.7.4", true, true, true, false, "Ok")]
    [InlineData("1.9.0", true, false, false, false, "Pending")]
    [InlineData("1.9.0", true, false, false, true, "Ok")]
    [InlineData("1.9.0", false, true, false, true, "Pending")]
    public void A_node_can_run_machines(string version, bool label, bool kvm, bool cordoned, bool emulation, string state) => Assert.Equal(state, new AlertCase(version, "KubeVirtNoAvailableNodesToRunVMs").With(facts =>
    {
        facts.Nodes.Add(new AlertNode("n") { HasAllocatable = true, HasKvm = kvm, IsSchedulable = label, IsCordoned = cordoned });
        facts.Installation = new AlertInstallation(emulation, null, 0);
    }).One().State.ToString());

    [Fact]
    public void Whether_machines_may_be_emulated_matters_only_without_kvm()
    {
        static AlertCase Case(bool kvm) => new AlertCase("1.9.0", "KubeVirtNoAvailableNodesToRunVMs").With(facts =>
        {
            facts.Nodes.Add(new AlertNode("n") { HasKvm = kvm, IsSchedulable = true });
            facts.Missing[AlertNeeds.KubeVirt] = "Forbidden.";
        });
        Assert.Equal(AlertState.Ok, Case(true).One().State);
        Assert.Equal(AlertState.Unknown, Case(false).One().State);
    }

    [Theory]
    [InlineData(true, 30, 30, "Ok")]
    [InlineData(false, 10, 30, "Firing")]
    [InlineData(false, 9, 30, "Pending")]
    [InlineData(false, 30, 9, "Pending")]
    public void A_node_with_machines_has_a_handler(bool ready, double unready, double machine, string state)
    {
        AlertResult result = new AlertCase("1.9.0", "OrphanedVirtualMachineInstances").Pod(ComponentKind.Handler, "h", ready: ready, sinceMinutes: unready, node: "n1").With(facts =>
            facts.Instances[("shop", "web")] = new AlertInstance("Running", "n1", AlertCase.Ago(machine), null, true, true, null, null)).One();
        Assert.Equal(state, result.State.ToString());
        if (state == "Firing") Assert.Equal(("n1", "n1", AlertCase.Ago(10)), (result.Subject, result.Node, result.Since));
    }

    [Fact]
    public void A_node_without_machines_needs_no_handler() => Assert.Equal(AlertState.Ok, new AlertCase("1.9.0", "OrphanedVirtualMachineInstances").With(static facts =>
        facts.Instances[("shop", "web")] = new AlertInstance("Succeeded", "n1", null, null, true, true, null, null)).One().State);

    [Theory]
    [InlineData(199, "Ok")]
    [InlineData(200, "Pending")]
    public void Failed_launchers_pile_up(int count, string state) => Assert.Equal(state, new AlertCase("1.9.0", "VirtLauncherPodsStuckFailed").With(facts => facts.FailedLaunchers = count).One().State.ToString());

    [Theory]
    [InlineData(0, "Ok")]
    [InlineData(1, "Pending")]
    public void Outdated_machines_are_counted_by_KubeVirt(long count, string state) =>
        Assert.Equal(state, new AlertCase("1.9.0", "OutdatedVirtualMachineInstanceWorkloads").With(facts => facts.Installation = new AlertInstallation(false, null, count)).One().State.ToString());

    // LIST and WATCH never count, and DELETE does not from 1.6.5, 1.7.2 and 1.8 on.
    [Theory]
    [InlineData("1.9.0", "CREATE", "Firing")]
    [InlineData("1.9.0", "DELETE", "Ok")]
    [InlineData("1.7.1", "DELETE", "Firing")]
    [InlineData("1.6.4", "LIST", "Ok")]
    public void A_deprecated_API_is_requested(string version, string verb, string state)
    {
        AlertResult result = new AlertCase(version, "KubeVirtDeprecatedAPIRequested").With(facts =>
        {
            facts.ApiRequests.Add(Counts($"apiserver_request_total{{code=\"200\",group=\"kubevirt.io\",resource=\"virtualmachines\",subresource=\"\",verb=\"{verb}\",version=\"v1alpha3\"}} 7", 30));
            facts.ApiRequests.Add(Counts($"apiserver_request_total{{code=\"200\",group=\"kubevirt.io\",resource=\"virtualmachines\",subresource=\"\",verb=\"{verb}\",version=\"v1alpha3\"}} 9", 0));
        }).One();
        Assert.Equal(state, result.State.ToString());
        if (state == "Firing") Assert.Equal((2d, "virtualmachines.kubevirt.io/v1alpha3", 30d), (result.Value, result.Subject, result.WindowSeconds));
    }

    [Fact]
    public void What_nobody_ever_requested_takes_one_look() =>
        Assert.Equal(AlertState.Ok, new AlertCase("1.9.0", "KubeVirtDeprecatedAPIRequested").With(static facts => facts.ApiRequests.Add(new ApiRequestCounts())).One().State);

    [Fact]
    public async Task The_metrics_of_the_API_server_are_read_line_by_line()
    {
        ApiRequestCounts counts = new();
        StringBuilder text = new();
        for (int i = 0; i < 20_000; i++) text.Append("apiserver_request_total{code=\"200\",group=\"apps\",resource=\"deployments\",subresource=\"\",verb=\"GET\",version=\"v1\"} 5\n");
        text.Append("# HELP apiserver_requested_deprecated_apis x\napiserver_requested_deprecated_apis{group=\"kubevirt.io\",removed_release=\"\",resource=\"virtualmachines\",subresource=\"\",version=\"v1alpha3\"} 1\r\n");
        text.Append('x', 300_000).Append('\n');
        text.Append("apiserver_request_total{code=\"200\",component=\"apiserver\",group=\"kubevirt.io\",resource=\"virtualmachines\",scope=\"cluster\",subresource=\"\",verb=\"PATCH\",version=\"v1alpha3\"} 1.5e+01");
        await AlertReader.ReadLinesAsync(new MemoryStream(Encoding.UTF8.GetBytes(text.ToString())), counts, TestContext.Current.CancellationToken);
        Assert.Equal(("kubevirt.io", "v1alpha3", "virtualmachines", ""), Assert.Single(counts.Deprecated));
        Assert.Equal(15, Assert.Single(counts.Requests).Value);
    }

    // The request of 100 MiB less the working set; to 1.2.
    [Theory]
    [InlineData(104857600, "Ok", 0)]
    [InlineData(104857601, "Pending", -1)]
    public void A_component_uses_more_than_it_requested(double used, string state, double margin)
    {
        AlertResult result = new AlertCase("1.2.2", "KubeVirtComponentExceedsRequestedMemory").With(facts =>
        {
            facts.Pods.Add(new AlertPod("a", ComponentKind.Api, "Running", true) { Namespace = "kubevirt", MemoryRequest = 104857600 });
            facts.PodUsage[("kubevirt", "a")] = (0.1, used, 30);
        }).One();
        Assert.Equal(state, result.State.ToString());
        if (state == "Pending") Assert.Equal((margin, "a"), (result.Value, result.Subject));
    }

    [Theory]
    [InlineData("30s", 30)]
    [InlineData("1m2.5s", 62.5)]
    [InlineData("1h0m0s", 3600)]
    [InlineData("soon", 0)]
    [InlineData(null, 0)]
    public void Durations_are_read_as_Go_writes_them(string? text, double seconds) => Assert.Equal(seconds, AlertProjections.SecondsOf(text));

    private static ApiRequestCounts Counts(string line, double seconds)
    {
        ApiRequestCounts counts = new() { Time = AlertCase.Now.AddSeconds(-seconds) };
        counts.Take("apiserver_requested_deprecated_apis{group=\"kubevirt.io\",removed_release=\"\",resource=\"virtualmachines\",subresource=\"\",version=\"v1alpha3\"} 1"u8);
        counts.Take(Encoding.UTF8.GetBytes(line));
        return counts;
    }
}
