using KubeVirtMonitor.Catalog;
using Xunit;

namespace KubeVirtMonitor.Tests.Catalog;

/// <summary>Which documented metrics arrive, worked out by hand from the names that the checks know, and held against what was seen by running them.</summary>
public sealed class AgentArrivalTests
{
    private const string Both = "OpenMetrics, KubeVirt";

    // What is not here is sent by both with every version.
    private static readonly Dictionary<string, string> Exceptions = new()
    {
        // No endpoint carries these; the KubeVirt checks ask for them.
        ["kubevirt_api.can_connect"] = "KubeVirt",
        ["kubevirt_api.vm.count"] = "KubeVirt",
        ["kubevirt_api.vmi.count"] = "KubeVirt",
        ["kubevirt_controller.can_connect"] = "KubeVirt",
        ["kubevirt_handler.can_connect"] = "KubeVirt",

        // The prefix kubevirt_ came with 1.3, and the phase count left the endpoint.
        ["kubevirt_api.rest.client_rate_limiter_duration_seconds.bucket"] = "OpenMetrics, KubeVirt before 1.3.0",
        ["kubevirt_api.rest.client_rate_limiter_duration_seconds.sum"] = "OpenMetrics, KubeVirt before 1.3.0",
        ["kubevirt_api.rest.client_rate_limiter_duration_seconds.count"] = "OpenMetrics, KubeVirt before 1.3.0",
        ["kubevirt_api.rest.client_request_latency_seconds.bucket"] = "OpenMetrics, KubeVirt before 1.3.0",
        ["kubevirt_api.rest.client_request_latency_seconds.sum"] = "OpenMetrics, KubeVirt before 1.3.0",
        ["kubevirt_api.rest.client_request_latency_seconds.count"] = "OpenMetrics, KubeVirt before 1.3.0",
        ["kubevirt_api.rest.client_requests.count"] = "OpenMetrics, KubeVirt before 1.3.0",
        ["kubevirt_controller.vmi.phase_count"] = "OpenMetrics, KubeVirt before 1.3.0",

        // Renamed in 1.1.
        ["kubevirt_controller.virt_controller.leading_status"] = "OpenMetrics, KubeVirt from 1.1.0",
        ["kubevirt_controller.virt_controller.ready_status"] = "OpenMetrics, KubeVirt from 1.1.0",
        ["kubevirt_controller.vmi.migrations_in_pending_phase"] = "OpenMetrics, KubeVirt from 1.1.0",
        ["kubevirt_controller.vmi.migrations_in_running_phase"] = "OpenMetrics, KubeVirt from 1.1.0",
        ["kubevirt_controller.vmi.migrations_in_scheduling_phase"] = "OpenMetrics, KubeVirt from 1.1.0",
        ["kubevirt_controller.vmi.number_of_outdated"] = "OpenMetrics, KubeVirt from 1.1.0",
        ["kubevirt_handler.vmi.memory_domain_bytes"] = "OpenMetrics, KubeVirt from 1.1.0",
        ["kubevirt_handler.vmi.memory_swap_in_traffic_bytes"] = "OpenMetrics, KubeVirt from 1.1.0",
        ["kubevirt_handler.vmi.memory_swap_out_traffic_bytes"] = "OpenMetrics, KubeVirt from 1.1.0",

        // Gauges in 1.0.0, which the KubeVirt check sends without .count.
        ["kubevirt_handler.vmi.cpu_system_usage_seconds.count"] = "OpenMetrics, KubeVirt from 1.0.1",
        ["kubevirt_handler.vmi.cpu_usage_seconds.count"] = "OpenMetrics, KubeVirt from 1.0.1",
        ["kubevirt_handler.vmi.cpu_user_usage_seconds.count"] = "OpenMetrics, KubeVirt from 1.0.1",
        ["kubevirt_handler.vmi.node_cpu_affinity"] = "OpenMetrics, KubeVirt from 1.0.1",

        // Milliseconds under another name before 1.1, which the Agent cannot divide.
        ["kubevirt_handler.vmi.storage_flush_times_seconds.count"] = "OpenMetrics from 1.1.0, KubeVirt from 1.1.0",
        ["kubevirt_handler.vmi.storage_read_times_seconds.count"] = "OpenMetrics from 1.1.0, KubeVirt from 1.1.0",
        ["kubevirt_handler.vmi.storage_write_times_seconds.count"] = "OpenMetrics from 1.1.0, KubeVirt from 1.1.0",

        // New in 1.1.
        ["kubevirt_handler.vmi.vcpu_delay_seconds.count"] = "OpenMetrics from 1.1.0, KubeVirt from 1.1.0",
    };

