using System.Text;
using KubeVirtMonitor.Exposition;
using KubeVirtMonitor.Mapping;
using Xunit;

namespace KubeVirtMonitor.Tests.Mapping;

public class ScrapeReaderTests
{
    private static readonly MappingOptions Unmapped = new() { IncludeUnmapped = true };

    [Fact]
    public void Maps_gauges_counters_histograms_and_summaries_by_the_rules_of_the_Agent()
    {
        Mapped scrape = Mapped.Read(
            """
            # TYPE process_open_fds gauge
            process_open_fds 17
            # TYPE rest_client_requests_total counter
            rest_client_requests_total{code="200",host="10.0.0.1:443",method="GET"} 5
            # TYPE rest_client_request_latency_seconds histogram
            rest_client_request_latency_seconds_bucket{url="u",verb="GET",le="0.5"} 1
            rest_client_request_latency_seconds_bucket{url="u",verb="GET",le="+Inf"} 2
            rest_client_request_latency_seconds_sum{url="u",verb="GET"} 0.75
            rest_client_request_latency_seconds_count{url="u",verb="GET"} 2
            # TYPE go_gc_duration_seconds summary
            go_gc_duration_seconds{quantile="0.5"} 0.25
            go_gc_duration_seconds_sum 3
            go_gc_duration_seconds_count 12
            """,
            ComponentKind.Api);

        Assert.Equal(
            [
                "kubevirt_api.process.open_fds{} 17",
                "kubevirt_api.rest.client_requests.count{code=200, kubevirt_api_host=10.0.0.1:443, method=GET} 5",
                "kubevirt_api.rest.client_request_latency_seconds.bucket{url=u, verb=GET, upper_bound=0.5} 1",
                "kubevirt_api.rest.client_request_latency_seconds.bucket{url=u, verb=GET, upper_bound=+Inf} 2",
                "kubevirt_api.rest.client_request_latency_seconds.sum{url=u, verb=GET} 0.75",
                "kubevirt_api.rest.client_request_latency_seconds.count{url=u, verb=GET} 2",
                "kubevirt_api.go.gc_duration_seconds.quantile{quantile=0.5} 0.25",
                "kubevirt_api.go.gc_duration_seconds.sum{} 3",
                "kubevirt_api.go.gc_duration_seconds.count{} 12",
            ],
            scrape.Samples.Select(sample => sample.ToString()));
        Assert.Equal(
            [MetricKind.Gauge, MetricKind.Count, MetricKind.Count, MetricKind.Count, MetricKind.Count, MetricKind.Count, MetricKind.Gauge, MetricKind.Count, MetricKind.Count],
            scrape.Samples.Select(sample => sample.Kind));
        Each.Of(scrape.Samples, sample => Assert.Equal(Mapped.At, sample.Timestamp));
    }

    [Fact]
    public void Renames_and_drops_labels_and_adds_the_tags_of_the_target()
    {
        TargetInfo target = new()
        {
            Target = "https://10.0.0.7:8443/metrics",
            Endpoint = "https://10.0.0.7:8443/metrics",
            PodName = "virt-handler-abcde",
            KubeNamespace = "kubevirt",
            AddTags = [new("site", "north"), new("name", "mine")],
        };
        Mapped scrape = Mapped.Read(
            "# TYPE kubevirt_vmi_memory_resident_bytes gauge\nkubevirt_vmi_memory_resident_bytes{instance_type=\"<none>\",name=\"vm1\",namespace=\"prod\",node=\"n1\",os=\"\"} 1024\n",
            ComponentKind.Handler,
            target: target);

        MetricSample sample = Assert.Single(scrape.Samples);
        Assert.Equal(
            "vm_namespace=prod, node=n1, endpoint=https://10.0.0.7:8443/metrics, pod_name=virt-handler-abcde, kube_namespace=kubevirt, site=north, name=mine",
            sample.Tags.ToString());
        Assert.Equal("prod", sample.Tags["vm_namespace"]);
        Assert.False(sample.Tags.ContainsKey("namespace"));
        Assert.Equal("byte", sample.Unit);
        Assert.Equal("kubevirt_vmi_memory_resident_bytes", sample.RawName);
    }

