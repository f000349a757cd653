using System.Globalization;
using System.Text;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Series;
using Xunit;

namespace KubeVirtMonitor.Tests.Series;

/// <summary>What becomes of the counters of scrapes that follow each other. Expected values are worked out by hand from the rules.</summary>
public sealed class IncrementTrackerTests
{
    private const string Requests = "kubevirt_api.rest.client_requests.count";
    private const string Cpu = "kubevirt_handler.vmi.cpu_usage_seconds.count";

    [Fact]
    public void The_first_scrape_yields_gauges_only_and_the_next_one_increases()
    {
        History api = new(ComponentKind.Api);
        Assert.Equal(["kubevirt_api.process.open_fds 7 gauge"], api.Scrape(0, "process_open_fds 7\n" + Counter("rest_client_requests_total{code=\"200\"} 100")));
        Assert.Equal(
            ["kubevirt_api.process.open_fds 9 gauge", $"{Requests} 12 count over 15"],
            api.Scrape(15, "process_open_fds 9\n" + Counter("rest_client_requests_total{code=\"200\"} 112")));
    }

    [Fact]
    public void A_series_that_appears_later_counts_in_full()
    {
        History api = new(ComponentKind.Api);
        api.Scrape(0, Counter("rest_client_requests_total{code=\"200\"} 100"));
        Assert.Equal([$"{Requests} 0 count over 15", $"{Requests} 3 count over 15"], api.Scrape(15, Counter("rest_client_requests_total{code=\"200\"} 100", "rest_client_requests_total{code=\"500\"} 3")));
        Assert.Equal([$"{Requests} 1 count over 15", $"{Requests} 0 count over 15"], api.Scrape(30, Counter("rest_client_requests_total{code=\"200\"} 101", "rest_client_requests_total{code=\"500\"} 3")));
    }

