using KubeVirtMonitor.Catalog;
using Xunit;

namespace KubeVirtMonitor.Tests.Catalog;

/// <summary>
/// What the generic check is told, put through the rules of the real one: names as prometheus_client reads them, and what the type adds to a name.
/// Source: datadog_checks_base 37.16.0, openmetrics/v2/transform.py and transformers, and prometheus_client/parser.py.
/// </summary>
public sealed class AgentMappingTests
{
    private static readonly ComponentKind[] Scraped = [ComponentKind.Api, ComponentKind.Controller, ComponentKind.Handler];

    [Theory]
    [InlineData(ComponentKind.Api, "process_cpu_seconds", "process.cpu_seconds", null)]
    [InlineData(ComponentKind.Api, "promhttp_metric_handler_requests_in_flight", "promhttp.metric_handler_requests_in_flight", null)]
    [InlineData(ComponentKind.Api, "kubevirt_rest_client_requests", "rest.client_requests", null)]
    [InlineData(ComponentKind.Api, "rest_client_requests", "rest.client_requests", null)]
    [InlineData(ComponentKind.Api, "kubevirt_rest_client_request_latency_seconds", "rest.client_request_latency_seconds", null)]
    [InlineData(ComponentKind.Controller, "kubevirt_vmi_phase_count", "vmi.phase_count", null)]
    [InlineData(ComponentKind.Controller, "kubevirt_vmi_info", "vmi.phase_count", null)]
    [InlineData(ComponentKind.Controller, "kubevirt_vm_running_status_last_transition_timestamp_seconds", "vm.running_status_last_transition_timestamp_seconds.count", "gauge")]
    [InlineData(ComponentKind.Controller, "kubevirt_virt_controller_leading", "virt_controller.leading_status", null)]
    [InlineData(ComponentKind.Controller, "kubevirt_migrate_vmi_pending_count", "vmi.migrations_in_pending_phase", null)]
    [InlineData(ComponentKind.Handler, "kubevirt_vmi_cpu_usage_seconds", "vmi.cpu_usage_seconds", "counter")]
    [InlineData(ComponentKind.Handler, "kubevirt_vmi_cpu_affinity", "vmi.node_cpu_affinity", "gauge")]
    [InlineData(ComponentKind.Handler, "kubevirt_vmi_memory_domain_bytes_total", "vmi.memory_domain_bytes", null)]
    [InlineData(ComponentKind.Handler, "kubevirt_vmi_memory_swap_in_traffic_bytes_total", "vmi.memory_swap_in_traffic_bytes", null)]
    [InlineData(ComponentKind.Handler, "kubevirt_vmi_memory_pgmajfault", "vmi.memory_pgmajfault", null)]
    [InlineData(ComponentKind.Handler, "kubevirt_vmi_vcpu_wait_seconds", "vmi.vcpu_wait_seconds", null)]
    [InlineData(ComponentKind.Handler, "kubevirt_workqueue_work_duration_seconds", "workqueue.work_duration_seconds", null)]
    public void An_entry_is_the_name_without_total_and_without_what_the_type_adds(ComponentKind component, string raw, string name, string? type) =>
        Assert.Equal(new AgentMappingEntry(raw, name, type), Assert.Single(AgentMapping.Of(component), entry => entry.Raw == raw));

    [Theory]
    [InlineData("kubevirt_vmi_storage_read_times_ms")]
    [InlineData("kubevirt_vmi_storage_write_times_ms")]
    [InlineData("kubevirt_vmi_storage_flush_times_ms")]
    public void Milliseconds_under_a_name_of_their_own_are_left_out(string raw)
    {
        Assert.DoesNotContain(AgentMapping.Of(ComponentKind.Handler), entry => entry.Raw == raw);
        Assert.Contains(AgentMapping.Of(ComponentKind.Handler), entry => entry.Raw == raw.Replace("_ms", "_seconds", StringComparison.Ordinal));
    }

    // api: 12 families, 3 of them with two names. controller: 23 families; 6 were renamed in 1.1, and the phase count has two. handler: 40 families; 3 gauges and the affinity were renamed.
    [Theory]
    [InlineData(ComponentKind.Api, 12, 15)]
    [InlineData(ComponentKind.Controller, 23, 30)]
    [InlineData(ComponentKind.Handler, 40, 44)]
    [InlineData(ComponentKind.Operator, 0, 0)]
    public void Each_family_has_its_entries_and_no_raw_name_two(ComponentKind component, int names, int entries)
    {
        IReadOnlyList<AgentMappingEntry> all = AgentMapping.Of(component);
        Assert.Equal((names, entries), (all.Select(entry => entry.Name).Distinct().Count(), all.Count));
        Assert.Equal(entries, all.Select(entry => entry.Raw).Distinct().Count());
    }

