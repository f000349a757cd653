using System.Globalization;
using KubeVirtMonitor.Display;
using KubeVirtMonitor.Mapping;
using Xunit;

namespace KubeVirtMonitor.Tests.Mapping;

public sealed class MetricComparisonTests
{
    private static readonly MappingOptions Everything = new() { IncludeUnmapped = true };

    private static readonly string[] Between12And19 =
    [
        "Removed kubevirt_handler.process.start_time_seconds process_start_time_seconds ",
        "Removed kubevirt_handler.process.virtual_memory_max_bytes process_virtual_memory_max_bytes ",
        "Removed kubevirt_handler.vmi.network_receive_bytes.count kubevirt_vmi_network_receive_bytes_total ",
        "Removed kubevirt_handler.vmi.network_receive_packets_dropped.count kubevirt_vmi_network_receive_packets_dropped_total ",
        "Removed kubevirt_handler.vmi.storage_read_times_seconds.count kubevirt_vmi_storage_read_times_seconds_total ",
        "Added kubevirt_handler.virt_handler.ready_status  kubevirt_virt_handler_ready_status",
        "Added kubevirt_handler.vmi.filesystem_used_bytes  kubevirt_vmi_filesystem_used_bytes",
        "Added kubevirt_handler.vmi.memory_available_bytes  kubevirt_vmi_memory_available_bytes",
        "Added kubevirt_handler.vmi.migration_data_remaining_bytes  kubevirt_vmi_migration_data_remaining_bytes",
        "Added kubevirt_handler.vmi.vcpu_seconds.count  kubevirt_vmi_vcpu_seconds_total",
        "Added shop_till_opened_total  shop_till_opened_total",
        "Renamed kubevirt_handler.rest.client_requests.count rest_client_requests_total kubevirt_rest_client_requests_total",
        "Removed kubevirt_handler.vmi.cpu_usage_seconds.count kubernetes_vmi_label_app=shop, name=web-2, node=alpha, vm_namespace=shop 4711.5 ",
        "Removed kubevirt_handler.vmi.memory_resident_bytes kubernetes_vmi_label_app=shop, name=web-2, node=alpha, vm_namespace=shop 536870912 ",
        "Removed kubevirt_info goversion=go1.19.9, kubeversion=v1.2.0 1 ",
        "Added kubevirt_handler.vmi.cpu_usage_seconds.count name=db-1, node=alpha, vm_namespace=data  200000",
        "Added kubevirt_handler.vmi.memory_resident_bytes name=db-1, node=alpha, vm_namespace=data  8589934592",
        "Added kubevirt_info goversion=go1.24.0, kubeversion=v1.9.0  1",
        "Value kubevirt_handler.process.open_fds  42 61",
        "Grown kubevirt_handler.rest.client_requests.count code=200, host=10.96.0.1:443, method=GET, resource=configmaps, verb=LIST 17 19",
    ];

    [Fact]
    public void Two_releases_differ_in_names_then_series_then_values() =>
        Assert.Equal(Between12And19, Compare(Fixture("virt-handler-1.2.prom"), Fixture("virt-handler-1.9.prom")).Select(Line));

    [Fact]
    public void A_scrape_is_as_itself()
    {
        Assert.Empty(Compare(Fixture("virt-handler-1.9.prom"), Fixture("virt-handler-1.9.prom")));
        // Thirteen series; one of them has two lines, of which the later counts.
        MetricDifference[] equal = [.. Compare(Fixture("virt-handler-1.9.prom"), Fixture("virt-handler-1.9.prom"), new ComparisonOptions { IncludeEqual = true })];
        Each.Of(equal, item => Assert.Equal((MetricChange.Equal, 0d, 1L, 1L), (item.Change, item.Movement!.Value, item.ReferenceSeries!.Value, item.DifferenceSeries!.Value)));
        Assert.Equal(13, equal.Length);
        Assert.Equal(2147483648, equal.Single(item => item.Name == "kubevirt_handler.vmi.migration_data_remaining_bytes").Reference);
    }

