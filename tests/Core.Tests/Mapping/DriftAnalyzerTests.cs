using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Mapping;
using Xunit;

namespace KubeVirtMonitor.Tests.Mapping;

public sealed class DriftAnalyzerTests
{
    [Theory]
    [InlineData(ComponentKind.Api, 19)]
    [InlineData(ComponentKind.Controller, 34)]
    [InlineData(ComponentKind.Handler, 45)]
    public void An_empty_scrape_of_any_version_lists_every_documented_metric_with_a_reason(ComponentKind component, int documented)
    {
        foreach (KubeVirtVersion? version in (KubeVirtVersion?[])[null, .. MetricCatalog.KnownVersions.Select(known => (KubeVirtVersion?)known)])
        {
            MetricDrift[] drift = [.. DriftAnalyzer.Compare(Scrape(component, version))];
            Assert.Equal(documented, drift.Count(item => item.Documented));
            Each.Of(drift, item =>
            {
                Assert.True(item.Status is DriftStatus.Missing or DriftStatus.NotInVersion or DriftStatus.NotOnEndpoint, item.ToString());
                Assert.Matches(@"^[A-Z].+[.?]$", item.Reason);
                Assert.Equal((component, version, 0), (item.Component, item.Version, item.Series));
                Assert.Equal("test", item.Target);
            });
        }
    }

    [Fact]
    public void What_is_promised_and_there_is_present()
    {
        MetricDrift drift = One("kubevirt_handler.vmi.network_receive_bytes.count", ComponentKind.Handler, "1.9.0", ("kubevirt_vmi_network_receive_bytes_total", "counter", 7));
        Assert.Equal((DriftStatus.Present, null, "counter", "counter", 7), (drift.Status, drift.Reason, drift.ExpectedType, drift.ActualType, drift.Series));
        Assert.Equal(("kubevirt_vmi_network_receive_bytes_total", true), (drift.RawName, drift.Documented));
    }

    [Fact]
    public void The_parts_of_a_histogram_are_three_metrics()
    {
        ScrapeSummary scrape = Scrape(ComponentKind.Controller, new KubeVirtVersion(1, 9),
            ("kubevirt_workqueue_work_duration_seconds_bucket", "histogram", 22), ("kubevirt_workqueue_work_duration_seconds_count", "histogram", 2));
        Dictionary<string, MetricDrift> drift = DriftAnalyzer.Compare(scrape).ToDictionary(item => item.Name);
        Assert.Equal((DriftStatus.Present, 22), (drift["kubevirt_controller.workqueue.work_duration_seconds.bucket"].Status, drift["kubevirt_controller.workqueue.work_duration_seconds.bucket"].Series));
        Assert.Equal(DriftStatus.Missing, drift["kubevirt_controller.workqueue.work_duration_seconds.sum"].Status);
        Assert.Equal("kubevirt_workqueue_work_duration_seconds", drift["kubevirt_controller.workqueue.work_duration_seconds.count"].RawName);
    }

    [Theory]
    [InlineData("gauge", "The scrape types it gauge; a counter is expected.")]
    [InlineData("untyped", "The scrape has no TYPE line for it; a counter is expected, and it is read as one.")]
    public void Another_type_is_named(string type, string reason)
    {
        MetricDrift drift = One("kubevirt_handler.vmi.cpu_usage_seconds.count", ComponentKind.Handler, "1.9.0", ("kubevirt_vmi_cpu_usage_seconds_total", type, 1));
        Assert.Equal((DriftStatus.TypeDiffers, reason, "counter", type), (drift.Status, drift.Reason, drift.ExpectedType, drift.ActualType));
    }

    [Fact]
    public void The_type_is_that_of_the_version()
    {
        MetricDrift drift = One("kubevirt_handler.vmi.cpu_usage_seconds.count", ComponentKind.Handler, "1.0.0", ("kubevirt_vmi_cpu_usage_seconds", "gauge", 1));
        Assert.Equal((DriftStatus.Present, null), (drift.Status, drift.Reason));
    }

