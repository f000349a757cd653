using System.Reflection;
using KubeVirtMonitor.Catalog;
using Xunit;

namespace KubeVirtMonitor.Tests.Catalog;

public sealed class DocumentedMetricsTests
{
    private static readonly MetricCatalog Catalog = MetricCatalog.Default;

    [Theory]
    [InlineData(ComponentKind.Api, 19)]
    [InlineData(ComponentKind.Controller, 34)]
    [InlineData(ComponentKind.Handler, 45)]
    [InlineData(ComponentKind.Operator, 0)]
    public void Each_check_documents_its_number_of_metrics(ComponentKind component, int expected) =>
        Assert.Equal(expected, Catalog.Definitions.Count(definition => definition.Documented && definition.Component == component));

    [Fact]
    public void The_documented_metrics_are_these_and_no_others()
    {
        Dictionary<string, (string Kind, string Unit)> expected = Fixture();
        Assert.Equal(98, expected.Count);
        Dictionary<string, (string Kind, string Unit)> actual = Catalog.Definitions.Where(definition => definition.Documented)
            .ToDictionary(definition => definition.Name, definition => (definition.Kind == MetricKind.Gauge ? "gauge" : "count", definition.Unit ?? "-"));
        Assert.Equal(expected.OrderBy(pair => pair.Key, StringComparer.Ordinal), actual.OrderBy(pair => pair.Key, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("kubevirt_api.process.start_time_seconds", "second")]
    [InlineData("kubevirt_api.process.max_fds", "file")]
    [InlineData("kubevirt_api.rest.client_request_latency_seconds.bucket", "request")]
    [InlineData("kubevirt_api.rest.client_request_latency_seconds.count", "request")]
    [InlineData("kubevirt_api.rest.client_request_latency_seconds.sum", "second")]
    [InlineData("kubevirt_controller.workqueue.queue_duration_seconds.bucket", "item")]
    [InlineData("kubevirt_controller.workqueue.queue_duration_seconds.sum", "second")]
    [InlineData("kubevirt_controller.vmi.phase_transition_time_seconds.count", "transition")]
    [InlineData("kubevirt_handler.vmi.network_receive_packets.count", "packet")]
    [InlineData("kubevirt_handler.vmi.network_transmit_packets_dropped.count", "packet")]
    [InlineData("kubevirt_handler.vmi.network_receive_bytes.count", "byte")]
    [InlineData("kubevirt_handler.vmi.memory_pgmajfault.count", "page")]
    [InlineData("kubevirt_handler.vmi.storage_read_times_seconds.count", "second")]
    [InlineData("kubevirt_handler.vmi.node_cpu_affinity", null)]
    public void Units_are_right(string name, string? unit) => Assert.Equal(unit, Catalog.Find(name)!.Unit);

    [Theory]
    [InlineData("kubevirt_api.can_connect", "virt-api")]
    [InlineData("kubevirt_controller.can_connect", "virt-controller")]
    [InlineData("kubevirt_handler.can_connect", "virt-handler")]
    [InlineData("kubevirt_handler.process.open_fds", "virt-handler")]
    [InlineData("kubevirt_operator.rest.client_requests.count", "virt-operator")]
    public void Descriptions_name_their_own_component(string name, string component) =>
        Assert.Contains(component, Catalog.Find(name)!.Description, StringComparison.Ordinal);

    [Theory]
    [InlineData("kubevirt_api.can_connect")]
    [InlineData("kubevirt_api.vm.count")]
    [InlineData("kubevirt_api.vmi.count")]
    [InlineData("kubevirt_controller.can_connect")]
    [InlineData("kubevirt_handler.can_connect")]
    public void What_no_endpoint_carries_has_no_raw_family(string name)
    {
        MetricDefinition definition = Catalog.Find(name)!;
        Assert.Empty(definition.RawNames);
        Assert.Null(definition.SinceVersion);
        Assert.Null(definition.UntilVersion);
        Assert.True(definition.AppliesTo(new KubeVirtVersion(1, 4)));
    }

    [Fact]
    public void Points_in_time_are_gauges_and_nothing_else_is_one()
    {
        Each.Of(Catalog.Definitions.Where(definition => definition.IsTimestamp), definition =>
        {
            Assert.Equal(MetricKind.Gauge, definition.Kind);
            Assert.Equal("second", definition.Unit);
        });
        string[] times = [.. Catalog.Definitions.Where(definition => definition.IsTimestamp && definition.Component == ComponentKind.Controller).Select(definition => definition.Name["kubevirt_controller.".Length..])];
        Assert.Equal(
        [
            "go.memstats_last_gc_time_seconds",
            "process.start_time_seconds",
            "vm.create_date_timestamp_seconds",
            "vm.error_status_last_transition_timestamp_seconds.count",
            "vm.migrating_status_last_transition_timestamp_seconds.count",
            "vm.non_running_status_last_transition_timestamp_seconds.count",
            "vm.running_status_last_transition_timestamp_seconds.count",
            "vm.starting_status_last_transition_timestamp_seconds.count",
            "vmi.migration_end_time_seconds",
            "vmi.migration_start_time_seconds",
            "vmsnapshot.succeeded_timestamp_seconds",
        ], times);
    }

    [Fact]
    public void The_specification_promises_nothing_that_is_missing()
    {
        string path = SharedFiles.Require("spec/metrics.tsv");
        foreach (Dictionary<string, string> row in SharedFiles.Rows(path))
        {
            MetricDefinition? definition = Catalog.Find(row["metric"]);
            Assert.True(definition is { Documented: true }, row["metric"]);
            MetricKind kind = row["kind"] == "count" && !definition.IsTimestamp ? MetricKind.Count : MetricKind.Gauge;
            Assert.Equal((row["metric"], kind), (definition.Name, definition.Kind));
            if (row["raw_family"].StartsWith('(')) continue;
            Assert.Contains(definition.RawMetrics, raw => raw.Name == row["raw_family"] && raw.Type == row["raw_type"] && raw.AppliesTo(new KubeVirtVersion(1, 2, 2)));
            if (row["raw_before_1.1"] is { Length: > 0 } before)
                Assert.Contains(definition.RawMetrics, raw => raw.Name == before && raw.AppliesTo(new KubeVirtVersion(1, 0)));
            if (row["raw_since_1.3"] is { Length: > 0 } since)
                Assert.Contains(definition.RawMetrics, raw => raw.Name == since && raw.AppliesTo(new KubeVirtVersion(1, 3)));
        }
    }

    private static Dictionary<string, (string Kind, string Unit)> Fixture()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("documented.tsv")!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#')
            .Select(line => line.Split('\t')).ToDictionary(cells => cells[0], cells => (cells[1], cells[2]));
    }
}