    private static readonly MetricDefinition[] Documented = [.. MetricCatalog.Default.Definitions.Where(definition => definition.Documented)];

    [Fact]
    public void Each_documented_metric_says_which_check_sends_it()
    {
        Assert.Empty(Exceptions.Keys.Except(Documented.Select(definition => definition.Name)));
        Each.Of(Documented, definition => Assert.Equal((definition.Name, Exceptions.GetValueOrDefault(definition.Name, Both)), (definition.Name, definition.AgentChecks.ToString())));
    }

    [Fact]
    public void No_check_sends_what_is_not_documented() =>
        Each.Of(MetricCatalog.Default.Definitions.Where(definition => !definition.Documented), definition => Assert.Empty(definition.AgentChecks));

    [Theory]
    [InlineData(ComponentKind.Api, "1.2.2", "")]
    [InlineData(ComponentKind.Api, "1.3.0", "rest.client_rate_limiter_duration_seconds.bucket rest.client_rate_limiter_duration_seconds.count rest.client_rate_limiter_duration_seconds.sum rest.client_request_latency_seconds.bucket rest.client_request_latency_seconds.count rest.client_request_latency_seconds.sum rest.client_requests.count")]
    [InlineData(ComponentKind.Controller, "1.0.0", "virt_controller.leading_status virt_controller.ready_status vmi.migrations_in_pending_phase vmi.migrations_in_running_phase vmi.migrations_in_scheduling_phase vmi.number_of_outdated")]
    [InlineData(ComponentKind.Controller, "1.1.0", "")]
    [InlineData(ComponentKind.Controller, "1.9.0", "vmi.phase_count")]
    [InlineData(ComponentKind.Controller, null, "vmi.phase_count")]
    [InlineData(ComponentKind.Handler, "1.0.0", "vmi.cpu_system_usage_seconds.count vmi.cpu_usage_seconds.count vmi.cpu_user_usage_seconds.count vmi.memory_domain_bytes vmi.memory_swap_in_traffic_bytes vmi.memory_swap_out_traffic_bytes vmi.node_cpu_affinity vmi.storage_flush_times_seconds.count vmi.storage_read_times_seconds.count vmi.storage_write_times_seconds.count")]
    [InlineData(ComponentKind.Handler, "1.0.1", "vmi.memory_domain_bytes vmi.memory_swap_in_traffic_bytes vmi.memory_swap_out_traffic_bytes vmi.storage_flush_times_seconds.count vmi.storage_read_times_seconds.count vmi.storage_write_times_seconds.count")]
    [InlineData(ComponentKind.Handler, "1.9.0", "")]
    [InlineData(ComponentKind.Operator, "1.9.0", "")]
    public void The_KubeVirt_checks_never_send_these(ComponentKind component, string? version, string expected)
    {
        string start = ComponentFacts.CheckNameOf(component) + ".";
        Assert.Equal(
            expected.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => start + name),
            AgentArrival.NeverSent(component, version is null ? null : KubeVirtVersion.Parse(version)).Select(definition => definition.Name));
    }

    [Fact]
    public void The_real_checks_were_seen_to_send_the_same()
    {
        int rows = 0;
        foreach (Dictionary<string, string> row in SharedFiles.Rows(SharedFiles.Require("spec/agent-arrives.tsv")))
        {
            MetricDefinition definition = MetricCatalog.Default.Find(row["name"])!;
            foreach (string version in new[] { "1.2.2", "1.9.0" })
            {
                AssertSent(AgentCheck.KubeVirt, version, row[$"check_{version}_contexts"]);
                AssertSent(AgentCheck.OpenMetrics, version, row[$"openmetrics_{version}_contexts"]);
            }

            rows++;

            void AssertSent(AgentCheck check, string version, string contexts) =>
                Assert.Equal((definition.Name, check, version, contexts != "NEVER"), (definition.Name, check, version, AgentArrival.IsSent(definition, check, KubeVirtVersion.Parse(version))));
        }

        Assert.Equal(98, rows);
    }
}