    [Fact]
    public void A_lower_value_is_a_reset_and_counts()
    {
        History api = new(ComponentKind.Api);
        api.Scrape(0, Counter("rest_client_requests_total 100"));
        Assert.Equal([$"{Requests} 4 count over 15"], api.Scrape(15, Counter("rest_client_requests_total 4")));
        Assert.Equal([$"{Requests} 6 count over 15"], api.Scrape(30, Counter("rest_client_requests_total 10")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_a_scrape_that_failed_the_next_one_is_compared_with_nothing(bool hasBody)
    {
        History api = new(ComponentKind.Api);
        api.Scrape(0, Counter("rest_client_requests_total 100"));
        Assert.Equal(hasBody ? ["kubevirt_api.process.open_fds 7 gauge"] : [], api.Fail(15, hasBody ? "process_open_fds 7\n" + Counter("rest_client_requests_total 110") : null));
        Assert.Empty(api.Scrape(30, Counter("rest_client_requests_total 120")));
        Assert.Equal([$"{Requests} 5 count over 15"], api.Scrape(45, Counter("rest_client_requests_total 125")));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1001.5)]
    public void Of_the_same_process_the_increase_over_a_gap_counts(double start)
    {
        History api = new(ComponentKind.Api);
        api.Scrape(0, Counter("rest_client_requests_total 100"), start: 1000);
        api.Fail(15, "process_open_fds 7\n" + Counter("rest_client_requests_total 110"));
        Assert.Equal([$"{Requests} 20 count over 30"], api.Scrape(30, Counter("rest_client_requests_total 120"), start));
    }

    [Theory]
    [InlineData(false, 120, 120)]
    [InlineData(false, 3, 3)]
    [InlineData(true, 120, 120)]
    [InlineData(true, 100, 100)]
    public void Counters_of_a_process_that_started_since_count_in_full(bool hasFailed, double value, double expected)
    {
        History api = new(ComponentKind.Api);
        api.Scrape(0, Counter("rest_client_requests_total 100"), start: 1000);
        if (hasFailed) api.Fail(15, null);
        Assert.Equal([Invariant($"{Requests} {expected} count over 30")], api.Scrape(30, Counter(Invariant($"rest_client_requests_total {value}")), start: History.Epoch + 12));
        Assert.Equal([$"{Requests} 1 count over 15"], api.Scrape(45, Counter(Invariant($"rest_client_requests_total {value + 1}")), start: History.Epoch + 12));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Counters_of_machines_go_on_when_the_component_restarts(bool hasFailed)
    {
        History handler = new(ComponentKind.Handler);
        handler.Scrape(0, Vmi("a", 5000) + Counter("kubevirt_vmi_sync_total{name=\"a\"} 50"), start: 1000);
        if (hasFailed) handler.Fail(15, null);
        // The machine goes on, one that was started meanwhile counts in full, and so does what the new process counts.
        Assert.Equal(
            [$"{Cpu} 7.5 count over 30", $"{Cpu} 2 count over 30", "kubevirt_handler.vmi.sync.count 60 count over 30"],
            handler.Scrape(30, Vmi("a", 5007.5) + Vmi("b", 2) + Counter("kubevirt_vmi_sync_total{name=\"a\"} 60"), start: History.Epoch + 12));
    }

    [Fact]
    public void A_process_that_ran_already_is_no_restart_but_another_one()
    {
        // As behind a service with two replicas: a series is not new because the other replica does not have it.
        History api = new(ComponentKind.Api);
        api.Scrape(0, Counter("rest_client_requests_total{code=\"200\"} 100"), start: 1000);
        Assert.Empty(api.Scrape(15, Counter("rest_client_requests_total{code=\"200\"} 90000", "rest_client_requests_total{code=\"500\"} 7"), start: 2000));
        Assert.Empty(api.Scrape(30, Counter("rest_client_requests_total{code=\"200\"} 101"), start: 1000));
        Assert.Equal([$"{Requests} 1 count over 15"], api.Scrape(45, Counter("rest_client_requests_total{code=\"200\"} 102"), start: 1000));
    }

    [Fact]
    public void A_machine_that_migrates_counts_in_full_where_it_arrives_and_nowhere_else()
    {
        IncrementTrackerRun both = new();
        History source = new(ComponentKind.Handler, both, "source");
        History target = new(ComponentKind.Handler, both, "target");
        source.Scrape(0, Vmi("a", 5000), start: 1000);
        target.Scrape(0, Vmi("b", 100), start: 1000);
        Assert.Equal([$"{Cpu} 15 count over 15"], source.Scrape(15, Vmi("a", 5015), start: 1000));
        Assert.Equal([$"{Cpu} 1 count over 15"], target.Scrape(15, Vmi("b", 101), start: 1000));
        // QEMU on the other node counts anew.
        Assert.Equal(["kubevirt_handler.process.open_fds 7 gauge"], source.Scrape(30, "process_open_fds 7\n", start: 1000));
        Assert.Equal([$"{Cpu} 6.5 count over 15", $"{Cpu} 1 count over 15"], target.Scrape(30, Vmi("a", 6.5) + Vmi("b", 102), start: 1000));
        // And comes back, into a QEMU that counts anew again.
        Assert.Equal([$"{Cpu} 4 count over 30"], source.Scrape(45, Vmi("a", 4), start: 1000));
    }

    [Fact]
    public void A_series_that_is_missing_for_less_than_five_minutes_goes_on_and_one_that_is_gone_for_longer_is_new()
    {
        History handler = new(ComponentKind.Handler);
        handler.Scrape(0, Vmi("a", 5000) + Vmi("b", 10));
        for (int second = 15; second < 300; second += 15) handler.Scrape(second, Vmi("b", 10));
        Assert.Equal([$"{Cpu} 30 count over 300", $"{Cpu} 0 count over 15"], handler.Scrape(300, Vmi("a", 5030) + Vmi("b", 10)));
        for (int second = 315; second <= 615; second += 15) handler.Scrape(second, Vmi("b", 10));
        Assert.Equal([$"{Cpu} 5060 count over 15", $"{Cpu} 0 count over 15"], handler.Scrape(630, Vmi("a", 5060) + Vmi("b", 10)));
    }

    [Fact]
    public void One_scrape_without_a_series_does_no_harm_however_long_the_interval()
    {
        History handler = new(ComponentKind.Handler);
        handler.Scrape(0, Vmi("a", 5000));
        handler.Scrape(3600, Vmi("b", 10));
        Assert.Equal([$"{Cpu} 30 count over 7200"], handler.Scrape(7200, Vmi("a", 5030)));
    }

    [Fact]
    public void Every_part_of_a_histogram_is_a_counter()
    {
        static string Histogram(int low, int all, double sum) => Invariant($"# TYPE h histogram\nh_bucket{{le=\"1\"}} {low}\nh_bucket{{le=\"+Inf\"}} {all}\nh_sum {sum}\nh_count {all}\n");
        History api = new(ComponentKind.Api);
        api.Scrape(0, Histogram(1, 4, 10));
        Assert.Equal(["h_bucket 2 count over 15", "h_bucket 3 count over 15", "h_sum 1.5 count over 15", "h_count 3 count over 15"], api.Scrape(15, Histogram(3, 7, 11.5)));
        Assert.Equal(["h_bucket 1 count over 15", "h_bucket 1 count over 15", "h_sum 0.25 count over 15", "h_count 1 count over 15"], api.Scrape(30, Histogram(1, 1, 0.25)));
    }

    [Theory]
    [InlineData(-3, -5, -2)]
    [InlineData(2, -1, -3)]
    [InlineData(-1, 4, 5)]
    [InlineData(5, 3, 3)]
    public void The_sum_of_a_histogram_of_both_signs_may_fall(double before, double after, double expected)
    {
        static string Histogram(double sum, int count) => Invariant($"# TYPE h histogram\nh_bucket{{le=\"-1\"}} 1\nh_bucket{{le=\"+Inf\"}} {count}\nh_sum {sum}\nh_count {count}\n");
        History api = new(ComponentKind.Api);
        api.Scrape(0, Histogram(before, 4));
        Assert.Equal(Invariant($"h_sum {expected} count over 15"), api.Scrape(15, Histogram(after, 5))[2]);
    }

    [Fact]
    public void What_the_catalogue_knows_is_a_counter_by_the_catalogue_whatever_its_type()
    {
        // Cumulative, and typed gauge by KubeVirt; a time, and typed counter; the processor time of 1.0.0, typed gauge.
        string Text(int traffic, double cpu) => Invariant($"# TYPE kubevirt_vmi_memory_swap_in_traffic_bytes gauge\nkubevirt_vmi_memory_swap_in_traffic_bytes{{name=\"a\"}} {traffic}\n# TYPE kubevirt_vmi_cpu_usage_seconds gauge\nkubevirt_vmi_cpu_usage_seconds{{name=\"a\"}} {cpu}\n");
        History handler = new(ComponentKind.Handler);
        Assert.Equal(["kubevirt_handler.vmi.memory_swap_in_traffic_bytes 4096 gauge"], handler.Scrape(0, Text(4096, 30)));
        Assert.Equal(["kubevirt_handler.vmi.memory_swap_in_traffic_bytes 8192 gauge", $"{Cpu} 2 count over 15"], handler.Scrape(15, Text(8192, 32)));

        static string Transition(long time) => $"# TYPE kubevirt_vm_running_status_last_transition_timestamp_seconds counter\nkubevirt_vm_running_status_last_transition_timestamp_seconds{{name=\"a\"}} {time}\n";
        History controller = new(ComponentKind.Controller);
        controller.Scrape(0, Transition(1_700_000_000));
        Assert.Equal(["kubevirt_controller.vm.running_status_last_transition_timestamp_seconds.count 1700000100 gauge"], controller.Scrape(15, Transition(1_700_000_100)));
    }

    [Fact]
    public void The_moment_at_which_a_series_began_is_no_counter()
    {
        static string Text(int total) => $"# TYPE c counter\nc_total {total}\nc_created 1700000000.5\n# EOF\n";
        History api = new(ComponentKind.Api);
        api.Scrape(0, Text(4));
        Assert.Equal(["c_total 1 count over 15", "c_created 1700000000.5 gauge"], api.Scrape(15, Text(5)));
    }

    [Fact]
    public void The_labels_of_a_machine_and_the_state_of_a_processor_do_not_make_a_new_series()
    {
        History handler = new(ComponentKind.Handler);
        string Vcpu(string state, double value) => Counter(Invariant($"kubevirt_vmi_vcpu_seconds_total{{id=\"0\",name=\"a\",state=\"{state}\"}} {value}"));
        handler.Scrape(0, Counter("kubevirt_vmi_cpu_usage_seconds_total{kubernetes_vmi_label_app=\"x\",name=\"a\"} 50") + Vcpu("running", 40), version: "v1.6.0");
        string[] second = handler.Scrape(15, Counter("kubevirt_vmi_cpu_usage_seconds_total{kubernetes_vmi_label_app=\"x\",kubernetes_vmi_label_new=\"y\",name=\"a\"} 51") + Vcpu("blocked", 40.5), version: "v1.6.0");
        Assert.Equal([$"{Cpu} 1 count over 15", "kubevirt_handler.vmi.vcpu_seconds.count 0.5 count over 15"], second);
        // Elsewhere a state is what tells series apart.
        History api = new(ComponentKind.Api);
        api.Scrape(0, Counter("c_total{state=\"a\"} 1"));
        Assert.Equal(["c_total 5 count over 15"], api.Scrape(15, Counter("c_total{state=\"b\"} 5")));
    }

    [Fact]
    public void Samples_with_a_time_of_their_own_are_written_once_in_the_order_of_time_and_as_they_are()
    {
        static string Migration(params (int Second, int Value)[] samples) => "# TYPE kubevirt_vmi_migration_data_bytes_total counter\n" + string.Concat(samples.Select(sample =>
            $"kubevirt_vmi_migration_data_bytes_total{{name=\"a\"}} {sample.Value} {((History.Epoch + sample.Second) * 1000).ToString(CultureInfo.InvariantCulture)}\n"));
        const string Name = "kubevirt_handler.vmi.migration_data_bytes.count";
        History handler = new(ComponentKind.Handler);
        Assert.Equal([$"{Name} 10 count at 5", $"{Name} 8 count at 10"], handler.Scrape(12, Migration((10, 8), (5, 10))));
        // Served again, with one more, and gauges of the scrape before them.
        Assert.Equal(["kubevirt_handler.process.open_fds 7 gauge", $"{Name} 6 count at 15"], handler.Scrape(27, Migration((15, 6), (10, 8), (5, 10)) + "process_open_fds 7\n"));
        Assert.Empty(handler.Scrape(42, Migration((15, 6), (10, 8), (5, 10))));
    }

    [Fact]
    public void Counters_with_a_time_of_their_own_increase_over_the_time_between()
    {
        static string At(int value, int second) => "# TYPE c_total counter\n" + $"c_total {value} {((History.Epoch + second) * 1000).ToString(CultureInfo.InvariantCulture)}\n";
        History api = new(ComponentKind.Api);
        Assert.Empty(api.Scrape(2, At(5, 0)));
        Assert.Equal(["c_total 3 count over 10 at 10"], api.Scrape(17, At(8, 10)));
        Assert.Empty(api.Scrape(32, At(8, 10)));
        Assert.Equal(["c_total 4 count over 30 at 40"], api.Scrape(47, At(12, 40)));
    }

    [Fact]
    public void Rates_are_increases_by_the_second()
    {
        History handler = new(ComponentKind.Handler, new IncrementTrackerRun(asRates: true));
        handler.Scrape(0, Counter("kubevirt_vmi_storage_read_traffic_bytes_total{drive=\"vda\",name=\"a\"} 1000") + Counter("go_memstats_mallocs_total 5") + Counter("c_total 5"));
        handler.Scrape(10, Counter("kubevirt_vmi_storage_read_traffic_bytes_total{drive=\"vda\",name=\"a\"} 6000") + Counter("go_memstats_mallocs_total 25") + Counter("c_total 6") + "process_open_fds 7\n");
        Assert.Equal(
            ["500 byte/second Gauge 10", "2 object/second Gauge 10", "0.1 1/second Gauge 10", "7 file Gauge "],
            handler.Last.Select(sample => Invariant($"{sample.Value} {sample.Unit} {sample.Kind} {sample.Interval?.TotalSeconds}")));
        Assert.Equal("a", handler.Last[0].Vmi);
        Assert.Equal("vda", handler.Last[0].Tags["drive"]);
        Assert.Equal("kubevirt_vmi_storage_read_traffic_bytes_total", handler.Last[0].RawName);
    }

    [Fact]
    public void A_clock_that_was_set_back_leaves_nothing_to_compare_with()
    {
        History api = new(ComponentKind.Api);
        api.Scrape(100, Counter("c_total 5"));
        Assert.Empty(api.Scrape(50, Counter("c_total 8")));
        Assert.Equal(["c_total 1 count over 15"], api.Scrape(65, Counter("c_total 9")));
    }

    [Fact]
    public void What_is_no_number_for_once_is_passed_over()
    {
        History api = new(ComponentKind.Api);
        api.Scrape(0, Counter("c_total 5"));
        Assert.Equal(["c_total NaN count over 15"], api.Scrape(15, Counter("c_total NaN")));
        Assert.Equal(["c_total 3 count over 30"], api.Scrape(30, Counter("c_total 8")));
    }

    [Fact]
    public void Another_pod_with_the_same_address_is_another_target()
    {
        IncrementTrackerRun run = new();
        History old = new(ComponentKind.Handler, run, "https://10.0.0.1:8443/metrics", "virt-handler-a");
        History young = new(ComponentKind.Handler, run, "https://10.0.0.1:8443/metrics", "virt-handler-b");
        old.Scrape(0, Vmi("a", 10));
        Assert.Empty(young.Scrape(15, Vmi("b", 5000)));
        Assert.Equal(2, run.Tracker.Targets);
    }

    [Fact]
    public void Names_and_labels_that_change_with_every_scrape_leave_nothing_behind()
    {
        History api = new(ComponentKind.Api) { KeepsMemory = true };
        List<(int Series, int Sets)> remembered = [];
        for (int round = 0; round < 10_000; round++)
        {
            api.Scrape(round * 15, Counter($"a{round}_total 1", $"c_total{{pod=\"{round}\"}} 1", "d_total 1"));
            if (round % 1000 == 999) remembered.Add((api.Run.Tracker.Series, api.Run.Tracker.LabelSets));
        }

        // 21 scrapes fall into five minutes, both ends counted, with two series each that no other one has.
        Assert.All(remembered, count => Assert.Equal(43, count.Series));
        Assert.All(remembered, count => Assert.InRange(count.Sets, 21, 1024 + 64));
    }

    [Fact]
    public void Targets_that_are_gone_are_forgotten()
    {
        IncrementTrackerRun run = new();
        History stays = new(ComponentKind.Api, run, "stays");
        for (int round = 0; round < 200; round++)
        {
            stays.Scrape(round * 15, Counter("c_total 1"));
            new History(ComponentKind.Api, run, $"target {round}").Scrape(round * 15, Counter("c_total 1"));
            run.Tracker.EndRound(History.Start.AddSeconds(round * 15));
            Assert.InRange(run.Tracker.Targets, 1, 23);
        }

        Assert.Equal(["c_total 2 count over 15"], stays.Scrape(3000, Counter("c_total 3")));
    }

    [Fact]
    public void A_round_without_a_target_is_a_scrape_of_it_that_failed()
    {
        History api = new(ComponentKind.Api);
        api.Scrape(0, Counter("c_total 5"));
        api.Run.Tracker.EndRound(History.Start);
        api.Run.Tracker.EndRound(History.Start.AddSeconds(15));
        Assert.Empty(api.Scrape(30, Counter("c_total 8")));
        api.Run.Tracker.EndRound(History.Start.AddSeconds(30));
        Assert.Equal(["c_total 2 count over 15"], api.Scrape(45, Counter("c_total 10")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Series_in_another_order_and_in_another_table_are_the_same(bool keepsMemory)
    {
        History handler = new(ComponentKind.Handler) { KeepsMemory = keepsMemory };
        handler.Scrape(0, Counter(Series(0, 100)));
        Assert.Equal(Enumerable.Range(0, 100).Reverse().Select(i => Invariant($"{Cpu} {i} count over 15")), handler.Scrape(15, Counter([.. Series(1, 100).Reverse()])));
        Assert.Equal(100, handler.Run.Tracker.Series);
        // One machine in the middle is gone, and others have come.
        string[] fewer = [.. Series(2, 102).Where((_, i) => i != 50)];
        Assert.Equal(
            Enumerable.Range(0, 102).Where(i => i != 50).Select(i => Invariant($"{Cpu} {(i < 100 ? i : i * 2)} count over 15")),
            handler.Scrape(30, Counter(fewer)));

        static string[] Series(int factor, int count) => [.. Enumerable.Range(0, count).Select(i => Invariant($"kubevirt_vmi_cpu_usage_seconds_total{{name=\"{i}\"}} {i * factor}"))];
    }

    private static string Counter(params string[] lines) => string.Concat(lines.GroupBy(line => line.Split('{', ' ')[0]).Select(family => $"# TYPE {family.Key} counter\n{string.Join('\n', family)}\n"));

    private static string Vmi(string name, double cpu) => Invariant($"kubevirt_vmi_cpu_usage_seconds_total{{name=\"{name}\",namespace=\"n\"}} {cpu}\n");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

/// <summary>A tracker, with what it has written.</summary>
internal sealed class IncrementTrackerRun
{
    public IncrementTrackerRun(bool asRates = false) => Tracker = new IncrementTracker(Written.Add, asRates);

    public IncrementTracker Tracker { get; }

    public List<MetricSample> Written { get; } = [];
}

/// <summary>The scrapes of one target, told one by one.</summary>
internal sealed class History(ComponentKind component, IncrementTrackerRun? run = null, string target = "test", string? pod = null, SampleOrigin? origin = null)
{
    public const long Epoch = 1_800_000_000;

    public static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(Epoch);

    private readonly TargetMemory _memory = new();
    private int _round = -1;

    public IncrementTrackerRun Run { get; } = run ?? new IncrementTrackerRun();

    /// <summary>Whether labels keep their numbers from scrape to scrape.</summary>
    public bool KeepsMemory { get; init; }

    /// <summary>What the last scrape yielded.</summary>
    public MetricSample[] Last { get; private set; } = [];

    public string[] Scrape(double second, string text, double? start = null, string? version = null)
    {
        string head = version is null ? "" : $"kubevirt_info{{kubeversion=\"{version}\"}} 1\n";
        string tail = start is null ? "" : FormattableString.Invariant($"process_start_time_seconds {start}\n");
        return Take(second, text.EndsWith("# EOF\n", StringComparison.Ordinal) ? text : head + text + tail, isWhole: true);
    }

    public string[] Fail(double second, string? text) => Take(second, text, isWhole: false);

    private string[] Take(double second, string? text, bool isWhole)
    {
        // In a round, a target is scraped once.
        if (_round == Run.Tracker.Round) Run.Tracker.EndRound(Start.AddSeconds(second));
        _round = Run.Tracker.Round;
        Run.Written.Clear();
        ScrapeSummary? summary = null;
        if (text is not null)
        {
            TargetInfo info = new() { Target = target, Component = component, PodName = pod, Origin = origin };
            using ScrapeReader reader = new(
                info, new MappingOptions { IncludeUnmapped = true, NameFilter = (_, raw) => raw is not ("process_start_time_seconds" or "kubevirt_info") }, Run.Tracker.Add, memory: KeepsMemory ? _memory : null, timestamp: Start.AddSeconds(second));
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            bytes.CopyTo(reader.GetMemory(bytes.Length));
            reader.Advance(bytes.Length);
            summary = reader.Complete(isWhole ? BodyEnd.Whole : BodyEnd.Broken);
        }

        Run.Tracker.EndScrape(new SeriesTarget(origin, target, pod), summary, isWhole);
        Last = [.. Run.Written];
        return [.. Last.Select(sample => Line(sample, Start.AddSeconds(second)))];
    }

    // The tags are left out: the order tells the series apart.
    private static string Line(MetricSample sample, DateTimeOffset scrape)
    {
        string over = sample.Interval is { } interval ? $" over {interval.TotalSeconds.ToString(CultureInfo.InvariantCulture)}" : "";
        string at = sample.Timestamp == scrape ? "" : $" at {(sample.Timestamp - Start).TotalSeconds.ToString(CultureInfo.InvariantCulture)}";
        return $"{sample.Name} {sample.Value.ToString("R", CultureInfo.InvariantCulture)} {sample.Kind.ToString().ToLowerInvariant()}{over}{at}";
    }
}
