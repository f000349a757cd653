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

    // transform.py drops the name of an entry that is a regular expression.
    [Fact]
    public async Task A_name_for_a_regular_expression_is_told_and_not_applied()
    {
        Configured got = await Configured.ScrapeAsync("metrics:\n- '^process_.*': files");

        Assert.Equal(["kubevirt_handler.process_open_fds{endpoint=E} 61"], got.Lines);
        Assert.Contains("the name for '^process_.*' is not applied, as by the Agent: it is a regular expression", Assert.Single(got.Warnings), StringComparison.Ordinal);
    }

    // Seen of the real check with go_memstats_alloc_bytes: the type of the first family of a name is that of the others, unless the entry says native_dynamic.
    [Theory]
    [InlineData("native", "kubevirt_handler.a kubevirt_handler.a")]
    [InlineData("native_dynamic", "kubevirt_handler.a kubevirt_handler.a.count")]
    public async Task A_gauge_and_a_counter_of_one_name_are_what_comes_first(string type, string names)
    {
        await using LoopbackServer server = LoopbackServer.Text("# TYPE a gauge\na 1\n# TYPE a_total counter\na_total 2\n");

        Assert.Equal(names, string.Join(' ', (await Configured.ScrapeAsync(server, $"metrics: [{{a: {{type: {type}}}}}]")).Samples.Select(sample => sample.Name)));
    }

    [Theory]
    [InlineData("metrics: [plain]", 0)]
    [InlineData("metrics: [{plain: {type: gauge}}]", 1)]
    public async Task A_family_without_type_needs_one_in_the_entry(string options, int samples)
    {
        await using LoopbackServer server = LoopbackServer.Text("plain 5\n");

        Assert.Equal(samples, (await Configured.ScrapeAsync(server, options)).Samples.Count);
    }

    [Fact]
    public async Task Without_metrics_the_Agent_sends_nothing_and_the_names_here_are_those_of_the_catalogue()
    {
        Configured got = await Configured.ScrapeAsync("metrics:");

        Assert.Equal([Memory, Memory, Files], got.Samples.Select(sample => sample.Name));
        Assert.Contains("the instance has no metrics, so the Agent would send none of it.", Assert.Single(got.Warnings), StringComparison.Ordinal);
    }

    // Two memories, one of files, and of the histogram two buckets, sum and count: the bucket +Inf is not sent, and does not count.
    [Theory]
    [InlineData("max_returned_metrics: 7", 8, 0)]
    [InlineData("max_returned_metrics: '4'", 4, 3)]
    [InlineData("max_returned_metrics: 3", 3, 4)]
    [InlineData("max_returned_metrics: -1", 8, 0)]
    public async Task What_is_beyond_the_limit_is_omitted_and_told(string options, int samples, int omitted)
    {
        Configured got = await Configured.ScrapeAsync(options + "\nextra_metrics: [shop_wait_seconds]");

        Assert.Equal(samples, got.Samples.Count);
        Assert.Equal(omitted == 0 ? [] : [$"{omitted} samples are omitted, since the Agent sends only {samples} of this instance in one run. Set max_returned_metrics to more, such as 1000000."], got.Results.Single().Warnings.Select(warning => warning[(warning.IndexOf(": ", StringComparison.Ordinal) + 2)..]));
        Assert.Empty(got.Warnings);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("max_returned_metrics: 0", "max_returned_metrics: 0 is not applied, as by the Agent: the limit of this check stays 2000.")]
    [InlineData("max_returned_metrics: many", "max_returned_metrics is not applied, as by the Agent: it is not a whole number.")]
    public async Task The_limit_is_2000_unless_a_number_says_otherwise(string options, string warning)
    {
        await using LoopbackServer server = LoopbackServer.Text("# TYPE a gauge\n" + string.Concat(Enumerable.Range(0, 2003).Select(i => $"a{{i=\"{i}\"}} 1\n")));

        Configured got = await Configured.ScrapeAsync(server, options + "\nmetrics: [a]");

        Assert.Equal(2000, got.Samples.Count);
        Assert.Contains(": 3 samples are omitted", Assert.Single(got.Results.Single().Warnings), StringComparison.Ordinal);
        Assert.Equal(warning, string.Concat(got.Warnings.Select(text => text[text.IndexOf("max_returned", StringComparison.Ordinal)..])) is { Length: > 0 } said ? said[..warning.Length] : "");
    }

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

        // Without its TYPE line, the Agent does not know what to do with the other family.
        Assert.Equal([$"{Memory}{{name=db, vm_namespace=data, node=beta, endpoint=E}} 2048"], got.Lines);
        Assert.Equal(14, Assert.Single(Assert.Single(got.Results).Defects).Line);
    }

    [Fact]
    public async Task Raw_metric_prefix_is_taken_off_names()
    {
        await using LoopbackServer server = LoopbackServer.Text("# TYPE acme_process_open_fds gauge\nacme_process_open_fds 61\n# TYPE acme_kubevirt_vmi_memory_resident_bytes gauge\nacme_kubevirt_vmi_memory_resident_bytes 3");

        Assert.Equal([Files + "{endpoint=E} 61", Memory + "{endpoint=E} 3"], (await Configured.ScrapeAsync(server, "raw_metric_prefix: acme_")).Lines);
    }
}