    [Fact]
    public void Adds_the_tags_of_the_target_to_series_without_labels_too()
    {
        TargetInfo target = new() { Target = "t", Endpoint = "https://a/metrics", AddTags = [new("site", "north")] };

        Mapped scrape = Mapped.Read("process_open_fds 1\nprocess_max_fds{} 2\n", ComponentKind.Api, target: target);

        Each.Of(scrape.Samples, sample => Assert.Equal("endpoint=https://a/metrics, site=north", sample.Tags.ToString()));
    }

    [Fact]
    public void Raw_keeps_names_labels_values_and_types_as_served()
    {
        Mapped scrape = Mapped.Read(
            "# HELP kubevirt_vmi_storage_read_times_ms_total Served help.\n# TYPE kubevirt_vmi_storage_read_times_ms_total counter\nkubevirt_vmi_storage_read_times_ms_total{namespace=\"prod\",x=\"<none>\",le=\"1\"} 1500\n",
            ComponentKind.Handler,
            new MappingOptions { Raw = true });

        MetricSample sample = Assert.Single(scrape.Samples);
        Assert.Equal("kubevirt_vmi_storage_read_times_ms_total{namespace=prod, x=<none>, le=1} 1500", sample.ToString());
        Assert.Equal((MetricKind.Count, null, "Served help."), (sample.Kind, sample.Correction, sample.Description));
    }

