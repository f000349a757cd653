using Xunit;

namespace KubeVirtMonitor.Tests.AgentConfig;

public sealed class MetricOptionTests
{
    private const string Memory = "kubevirt_handler.vmi.memory_resident_bytes";
    private const string Files = "kubevirt_handler.process.open_fds";

    [Theory]
    [InlineData("exclude_metrics: [process_open_fds]", Memory)]
    [InlineData("exclude_metrics: [process_open]", Memory + " " + Files)]
    [InlineData("exclude_metrics: ['open_f.s']", Memory)]
    [InlineData("exclude_metrics: ['^kubevirt_', zzz]", Files)]
    [InlineData("metric_patterns: {exclude: ['memory']}", Files)]
    [InlineData("metric_patterns: {include: ['memory']}", Memory)]
    public async Task Excluded_are_whole_names_and_patterns_anywhere(string options, string left) =>
        Assert.Equal(left, string.Join(' ', (await Configured.ScrapeAsync(options)).Samples.Select(sample => sample.Name).Distinct()));

    [Fact]
    public async Task The_name_of_a_counter_is_compared_without_total()
    {
        Assert.DoesNotContain("kubevirt_handler.shop_sold.count", (await Configured.ScrapeAsync("extra_metrics: [shop_sold]\nexclude_metrics: [shop_sold]")).Samples.Select(sample => sample.Name));

        Configured got = await Configured.ScrapeAsync("extra_metrics: [shop_sold]\nexclude_metrics: [shop_sold_total]");
        Assert.Contains("kubevirt_handler.shop_sold.count", got.Samples.Select(sample => sample.Name));
        Assert.EndsWith("instance 1: exclude_metrics: 'shop_sold_total' excludes no counter: the names of counters are compared without _total, as in the Agent. Write 'shop_sold'.", Assert.Single(got.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Extra_metrics_come_beside_those_of_the_check()
    {
        Configured got = await Configured.ScrapeAsync("extra_metrics:\n- shop_sold: shop.sold\n- 'shop_w.*'");

        Assert.Equal(
            [
                $"{Memory}{{name=web, vm_namespace=shop, node=alpha, endpoint=E}} 1024",
                $"{Memory}{{name=db, vm_namespace=data, node=beta, endpoint=E}} 2048",
                Files + "{endpoint=E} 61",
                "kubevirt_handler.shop.sold.count{till=1, endpoint=E} 5",
                "kubevirt_handler.shop_wait_seconds.bucket{upper_bound=0.5, endpoint=E} 2",
                "kubevirt_handler.shop_wait_seconds.bucket{upper_bound=1, endpoint=E} 5",
                "kubevirt_handler.shop_wait_seconds.bucket{upper_bound=+Inf, endpoint=E} 6",
                "kubevirt_handler.shop_wait_seconds.sum{endpoint=E} 4.5",
                "kubevirt_handler.shop_wait_seconds.count{endpoint=E} 6",
            ],
            got.Lines);
        Assert.Equal(MetricKind.Count, got.Samples[3].Kind);
    }

    [Fact]
    public async Task Metrics_take_the_place_of_those_of_the_check_and_a_type_that_of_the_endpoints()
    {
        Configured got = await Configured.ScrapeAsync("metrics:\n- process_open_fds: files\n- shop_sold: {name: sold, type: gauge}\n- zzz: {type: rate}");

        Assert.Equal(["kubevirt_handler.files{endpoint=E} 61", "kubevirt_handler.sold{till=1, endpoint=E} 5"], got.Lines);
        Assert.Equal(MetricKind.Gauge, got.Samples[1].Kind);
        Assert.Contains("the type of 'zzz' is not applied", Assert.Single(got.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plain_endpoint_may_have_a_namespace_of_its_own()
    {
        await using LoopbackServer server = LoopbackServer.Text(Configured.Body);

        Configured got = await Configured.RunAsync($"instances:\n- openmetrics_endpoint: {server.Uri()}\n  namespace: shop\n  metrics: [process_open_fds]\n");

        Assert.Equal(["shop.process_open_fds{endpoint=E} 61"], got.Lines);
        Assert.Empty(got.Warnings);
    }

    [Fact]
    public async Task A_namespace_beside_the_checks_own_is_told() =>
        Assert.Contains("namespace is not applied: the names of this check begin with kubevirt_handler", Assert.Single((await Configured.ScrapeAsync("namespace: shop")).Warnings), StringComparison.Ordinal);

    [Fact]
    public async Task Collect_histogram_buckets_false_leaves_sum_and_count() => Assert.Equal(
        ["kubevirt_handler.shop_wait_seconds.sum{endpoint=E} 4.5", "kubevirt_handler.shop_wait_seconds.count{endpoint=E} 6"],
        (await Configured.ScrapeAsync("metrics: [shop_wait_seconds]\ncollect_histogram_buckets: false\ncollect_counters_with_distributions: true")).Lines);

    // 2 up to 0.5, of 5 up to 1 are 3 above 0.5, and of 6 in all is 1 above 1.
    [Fact]
    public async Task Non_cumulative_buckets_count_for_themselves() => Assert.Equal(
        [
            "kubevirt_handler.shop_wait_seconds.bucket{upper_bound=0.5, lower_bound=0, endpoint=E} 2",
            "kubevirt_handler.shop_wait_seconds.bucket{upper_bound=1, lower_bound=0.5, endpoint=E} 3",
            "kubevirt_handler.shop_wait_seconds.bucket{upper_bound=+Inf, lower_bound=1, endpoint=E} 1",
            "kubevirt_handler.shop_wait_seconds.sum{endpoint=E} 4.5",
            "kubevirt_handler.shop_wait_seconds.count{endpoint=E} 6",
        ],
        (await Configured.ScrapeAsync("metrics: [shop_wait_seconds]\nnon_cumulative_histogram_buckets: true")).Lines);

    [Fact]
    public async Task Non_cumulative_buckets_of_several_series_are_kept_apart_and_a_first_bound_below_0_has_no_end()
    {
        await using LoopbackServer server = LoopbackServer.Text("# TYPE h histogram\nh_bucket{a=\"1\",le=\"-1\"} 4\nh_bucket{a=\"2\",le=\"-1\"} 1\nh_bucket{a=\"1\",le=\"+Inf\"} 10\nh_bucket{a=\"2\",le=\"+Inf\"} 8\n");

        Assert.Equal(
            ["1 -1 -Inf 4", "2 -1 -Inf 1", "1 +Inf -1 6", "2 +Inf -1 7"],
            (await Configured.ScrapeAsync(server, "metrics: [h]\nnon_cumulative_histogram_buckets: true")).Samples.Select(sample => $"{sample.Tags["a"]} {sample.Tags["upper_bound"]} {sample.Tags["lower_bound"]} {sample.Value}"));
    }

    [Fact]
    public async Task Raw_line_filters_pass_lines_over_and_keep_the_numbers_of_others()
    {
        await using LoopbackServer server = LoopbackServer.Text(Configured.Body + "process_max_fds no-number\n");

        Configured got = await Configured.ScrapeAsync(server, "raw_line_filters: ['name=\"web\"', '^# TYPE process']");

        Assert.Equal([$"{Memory}{{name=db, vm_namespace=data, node=beta, endpoint=E}} 2048", Files + "{endpoint=E} 61"], got.Lines);
        Assert.Equal(14, Assert.Single(Assert.Single(got.Results).Defects).Line);
    }

    [Fact]
    public async Task Raw_metric_prefix_is_taken_off_names()
    {
        await using LoopbackServer server = LoopbackServer.Text("# TYPE acme_process_open_fds gauge\nacme_process_open_fds 61\n# TYPE acme_kubevirt_vmi_memory_resident_bytes gauge\nacme_kubevirt_vmi_memory_resident_bytes 3");

        Assert.Equal([Files + "{endpoint=E} 61", Memory + "{endpoint=E} 3"], (await Configured.ScrapeAsync(server, "raw_metric_prefix: acme_")).Lines);
    }
}