    [Fact]
    public void Series_with_times_of_their_own_are_added_up_and_each_counts_once()
    {
        // As a federated scrape has them: two pods, and of the first an older line.
        const string before = "# TYPE a gauge\na{pod_name=\"x\"} 1 1000\na{pod_name=\"x\"} 2 2000\na{pod_name=\"y\"} 10 2000\n";
        const string after = "# TYPE a gauge\na{pod_name=\"x\"} 3 3000\na{pod_name=\"y\"} 10 3000\n";
        Assert.Equal(["Value a  12 13"], Compare(before, after, new ComparisonOptions { IgnoredTags = ["pod_name"] }).Select(Line));
    }

    [Fact]
    public void Gauges_come_before_counts_however_far_these_moved()
    {
        const string before = "# TYPE a gauge\na 100\n# TYPE b gauge\nb 10\n# TYPE c_total counter\nc_total 1\n# TYPE d_total counter\nd_total 9\n# TYPE e gauge\ne 5\n";
        const string after = "# TYPE a gauge\na 90\n# TYPE b gauge\nb -10\n# TYPE c_total counter\nc_total 1000000\n# TYPE d_total counter\nd_total 3\n# TYPE e gauge\ne 5\n";
        MetricDifference[] found = [.. Compare(before, after)];
        Assert.Equal(["Reset d_total  9 3", "Value b  10 -10", "Value a  100 90", "Grown c_total  1 1000000"], found.Select(Line));
        // 9 to 3 is two thirds of 9; 10 to -10 is 20 of 10; 100 to 90 is 10 of 100.
        Assert.Equal([2 / 3d, 2, 0.1], found.Take(3).Select(item => item.Movement!.Value), Near);
        Assert.Equal((-20, -1d), (found[1].Delta, found[1].Ratio));
        Assert.Equal(["Reset d_total  9 3", "Value b  10 -10", "Grown c_total  1 1000000"], Compare(before, after, new ComparisonOptions { Tolerance = 0.1 }).Select(Line));
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 5, 1)]
    [InlineData(5, 0, 1)]
    [InlineData(2, 8, 0.75)]
    [InlineData(8, 2, 0.75)]
    [InlineData(-1, 1, 2)]
    [InlineData(double.NaN, double.NaN, 0)]
    [InlineData(double.NaN, 1, 2)]
    [InlineData(double.PositiveInfinity, double.PositiveInfinity, 0)]
    [InlineData(1, double.PositiveInfinity, 2)]
    [InlineData(-1.7e308, 1.7e308, 2)]
    public void A_movement_is_a_part_of_the_larger_value(double from, double to, double movement) => Assert.Equal(movement, MetricComparison.Movement(from, to), 12);

    [Fact]
    public void Another_type_and_another_unit_are_told_once_for_a_name()
    {
        // From 1.2.1 on, this family was in milliseconds, and from 1.6.0 on, in the seconds of its name.
        const string vcpu = "kubevirt_info{kubeversion=\"v1.5.0\"} 1\n# TYPE kubevirt_vmi_vcpu_seconds_total counter\nkubevirt_vmi_vcpu_seconds_total{name=\"a\"} 3000\nkubevirt_vmi_vcpu_seconds_total{name=\"b\"} 3000\n# TYPE other gauge\nother 1\n";
        MetricDifference[] found = [.. Compare(vcpu, "kubevirt_info{kubeversion=\"v1.6.0\"} 1\n" + vcpu[(vcpu.IndexOf('\n', StringComparison.Ordinal) + 1)..].Replace("3000", "3", StringComparison.Ordinal).Replace("other gauge", "other counter", StringComparison.Ordinal))
            .Where(item => item.Name != "kubevirt_info")];
        Assert.Equal(["Kind other gauge counter", "Unit kubevirt_handler.vmi.vcpu_seconds.count millisecond second"], found.Select(Line));
        Assert.Equal((2L, 2L), (found[1].ReferenceSeries, found[1].DifferenceSeries));
    }

    [Fact]
    public void What_only_tells_targets_apart_is_left_out_and_the_rest_is_added_up()
    {
        MetricComparison comparison = new(new ComparisonOptions());
        foreach ((string pod, string text) in new[] { ("pod-1", "process_open_fds 10\nprocess_start_time_seconds 1700000000\n"), ("pod-2", "process_open_fds 5\nprocess_start_time_seconds 1600000000\n") })
            Add(comparison, isReference: true, text, new TargetInfo { Target = "t", PodName = pod, Endpoint = $"https://{pod}:8443/metrics", KubeNamespace = "kubevirt" });
        Add(comparison, isReference: false, "process_open_fds 16\nprocess_start_time_seconds 1700000000\n");
        MetricDifference one = Assert.Single(comparison.Compare());
        Assert.Equal("Value kubevirt_handler.process.open_fds  15 16", Line(one));
        Assert.Equal((2L, 1L), (one.ReferenceSeries, one.DifferenceSeries));

        MetricComparison exact = new(new ComparisonOptions { IgnoredTags = ["endpoint", "kube_namespace"] });
        Add(exact, isReference: true, "process_open_fds 10\n", new TargetInfo { Target = "t", PodName = "pod-1" });
        Add(exact, isReference: false, "process_open_fds 10\n", new TargetInfo { Target = "t", PodName = "pod-2" });
        Assert.Equal(["Removed kubevirt_handler.process.open_fds pod_name=pod-1 10 ", "Added kubevirt_handler.process.open_fds pod_name=pod-2  10"], exact.Compare().Select(Line));
    }

    [Fact]
    public void What_no_endpoint_serves_is_compared_where_both_sides_have_it()
    {
        MetricDefinition health = KubeVirtMonitor.Catalog.MetricCatalog.Default.Find("kubevirt_handler.can_connect")!;
        MetricSample Sample(double value) => MetricSample.Create(health, value, TagSet.Empty, "t", Mapped.At);
        MetricComparison one = new(new ComparisonOptions());
        one.Add(isReference: true, Sample(1));
        Add(one, isReference: true, "process_open_fds 1\n");
        Add(one, isReference: false, "process_open_fds 1\n");
        Assert.Empty(one.Compare());
        MetricComparison both = new(new ComparisonOptions());
        both.Add(isReference: true, Sample(1));
        both.Add(isReference: false, Sample(0));
        Assert.Equal(["Value kubevirt_handler.can_connect  1 0"], both.Compare().Select(Line));
    }

    [Fact]
    public void The_order_of_labels_is_no_difference() =>
        Assert.Empty(Compare("m{a=\"1\",b=\"2\"} 1\nm{a=\"2\",b=\"1\"} 2\n", "m{b=\"1\",a=\"2\"} 2\nm{b=\"2\",a=\"1\"} 1\n"));

    [Fact]
    public void All_series_of_a_name_may_be_compared_as_one()
    {
        const string before = "# TYPE m gauge\nm{a=\"1\"} 1\nm{a=\"2\"} 2\n# TYPE c_total counter\nc_total{a=\"1\"} 5\nc_total{a=\"2\"} 5\n";
        const string after = "# TYPE m gauge\nm{a=\"3\"} 7\n# TYPE c_total counter\nc_total{a=\"1\"} 6\n";
        MetricDifference[] found = [.. Compare(before, after, new ComparisonOptions { ByName = true })];
        // A sum of fewer counts may be lower, and no process was restarted.
        Assert.Equal(["Value m 3 7", "Value c_total 10 6"], found.Select(Line));
        Assert.Equal((2L, 1L), (found[0].ReferenceSeries, found[0].DifferenceSeries));
    }

    [Fact]
    public void Releases_are_compared_by_the_catalogue()
    {
        MetricComparison comparison = new(new ComparisonOptions { Components = [ComponentKind.Handler] });
        comparison.Add(isReference: true, KubeVirtVersion.Parse("1.8"));
        comparison.Add(isReference: false, KubeVirtVersion.Parse("1.9"));
        MetricDifference[] found = [.. comparison.Compare()];
        // docs/metrics.md: virt-handler of 1.9 has these three more.
        Assert.Equal(
            ["Added kubevirt_handler.vmi.gpu_info  kubevirt_vmi_gpu_info", "Added kubevirt_handler.vmi.guest_os_panic.count  kubevirt_vmi_guest_os_panic_total", "Added kubevirt_handler.vmi.sync.count  kubevirt_vmi_sync_total"],
            found.Select(Line));
        Each.Of(found, item => Assert.Equal((0L, null), (item.ReferenceSeries, item.DifferenceSeries)));
    }

    [Fact]
    public void A_scrape_is_compared_with_what_its_component_serves_in_a_release()
    {
        MetricComparison comparison = new(new ComparisonOptions { NameFilter = (name, _) => name.Contains("vmi.cpu_usage", StringComparison.Ordinal) || name.Contains("client_requests", StringComparison.Ordinal) });
        comparison.Add(isReference: true, new KubeVirtVersion(1, 0));
        Add(comparison, isReference: false, "# TYPE kubevirt_vmi_cpu_usage_seconds_total counter\nkubevirt_vmi_cpu_usage_seconds_total{name=\"a\"} 3\n");
        Assert.Equal(
            [
                "Removed kubevirt_handler.rest.client_requests.count rest_client_requests_total ",
                "Kind kubevirt_handler.vmi.cpu_usage_seconds.count gauge counter",
                "Renamed kubevirt_handler.vmi.cpu_usage_seconds.count kubevirt_vmi_cpu_usage_seconds kubevirt_vmi_cpu_usage_seconds_total",
            ],
            comparison.Compare().Select(Line));
    }

    [Fact]
    public void Columns_show_values_types_and_numbers_of_series()
    {
        string[] rows = [.. Compare(Fixture("virt-handler-1.2.prom"), Fixture("virt-handler-1.9.prom"))
            .Select(item => $"{DifferenceText.Reference(item, 11, CultureInfo.InvariantCulture)}|{DifferenceText.Difference(item, 11, CultureInfo.InvariantCulture)}|{DifferenceText.Name(item)}")];
        Assert.Equal("1 series|-|kubevirt_handler.process.start_time_seconds", rows[0]);
        Assert.Equal("1 series|1 series|kubevirt_handler.rest.client_requests.count {rest_client_requests_total -> kubevirt_rest_client_requests_total}", rows[11]);
        Assert.Equal("512 MiB|-|kubevirt_handler.vmi.memory_resident_bytes {shop/web-2, node=alpha, kubernetes_vmi_label_app=shop}", rows[13]);
        Assert.Equal("42 files|61 files|kubevirt_handler.process.open_fds", rows[18]);
        Assert.Equal("17 requests|19 requests|kubevirt_handler.rest.client_requests.count {code=200, host=10.96.0.1:443, method=GET, resource=configmaps, verb=LIST}", rows[19]);
        MetricDifference wide = Assert.Single(Compare("# TYPE kubevirt_rest_client_requests_total counter\nkubevirt_rest_client_requests_total 1234567\n", "# TYPE kubevirt_rest_client_requests_total counter\nkubevirt_rest_client_requests_total 2234567\n"));
        Assert.Equal("1,234,567", DifferenceText.Reference(wide, 11, CultureInfo.InvariantCulture));
    }

    private static IEnumerable<MetricDifference> Compare(string before, string after, ComparisonOptions? options = null)
    {
        MetricComparison comparison = new(options ?? new ComparisonOptions());
        Add(comparison, isReference: true, before);
        Add(comparison, isReference: false, after);
        return comparison.Compare();
    }

    private static void Add(MetricComparison comparison, bool isReference, string text, TargetInfo? target = null)
    {
        foreach (MetricSample sample in Mapped.Read(text, ComponentKind.Handler, Everything, target: target).Samples) comparison.Add(isReference, sample);
        comparison.EndTarget();
    }

    private static string Fixture(string name) => File.ReadAllText(Path.Combine(Repository.Root, "tests", "Fixtures", name));

    private static bool Near(double left, double right) => Math.Abs(left - right) < 1e-12;

    // A metric as a whole: what its endpoints have; a series: its tags and values.
    private static string Line(MetricDifference item) => (item.Tags, item.Reference ?? item.Difference) switch
    {
        (null, null) => $"{item.Change} {item.Name} {item.From} {item.To}",
        (null, _) => string.Create(CultureInfo.InvariantCulture, $"{item.Change} {item.Name} {item.Reference} {item.Difference}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{item.Change} {item.Name} {item.Tags} {item.Reference} {item.Difference}"),
    };
}