    [Theory]
    [InlineData(ComponentKind.Api, "1.9.0", "kubevirt_api.can_connect", "health check")]
    [InlineData(ComponentKind.Api, null, "kubevirt_api.vm.count", "Kubernetes API")]
    [InlineData(ComponentKind.Handler, "1.2.2", "kubevirt_handler.can_connect", "health check")]
    public void What_no_endpoint_carries_says_where_it_comes_from(ComponentKind component, string? version, string name, string reason)
    {
        MetricDrift drift = One(name, component, version);
        Assert.Equal((DriftStatus.NotOnEndpoint, null), (drift.Status, drift.RawName));
        Assert.Contains(reason, drift.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kubevirt_handler.vmi.vcpu_delay_seconds.count", ComponentKind.Handler, "1.0.1", "KubeVirt 1.1.0 added it; the scrape is of 1.0.1.")]
    public void What_the_version_lacks_is_not_missing(string name, ComponentKind component, string version, string reason)
    {
        MetricDrift drift = One(name, component, version);
        Assert.Equal((DriftStatus.NotInVersion, reason), (drift.Status, drift.Reason));
    }

    [Theory]
    [InlineData("1.2.2", "rest_client_requests_total")]
    [InlineData("1.3.0", "kubevirt_rest_client_requests_total")]
    [InlineData(null, "kubevirt_rest_client_requests_total")]
    public void What_is_missing_names_the_family_expected(string? version, string rawName)
    {
        MetricDrift drift = One("kubevirt_api.rest.client_requests.count", ComponentKind.Api, version);
        Assert.Equal((DriftStatus.Missing, rawName, "counter", null), (drift.Status, drift.RawName, drift.ExpectedType, drift.ActualType));
    }

    [Fact]
    public void A_name_of_another_version_is_pointed_out()
    {
        MetricDrift drift = One("kubevirt_api.rest.client_requests.count", ComponentKind.Api, "1.9.0", ("rest_client_requests_total", "counter", 3));
        Assert.Equal(DriftStatus.Present, drift.Status);
        Assert.Equal("KubeVirt 1.9.0 names it kubevirt_rest_client_requests_total; the scrape has rest_client_requests_total, the name of another version.", drift.Reason);
    }

    [Fact]
    public void The_phase_count_is_present_where_it_can_be_counted()
    {
        const string Name = "kubevirt_controller.vmi.phase_count";
        MetricDrift counted = One(Name, ComponentKind.Controller, "1.9.0", ("kubevirt_vmi_info", "gauge", 10));
        Assert.Equal((DriftStatus.Present, "kubevirt_vmi_info", null), (counted.Status, counted.RawName, counted.Series));
        MetricDrift gone = One(Name, ComponentKind.Controller, "1.9.0");
        Assert.Equal((DriftStatus.Missing, "kubevirt_vmi_info"), (gone.Status, gone.RawName));
        Assert.Contains("recording rule", gone.Reason, StringComparison.Ordinal);
        MetricDrift old = One(Name, ComponentKind.Controller, "1.2.2");
        Assert.Equal((DriftStatus.Missing, "kubevirt_vmi_phase_count"), (old.Status, old.RawName));
        Assert.DoesNotContain("recording rule", old.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_swapped_name_counts_for_what_its_version_means()
    {
        (string, string, long) family = ("kubevirt_vmi_migration_memory_transfer_rate_bytes", "gauge", 1);
        Assert.Equal(DriftStatus.Present, One("kubevirt_handler.vmi.migration_disk_transfer_rate_bytes", ComponentKind.Handler, "1.1.0", family).Status);
        Assert.Equal(DriftStatus.Missing, One("kubevirt_handler.vmi.migration_memory_transfer_rate_bytes", ComponentKind.Handler, "1.1.0", family).Status);
        Assert.Equal(DriftStatus.Present, One("kubevirt_handler.vmi.migration_memory_transfer_rate_bytes", ComponentKind.Handler, "1.9.0", family).Status);
    }

    [Theory]
    [InlineData(ComponentKind.Handler, "kubevirt_info", "version of KubeVirt")]
    [InlineData(ComponentKind.Api, "kubevirt_vmi_info", "virt-controller serves it, virt-api does not")]
    [InlineData(ComponentKind.Handler, "kubevirt_vmi_cpu_usage_seconds_created", "OpenMetrics")]
    [InlineData(ComponentKind.Handler, "node_cpu_seconds_total", "The catalogue does not know it")]
    [InlineData(ComponentKind.Handler, "node_created", "The catalogue does not know it")]
    public void What_the_catalogue_does_not_know_is_listed_last(ComponentKind component, string sampleName, string reason)
    {
        IReadOnlyList<MetricDrift> drift = DriftAnalyzer.Compare(Scrape(component, new KubeVirtVersion(1, 9), (sampleName, "gauge", 4), ("process_open_fds", "gauge", 1)));
        MetricDrift last = drift[^1];
        Assert.Equal((sampleName, DriftStatus.Unmapped, "gauge", 4), (last.Name, last.Status, last.ActualType, last.Series));
        Assert.Contains(reason, last.Reason, StringComparison.Ordinal);
        Assert.Single(drift, item => item.Status == DriftStatus.Unmapped);
        Assert.Single(drift, item => item.Status == DriftStatus.Present);
    }

    [Fact]
    public void A_version_and_a_component_that_are_given_go_before_those_of_the_scrape()
    {
        ScrapeSummary scrape = Scrape(ComponentKind.Api, new KubeVirtVersion(1, 9));
        MetricDrift drift = Assert.Single(DriftAnalyzer.Compare(scrape, new KubeVirtVersion(1, 0), ComponentKind.Handler), item => item.Name == "kubevirt_handler.vmi.vcpu_delay_seconds.count");
        Assert.Equal((DriftStatus.NotInVersion, new KubeVirtVersion(1, 0), ComponentKind.Handler), (drift.Status, drift.Version, drift.Component));
    }

    [Fact]
    public void An_unknown_component_is_asked_for()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => DriftAnalyzer.Compare(new ScrapeSummary { Target = "test" }));
        Assert.StartsWith("The component that 'test' comes from is neither specified nor recognised from its content.", e.Message, StringComparison.Ordinal);
    }

    internal static MetricDrift One(string name, ComponentKind component, string? version, params (string SampleName, string Type, long Series)[] families) =>
        Assert.Single(DriftAnalyzer.Compare(Scrape(component, version is null ? null : KubeVirtVersion.Parse(version), families)), item => item.Name == name);

    internal static ScrapeSummary Scrape(ComponentKind component, KubeVirtVersion? version, params (string SampleName, string Type, long Series)[] families) => new()
    {
        Target = "test",
        Component = component,
        Version = version,
        VersionSource = version is null ? VersionSource.None : VersionSource.Scrape,
        Families = [.. families.Select(family => new FamilyObservation(family.SampleName, family.SampleName, family.Type, family.Series, null))],
    };
}