    [Fact]
    public void Divides_milliseconds_of_KubeVirt_1_0_by_a_thousand_and_says_so()
    {
        Mapped scrape = Mapped.Read("# TYPE kubevirt_vmi_storage_read_times_ms_total counter\nkubevirt_vmi_storage_read_times_ms_total{name=\"vm1\"} 1500\n", ComponentKind.Handler);

        MetricSample sample = Assert.Single(scrape.Samples);
        Assert.Equal("kubevirt_handler.vmi.storage_read_times_seconds.count{name=vm1} 1.5", sample.ToString());
        Assert.Contains("1000", sample.Correction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v1.2.2", null, 1.5, "divided by 1000")]
    [InlineData("v1.9.0", null, 1500d, null)]
    [InlineData("v1.9.0", "1.2", 1500d, null)]
    [InlineData("v0.0.0-master+$Format:%h$", "1.2", 1.5, "divided by 1000")]
    [InlineData("v0.0.0-master+$Format:%h$", null, 1500d, "not corrected")]
    [InlineData(null, "1.5", 1.5, "divided by 1000")]
    [InlineData(null, "1.6", 1500d, null)]
    public void Corrects_vcpu_seconds_by_the_version_of_the_scrape_else_of_the_user(string? stated, string? user, double expected, string? correction)
    {
        string info = stated is null ? "" : $"# TYPE kubevirt_info gauge\nkubevirt_info{{goversion=\"go1.21\",kubeversion=\"{stated}\"}} 1\n";
        Mapped scrape = Mapped.Read(
            info + "# TYPE kubevirt_vmi_vcpu_seconds_total counter\nkubevirt_vmi_vcpu_seconds_total{id=\"0\",name=\"vm1\",state=\"running\"} 1500\n",
            ComponentKind.Handler,
            new MappingOptions { Version = user is null ? null : KubeVirtVersion.Parse(user) });

        MetricSample sample = Assert.Single(scrape.Samples);
        Assert.Equal(expected, sample.Value);
        if (correction is null) Assert.Null(sample.Correction);
        else Assert.StartsWith(correction, sample.Correction, StringComparison.Ordinal);
    }

    [Fact]
    public void Infers_that_vcpu_seconds_are_milliseconds_where_absent_values_are_none()
    {
        Mapped scrape = Mapped.Read(
            "kubevirt_vmi_vcpu_seconds_total{id=\"0\",name=\"vm1\",x=\"<none>\"} 1500\nkubevirt_vmi_migration_data_total_bytes{name=\"vm1\"} 2\n",
            ComponentKind.Handler);

        Assert.Equal(1.5, scrape.Samples.Single(sample => sample.RawName == "kubevirt_vmi_vcpu_seconds_total").Value);
    }

    [Fact]
    public void Leaves_the_value_alone_and_says_so_where_nothing_tells_the_version()
    {
        Mapped scrape = Mapped.Read("kubevirt_vmi_vcpu_seconds_total{id=\"0\",name=\"vm1\"} 1500\n", ComponentKind.Handler);

        MetricSample sample = Assert.Single(scrape.Samples);
        Assert.Equal(1500, sample.Value);
        Assert.Equal("not corrected: KubeVirt before 1.6 reports 1000 times the value, and the version is neither specified nor in the scrape", sample.Correction);
    }

    [Theory]
    [InlineData("1.1", "kubevirt_handler.vmi.migration_disk_transfer_rate_bytes")]
    [InlineData("1.7", "kubevirt_handler.vmi.migration_memory_transfer_rate_bytes")]
    public void Takes_the_name_that_the_version_gives_to_a_family(string version, string expected)
    {
        const string Text = "kubevirt_vmi_migration_memory_transfer_rate_bytes{name=\"vm1\"} 5\n";
        MappingOptions options = new() { Version = KubeVirtVersion.Parse(version) };

        Assert.Equal(expected, Assert.Single(Mapped.Read(Text, ComponentKind.Handler, options).Samples).Name);
        Assert.Single(Mapped.Read(Text, ComponentKind.Handler, options with { NameFilter = (name, _) => name == expected }).Samples);
        Assert.Empty(Mapped.Read(Text, ComponentKind.Handler, options with { NameFilter = (name, _) => name != expected }).Samples);
    }

    [Fact]
    public void Infers_that_vcpu_seconds_are_seconds_where_newer_names_occur()
    {
        Mapped scrape = Mapped.Read(
            "kubevirt_vmi_dirty_rate_bytes_per_second{name=\"vm1\"} 1\nkubevirt_vmi_vcpu_seconds_total{id=\"0\",name=\"vm1\"} 1500\n",
            ComponentKind.Handler);

        MetricSample sample = scrape.Samples.Single(candidate => candidate.RawName == "kubevirt_vmi_vcpu_seconds_total");
        Assert.Equal((1500d, null), (sample.Value, sample.Correction));
        Assert.Equal(VersionSource.Inferred, scrape.Summary.VersionSource);
    }

    [Fact]
    public void Last_transitions_are_times_and_never_counts()
    {
        Mapped scrape = Mapped.Read(
            "# TYPE kubevirt_vm_running_status_last_transition_timestamp_seconds counter\nkubevirt_vm_running_status_last_transition_timestamp_seconds{name=\"a\",namespace=\"n\"} 1.795176e+09\nkubevirt_vm_running_status_last_transition_timestamp_seconds{name=\"b\",namespace=\"n\"} 0\n",
            ComponentKind.Controller);

        Assert.Equal(Mapped.At, scrape.Samples[0].Time);
        Assert.Null(scrape.Samples[1].Time);
        Each.Of(scrape.Samples, sample => Assert.Equal(MetricKind.Gauge, sample.Kind));
        Each.Of(scrape.Samples, sample => Assert.Equal("kubevirt_controller.vm.running_status_last_transition_timestamp_seconds.count", sample.Name));
        Each.Of(scrape.Samples, sample => Assert.NotNull(sample.Correction));
    }

    [Fact]
    public void Rebuilds_phase_count_from_vmi_info()
    {
        Mapped scrape = Mapped.Read(
            """
            # TYPE kubevirt_vmi_info gauge
            kubevirt_vmi_info{name="a",namespace="x",node="n1",phase="running",os="fedora",workload="server",flavor="small",instance_type="",vmi_pod="p1"} 1
            kubevirt_vmi_info{name="b",namespace="y",node="n1",phase="running",os="fedora",workload="server",flavor="small",instance_type="",vmi_pod="p2"} 1
            kubevirt_vmi_info{name="c",namespace="x",node="n2",phase="running",os="fedora",workload="server",flavor="small",instance_type="",vmi_pod="p3"} 1
            kubevirt_vmi_info{name="d",namespace="x",node="",phase="pending",os="",workload="",flavor="",instance_type="",vmi_pod=""} 1
            """,
            ComponentKind.Controller,
            new MappingOptions { NameFilter = (name, _) => name == "kubevirt_controller.vmi.phase_count" });

        Assert.Equal(
            [
                "kubevirt_controller.vmi.phase_count{node=n1, phase=running, os=fedora, workload=server, flavor=small} 2",
                "kubevirt_controller.vmi.phase_count{node=n2, phase=running, os=fedora, workload=server, flavor=small} 1",
                "kubevirt_controller.vmi.phase_count{phase=pending} 1",
            ],
            scrape.Samples.Select(sample => sample.ToString()));
        Each.Of(scrape.Samples, sample => Assert.StartsWith("rebuilt", sample.Correction, StringComparison.Ordinal));
    }

    [Fact]
    public void Phase_count_groups_by_the_architecture_of_the_guest()
    {
        Mapped scrape = Mapped.Read(
            """
            # TYPE kubevirt_vmi_info gauge
            kubevirt_vmi_info{name="a",node="n1",phase="running",guest_os_machine="q35",guest_os_arch="amd64",vmi_pod="p1"} 1
            kubevirt_vmi_info{name="b",node="n1",phase="running",guest_os_machine="virt",guest_os_arch="arm64",vmi_pod="p2"} 1
            kubevirt_vmi_info{name="c",node="n1",phase="running",guest_os_machine="virt",guest_os_arch="arm64",vmi_pod="p3"} 1
            kubevirt_vmi_info{name="d",node="n1",phase="running",guest_os_machine="q35",guest_os_arch="",vmi_pod="p4"} 1
            """,
            ComponentKind.Controller,
            new MappingOptions { NameFilter = (name, _) => name == "kubevirt_controller.vmi.phase_count" });

        Assert.Equal(
            [
                "kubevirt_controller.vmi.phase_count{node=n1, phase=running, guest_os_machine=q35, guest_os_arch=amd64} 1",
                "kubevirt_controller.vmi.phase_count{node=n1, phase=running, guest_os_machine=virt, guest_os_arch=arm64} 2",
                "kubevirt_controller.vmi.phase_count{node=n1, phase=running, guest_os_machine=q35} 1",
            ],
            scrape.Samples.Select(sample => sample.ToString()));
    }

    [Fact]
    public void Leaves_phase_count_alone_where_the_endpoint_has_it()
    {
        Mapped scrape = Mapped.Read(
            "kubevirt_vmi_info{name=\"a\",phase=\"running\"} 1\nkubevirt_vmi_phase_count{phase=\"running\"} 7\n",
            ComponentKind.Controller,
            new MappingOptions { NameFilter = (name, _) => name == "kubevirt_controller.vmi.phase_count" });

        MetricSample sample = Assert.Single(scrape.Samples);
        Assert.Equal((7d, null), (sample.Value, sample.Correction));
    }

    [Theory]
    [InlineData("kubevirt_vmi_cpu_usage_seconds_total{name=\"a\"} 1\n", ComponentKind.Handler)]
    [InlineData("go_goroutines 4\n# TYPE kubevirt_virt_controller_leading_status gauge\nkubevirt_virt_controller_leading_status 1\n", ComponentKind.Controller)]
    [InlineData("go_goroutines 4\nprocess_open_fds 4\nrest_client_requests_total{code=\"200\"} 4\n", ComponentKind.Api)]
    [InlineData("kubevirt_virt_operator_ready_status 1\n", ComponentKind.Operator)]
    [InlineData("node_load1 1\n", null)]
    public void Recognises_the_component_by_names(string text, ComponentKind? expected)
    {
        Assert.Equal(expected, Mapped.Read(text).Summary.Component);
        Assert.Equal(expected, Mapped.Read(text, window: 7).Summary.Component);
        Assert.Equal(expected, Mapped.Read(text, window: 0).Summary.Component);
    }

    [Fact]
    public void Filters_by_module_or_raw_name_and_counts_what_it_passes_over()
    {
        string text = "process_open_fds 1\nprocess_max_fds{a=\"1\"} 2\nprocess_max_fds{a=\"2\"} 3\ngo_threads 4\n";

        Mapped byModuleName = Mapped.Read(text, ComponentKind.Api, new MappingOptions { NameFilter = (name, _) => name == "kubevirt_api.process.open_fds" });
        Mapped byRawName = Mapped.Read(text, ComponentKind.Api, new MappingOptions { NameFilter = (_, raw) => raw == "go_threads" });

        Assert.Equal([1d], byModuleName.Samples.Select(sample => sample.Value));
        Assert.Equal([4d], byRawName.Samples.Select(sample => sample.Value));
        Assert.Equal(4, byRawName.Summary.Series);
        Assert.Equal([1L, 2, 1], byRawName.Summary.Families.Select(family => family.Series));
    }

    [Fact]
    public void Filters_by_tags_once_per_label_set()
    {
        int asked = 0;
        MappingOptions options = new()
        {
            TagFilter = tags =>
            {
                asked++;
                return tags.TryGetValue("name", out string? name) && name == "vm2";
            },
        };
        string text = string.Concat(Enumerable.Range(0, 50).Select(family => $"kubevirt_vmi_x{family}{{name=\"vm1\"}} 1\nkubevirt_vmi_x{family}{{name=\"vm2\"}} 2\n"));

        Mapped scrape = Mapped.Read(text, ComponentKind.Handler, options with { IncludeUnmapped = true });

        Assert.Equal(50, scrape.Samples.Count);
        Each.Of(scrape.Samples, sample => Assert.Equal(2, sample.Value));
        Assert.Equal(2, asked);
    }

    [Fact]
    public void Leaves_out_what_the_catalogue_does_not_know_unless_asked()
    {
        string text = "# HELP my_total Mine.\n# TYPE my_total counter\nmy_total 1\nprocess_open_fds 2\n";

        Assert.Equal(["kubevirt_api.process.open_fds"], Mapped.Read(text, ComponentKind.Api).Samples.Select(sample => sample.Name));
        MetricSample own = Mapped.Read(text, ComponentKind.Api, Unmapped).Samples[0];
        Assert.Equal(("my_total", MetricKind.Count, "Mine."), (own.Name, own.Kind, own.Description));
    }

    [Fact]
    public void Keeps_timestamps_of_lines()
    {
        Mapped scrape = Mapped.Read("m{a=\"1\"} 1 1000\nm{a=\"1\"} 2 2000\nm{a=\"2\"} 3\n", ComponentKind.Handler, Unmapped);

        Assert.Equal(
            [DateTimeOffset.FromUnixTimeSeconds(1), DateTimeOffset.FromUnixTimeSeconds(2), Mapped.At],
            scrape.Samples.Select(sample => sample.Timestamp));
    }

    [Fact]
    public void Ends_a_scrape_with_too_many_series()
    {
        ScrapeLimitException error = Assert.Throws<ScrapeLimitException>(
            () => Mapped.Read("a 1\nb 2\nc 3\n", ComponentKind.Api, Unmapped with { MaxSeries = 2 }));

        Assert.Equal("MaxSeries", error.Limit);
        Assert.Equal(2, Mapped.Read("a 1\nb 2\n", ComponentKind.Api, Unmapped with { MaxSeries = 2 }).Samples.Count);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(int.MaxValue)]
    [InlineData(0)]
    public void Passes_over_lines_longer_than_the_limit(int window)
    {
        string text = $"a 1\nb{{x=\"{new string('y', 100_000)}\"}} 2\nc 3\n";

        Mapped scrape = Mapped.Read(text, ComponentKind.Api, Unmapped with { MaxLineLength = 1000 }, window: window);

        Assert.Equal(["a", "c"], scrape.Samples.Select(sample => sample.Name));
        ExpositionDefect defect = Assert.Single(scrape.Defects);
        Assert.Equal(2, defect.Line);
        Assert.Equal(("a line longer than 1000 bytes is skipped", DefectCause.LineTooLong), (defect.Reason, defect.Cause));
    }

    [Theory]
    [InlineData("labels")]
    [InlineData("unordered labels")]
    [InlineData("escapes")]
    public void Stops_inside_a_line_too(string kind)
    {
        string labels = kind switch
        {
            "labels" => string.Join(',', Enumerable.Range(10_000, 9_000).Select(i => $"a{i}=\"\"")),
            "unordered labels" => string.Join(',', Enumerable.Range(10_000, 9_000).Select(i => $"a{30_000 - i}=\"\"")),
            _ => $"a=\"{string.Concat(Enumerable.Repeat(@"\\", 70_000))}\"",
        };
        byte[] line = Encoding.ASCII.GetBytes($"m{{{labels}}} 1\n");
        using CancellationTokenSource stop = new();

        ExpositionReader whole = new(line, isFinalBlock: false, maxLabels: int.MaxValue, cancellationToken: stop.Token);
        Assert.True(whole.Read());
        Assert.Equal(ExpositionToken.Sample, whole.Token);

        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => new ExpositionReader(line, isFinalBlock: false, maxLabels: int.MaxValue, cancellationToken: stop.Token).Read());
        using ScrapeReader reader = new(new TargetInfo { Target = "t", Component = ComponentKind.Api }, Unmapped, _ => { }, cancellationToken: stop.Token);
        line.CopyTo(reader.GetMemory(line.Length));
        Assert.Throws<OperationCanceledException>(() => reader.Advance(line.Length));
    }

    [Fact]
    public void Does_not_trust_the_last_line_of_a_body_that_broke_off()
    {
        List<MetricSample> samples = [];
        using ScrapeReader reader = new(new TargetInfo { Target = "t", Component = ComponentKind.Api }, Unmapped, samples.Add);
        byte[] bytes = Encoding.ASCII.GetBytes("a 1\nb 12");
        bytes.CopyTo(reader.GetMemory());
        reader.Advance(bytes.Length);

        reader.Complete(BodyEnd.Broken);

        Assert.Equal(["a"], samples.Select(sample => sample.Name));
    }

    [Fact]
    public void Rebuilds_nothing_from_a_body_that_broke_off()
    {
        List<MetricSample> samples = [];
        using ScrapeReader reader = new(new TargetInfo { Target = "t", Component = ComponentKind.Controller }, new MappingOptions(), samples.Add);
        byte[] bytes = Encoding.ASCII.GetBytes("kubevirt_vmi_info{name=\"a\",phase=\"running\"} 1\nkubevirt_vmi_in");
        bytes.CopyTo(reader.GetMemory());
        reader.Advance(bytes.Length);

        reader.Complete(BodyEnd.Broken);

        Assert.Equal(["kubevirt_controller.vmi.info"], samples.Select(sample => sample.Name));
    }

    [Fact]
    public void Reports_the_missing_end_of_an_OpenMetrics_scrape()
    {
        Mapped scrape = Mapped.Read("# TYPE a_seconds gauge\n# UNIT a_seconds seconds\na_seconds 1\n", ComponentKind.Api, Unmapped);

        Assert.Equal(ExpositionFormat.OpenMetrics, scrape.Summary.Format);
        Assert.Contains("# EOF", Assert.Single(scrape.Defects).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_body_is_no_samples()
    {
        Assert.Empty(Mapped.Read("").Samples);
        Assert.Empty(Mapped.Read("", window: 0).Samples);
    }
}