    [Theory]
    [InlineData("1.0.0", "storage_flush_times_seconds storage_read_times_seconds storage_write_times_seconds vcpu_delay_seconds")]
    [InlineData("1.3.0", "")]
    [InlineData("1.5.0", "")]
    [InlineData("1.7.0", "")]
    [InlineData("1.9.0", "")]
    public void With_every_version_the_93_names_of_the_endpoints_are_reached(string version, string without)
    {
        Dictionary<string, string> types = SharedFiles.Rows(SharedFiles.Require($"spec/kubevirt-metrics/metrics-v{version}.tsv"))
            .Where(row => row["kind"] == "Metric").GroupBy(row => row["name"]).ToDictionary(group => group.Key, group => group.First()["type"]);
        foreach (string library in new[] { "process_max_fds", "process_open_fds", "process_resident_memory_bytes", "process_start_time_seconds", "process_virtual_memory_bytes", "process_virtual_memory_max_bytes", "promhttp_metric_handler_requests_in_flight" })
            types.Add(library, "gauge");
        types.Add("process_cpu_seconds_total", "counter");
        types.Add("promhttp_metric_handler_requests_total", "counter");
        HashSet<string> sent = [.. Scraped.SelectMany(component => SentOf(component, types))];
        string[] wanted = [.. MetricCatalog.Default.Definitions.Where(definition => definition is { Documented: true, RawMetrics.Count: > 0 }).Select(definition => definition.Name)];
        Assert.Equal(93, wanted.Length);
        Assert.Equal(without.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => $"kubevirt_handler.vmi.{name}.count"), wanted.Except(sent).Order(StringComparer.Ordinal));
        Assert.Empty(sent.Except(wanted));
    }

    [Theory]
    [InlineData(ComponentKind.Api, "virt-api-v1.2.2.prom", "1.2.2")]
    [InlineData(ComponentKind.Handler, "virt-handler-v1.2.2.prom", "1.2.2")]
    [InlineData(ComponentKind.Api, "virt-api-v1.9.0.prom", "1.9.0")]
    [InlineData(ComponentKind.Controller, "virt-controller-v1.9.0.prom", "1.9.0")]
    [InlineData(ComponentKind.Handler, "two-moments/virt-handler-v1.9.0-1.prom", "1.9.0")]
    public void A_recorded_scrape_gives_the_names_that_the_real_check_was_seen_to_send(ComponentKind component, string file, string version)
    {
        Dictionary<string, string> types = File.ReadLines(SharedFiles.Require("scrapes/" + file)).Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal))
            .Select(line => line.Split(' ')).ToDictionary(words => words[2], words => words[3]);
        string start = ComponentFacts.CheckNameOf(component) + ".";

        // Of the rest it says that they were recorded elsewhere: this controller had seen no transition.
        string[] seen = [.. SharedFiles.Rows(SharedFiles.Require("spec/agent-arrives.tsv")).Where(row => row["name"].StartsWith(start, StringComparison.Ordinal) && int.TryParse(row[$"openmetrics_{version}_contexts"], out _)).Select(row => row["name"])];
        Assert.NotEmpty(seen);
        string[] recordedElsewhere = [.. SentOf(component, types).Except(seen)];
        Assert.All(recordedElsewhere, name => Assert.Contains("phase_transition", name, StringComparison.Ordinal));
        Assert.Equal(seen.Order(StringComparer.Ordinal), SentOf(component, types).Except(recordedElsewhere).Order(StringComparer.Ordinal));
    }

    // What the check sends of an endpoint with these families.
    private static IEnumerable<string> SentOf(ComponentKind component, Dictionary<string, string> families)
    {
        Dictionary<string, AgentMappingEntry> entries = AgentMapping.Of(component).ToDictionary(entry => entry.Raw);
        foreach ((string family, string type) in families)
        {
            string read = type == "counter" && family.EndsWith("_total", StringComparison.Ordinal) ? family[..^6] : family;
            if (!entries.TryGetValue(read, out AgentMappingEntry? entry)) continue;
            string name = $"{ComponentFacts.CheckNameOf(component)}.{entry.Name}";
            string[] ends = (entry.Type ?? type) switch
            {
                "gauge" => [""],
                "counter" => [".count"],
                "histogram" => [".bucket", ".sum", ".count"],
                _ => throw new InvalidDataException($"{family} is a {type}."),
            };
            foreach (string end in ends) yield return name + end;
        }
    }
}
